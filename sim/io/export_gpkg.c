// Links as a GeoPackage through GDAL's C API (an optional component of the build): one feature a link and year.
#include <math.h>
#include <string.h>

#include "export_internal.h"

#ifdef VESTSIM_GDAL

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

bool export_has_gdal(void) {
    return true;
}

static err_code gdal_failed(const char *path) {
    const char *reason = CPLGetLastErrorMsg();
    return err_raise(ERR_FILE, "%s: cannot be written: %s", path, reason[0] == '\0' ? "GDAL gave no reason" : reason);
}

// EPSG 4326 with longitude first, or a plane of metres without a place on Earth.
static OGRSpatialReferenceH reference_of(const export_links *l) {
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (l->local) {
        OSRSetLocalCS(srs, "plane of the network");
        OSRSetLinearUnits(srs, "metre", 1.0);
    } else {
        OSRImportFromEPSG(srs, 4326);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    return srs;
}

static bool add_field(OGRLayerH layer, const char *name, OGRFieldType type) {
    OGRFieldDefnH field = OGR_Fld_Create(name, type);
    bool ok = OGR_L_CreateField(layer, field, TRUE) == OGRERR_NONE;
    OGR_Fld_Destroy(field);
    return ok;
}

// Fields, and what they mean as metadata of the layer (GDAL 3.6 has no comments on fields).
static bool add_fields(OGRLayerH layer, const export_links *l) {
    bool ok = add_field(layer, "year", OFTInteger);
    for (uint32_t c = 0; ok && c < l->column_count; c++) {
        const export_column *e = &l->column[c];
        char words[256];
        (void)snprintf(words, sizeof words, "%s [%s]", e->doc, e->unit);
        ok = add_field(layer, e->name,
                       e->words != NULL ? OFTString
                       : e->whole       ? OFTInteger
                                        : OFTReal) &&
             GDALSetMetadataItem((GDALMajorObjectH)layer, e->name, words, NULL) == CE_None;
    }
    return ok;
}

static bool add_feature(OGRLayerH layer, const export_links *l, int year, uint32_t row) {
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    OGR_F_SetFieldInteger(feature, 0, year);
    for (uint32_t c = 0; c < l->column_count; c++) {
        const export_column *e = &l->column[c];
        if (e->words != NULL) {
            OGR_F_SetFieldString(feature, (int)c + 1, e->words[row]);
        } else if (!isnan(e->number[row])) {
            OGR_F_SetFieldDouble(feature, (int)c + 1, e->number[row]);
        }
    }
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLineString);
    for (uint32_t p = l->point_first[row]; p < l->point_first[row + 1]; p++) {
        OGR_G_AddPoint_2D(line, l->xy[2 * (size_t)p], l->xy[2 * (size_t)p + 1]);
    }
    bool ok =
        OGR_F_SetGeometryDirectly(feature, line) == OGRERR_NONE && OGR_L_CreateFeature(layer, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return ok;
}

static err_code fill_layer(OGRLayerH layer, export_links *l, uint32_t first, uint32_t end, const char *path) {
    const store_summary *s = store_view_summary(l->v);
    if (!add_fields(layer, l)) {
        return gdal_failed(path);
    }
    for (uint32_t y = first; y < end; y++) {
        TRY(export_links_year(l, y));
        for (uint32_t i = 0; i < l->count; i++) {
            if (!add_feature(layer, l, s->year[y], i)) {
                return gdal_failed(path);
            }
        }
    }
    return ERR_OK;
}

static err_code write_file(export_links *l, uint32_t first, uint32_t end, const char *part, const char *path) {
    GDALDriverH driver = GDALGetDriverByName("GPKG");
    CHECK(driver != NULL, ERR_FILE, "%s: GDAL has no GeoPackage driver here; use --to geojson", path);
    (void)remove(part);  // GDAL would add to a file that a killed run left
    GDALDatasetH file = GDALCreate(driver, part, 0, 0, 0, GDT_Unknown, NULL);
    if (file == NULL) {
        return gdal_failed(path);
    }
    OGRSpatialReferenceH srs = reference_of(l);
    OGRLayerH layer = GDALDatasetCreateLayer(file, "links", srs, wkbLineString, NULL);
    OSRDestroySpatialReference(srs);
    err_code code = layer != NULL && GDALDatasetStartTransaction(file, FALSE) == OGRERR_NONE
                        ? fill_layer(layer, l, first, end, path)
                        : gdal_failed(path);
    if (code == ERR_OK && GDALDatasetCommitTransaction(file) != OGRERR_NONE) {
        code = gdal_failed(path);
    }
    CPLErrorReset();
    GDALClose(file);
    if (code == ERR_OK && CPLGetLastErrorType() >= CE_Failure) {
        code = gdal_failed(path);
    }
    return code;
}

err_code export_gpkg(const store_view *v, const export_options *o, arena *a) {
    static const char *const name[] = {"links.gpkg"};
    export_links l;
    export_files files;
    uint32_t first, end;
    const char *date;
    char stamp[64];
    TRY(export_years(v, o, &first, &end));
    TRY(export_links_open(v, a, &l));
    TRY(store_view_attribute(v, "/", "service_date", a, &date));
    TRY(export_files_open(&files, o, name, 1));
    // The day of the run in place of the clock: the same bytes every time.
    (void)snprintf(stamp, sizeof stamp, "%.10sT00:00:00.000Z", strlen(date) == 10 ? date : "2000-01-01");
    CPLSetConfigOption("OGR_CURRENT_DATE", stamp);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALAllRegister();
    err_code code = write_file(&l, first, end, files.part[0], files.path[0]);
    CPLPopErrorHandler();  // before GDAL forgets it
    GDALDestroyDriverManager();
    if (code == ERR_OK) {
        code = export_files_commit(&files);
    }
    export_files_abandon(&files);
    return code;
}

#else

bool export_has_gdal(void) {
    return false;
}

err_code export_gpkg(const store_view *v, const export_options *o, arena *a) {
    (void)v;
    (void)o;
    (void)a;
    return err_raise(ERR_USAGE,
                     "--to gpkg: this program was built without GDAL; install libgdal-dev, build again, or use --to "
                     "geojson, which QGIS opens as well");
}

#endif
