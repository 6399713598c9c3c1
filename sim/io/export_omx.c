#include "io/export_omx.h"

#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "store_internal.h"

enum { PATH_BYTES = 4096 };

static bool put_text(hid_t object, const char *name, const char *value) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(value) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t id = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = id >= 0 && H5Awrite(id, type, value) >= 0;
    H5Aclose(id);
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

static bool put_shape(hid_t file, uint32_t zones) {
    const int32_t shape[2] = {(int32_t)zones, (int32_t)zones};
    const hsize_t two = 2;
    hid_t space = H5Screate_simple(1, &two, NULL);
    hid_t id = H5Acreate2(file, "SHAPE", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = id >= 0 && H5Awrite(id, H5T_NATIVE_INT32, shape) >= 0;
    H5Aclose(id);
    H5Sclose(space);
    return ok;
}

// Always chunked: OMX's Python reader does not list what is not. No times of the clock.
static hid_t create(hid_t group, const char *name, hid_t type, int rank, const hsize_t *size) {
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plist, false);
    H5Pset_chunk(plist, rank, size);
    H5Pset_shuffle(plist);
    H5Pset_deflate(plist, 1);
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t id = H5Dcreate2(group, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(plist);
    return id;
}

static bool put_matrix(hid_t data, uint32_t zones, const export_omx_matrix *m) {
    const hsize_t size[2] = {zones, zones};
    hid_t id = create(data, m->name, H5T_IEEE_F64LE, 2, size);
    bool ok = id >= 0 && H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, m->value) >= 0 &&
              put_text(id, "units", m->unit) && put_text(id, "description", m->doc);
    H5Dclose(id);
    return ok;
}

static bool put_lookups(hid_t lookup, uint32_t zones, const char *const *zone_id) {
    const hsize_t size = zones;
    size_t width = 1;
    for (uint32_t i = 0; i < zones; i++) {
        width = strlen(zone_id[i]) > width ? strlen(zone_id[i]) : width;
    }
    int32_t *number = mem_alloc(zones * sizeof *number);
    char *texts = mem_alloc(zones * width);
    bool ok = number != NULL && texts != NULL;
    for (uint32_t i = 0; ok && i < zones; i++) {
        number[i] = (int32_t)i + 1;
        memset(texts + i * width, 0, width);
        memcpy(texts + i * width, zone_id[i], strlen(zone_id[i]));
    }
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, width);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    hid_t numbers = ok ? create(lookup, "zone_number", H5T_STD_I32LE, 1, &size) : -1;
    hid_t ids = ok ? create(lookup, "zone_id", type, 1, &size) : -1;
    ok = numbers >= 0 && ids >= 0 && H5Dwrite(numbers, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) >= 0 &&
         H5Dwrite(ids, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0;
    H5Dclose(ids);
    H5Dclose(numbers);
    H5Tclose(type);
    mem_free(texts);
    mem_free(number);
    return ok;
}

static hid_t make_group(hid_t file, const char *name) {
    hid_t plist = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(plist, false);
    hid_t id = H5Gcreate2(file, name, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Pclose(plist);
    return id;
}

static bool fill(hid_t file, uint32_t zones, const char *const *zone_id, const export_omx_matrix *matrix,
                 uint32_t count) {
    hid_t data = make_group(file, "data");
    hid_t lookup = make_group(file, "lookup");
    bool ok = data >= 0 && lookup >= 0 && put_text(file, "OMX_VERSION", "0.2") && put_shape(file, zones);
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = put_matrix(data, zones, &matrix[i]);
    }
    ok = ok && put_lookups(lookup, zones, zone_id);
    H5Gclose(lookup);
    H5Gclose(data);
    return ok;
}

err_code export_omx_save(const char *path, uint32_t zone_count, const char *const *zone_id,
                         const export_omx_matrix *matrix, uint32_t count) {
    char part[PATH_BYTES];
    CHECK(snprintf(part, sizeof part, "%s.part", path) < PATH_BYTES, ERR_FILE, "%.60s...: the path is too long", path);
    store_silence();
    hid_t fcpl = store_fcpl();
    hid_t file = H5Fcreate(part, H5F_ACC_TRUNC, fcpl, H5P_DEFAULT);
    H5Pclose(fcpl);
    if (file < 0) {
        return store_raise(ERR_FILE, "create", path);
    }
    err_code code = fill(file, zone_count, zone_id, matrix, count) ? ERR_OK : store_raise(ERR_FILE, "write", path);
    if (H5Fclose(file) < 0 && code == ERR_OK) {
        code = store_raise(ERR_FILE, "close", path);
    }
    if (code == ERR_OK && rename(part, path) != 0) {
        code = err_raise(ERR_FILE, "%s: cannot be written; is the disk full?", path);
    }
    if (code != ERR_OK) {
        (void)remove(part);
    }
    return code;
}
