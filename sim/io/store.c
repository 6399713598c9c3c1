// Life of a results file: made in memory by HDF5, written to a temporary name beside the target, synced, renamed.
//
// HDF5 never touches the disk here (its core driver keeps the file in memory): a full disk is then an ordinary failed
// write with a plain message, where the library would report it late, at close, and leave handles that cannot be freed.
#include "io/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store_internal.h"

enum { PATH_BYTES = 4096, GROW_BYTES = 1024 * 1024, WRITE_BYTES = 1024 * 1024 };

// The temporary file of the write in progress; only one at a time. Read by store_abandon in signal handlers.
static char pending_path[PATH_BYTES];
static volatile sig_atomic_t pending;

void store_abandon(void) {
    if (pending) {
        pending = 0;
        (void)unlink(pending_path);
    }
}

// Folder part of path: "." if it has none.
static err_code folder_of(const char *path, char folder[PATH_BYTES]) {
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    CHECK(length < PATH_BYTES, ERR_FILE, "%.60s...: the path is too long", path);
    memcpy(folder, slash == NULL ? "." : path, length);
    folder[length] = '\0';
    return ERR_OK;
}

// Creates the temporary file and leaves it pending.
static err_code open_temporary(const char *path, int *fd) {
    char name[PATH_BYTES];
    int length = snprintf(name, sizeof name, "%s.tmp-%ld", path, (long)getpid());
    CHECK(length > 0 && length < PATH_BYTES, ERR_FILE, "%.60s...: the path is too long", path);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    *fd = open(name, flags, 0666);
    if (*fd < 0 && errno == EEXIST && unlink(name) == 0) {  // left by a killed process that had the same number
        *fd = open(name, flags, 0666);
    }
    CHECK(*fd >= 0, ERR_FILE, "%s: cannot write here (%s); choose another place with -o", path, strerror(errno));
    memcpy(pending_path, name, (size_t)length + 1);
    pending = 1;
    return ERR_OK;
}

static bool is_hdf5(const char *path) {
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t count = read(fd, start, sizeof start);
    (void)close(fd);
    return count == (ssize_t)sizeof start && memcmp(start, signature, sizeof start) == 0;
}

// What stands at path now may be replaced: nothing, an empty file, or an HDF5 file.
static err_code check_target(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0) {
        CHECK(errno == ENOENT, ERR_FILE, "%s: cannot write here (%s); choose another place with -o", path,
              strerror(errno));
        return ERR_OK;
    }
    CHECK(!S_ISDIR(st.st_mode), ERR_FILE, "%s: is a folder; name a file in it, such as %s/results.h5", path, path);
    CHECK(S_ISREG(st.st_mode), ERR_FILE, "%s: is not a regular file; choose another name with -o", path);
    CHECK(access(path, W_OK) == 0, ERR_FILE, "%s: exists and is write-protected; choose another name with -o", path);
    CHECK(st.st_size == 0 || is_hdf5(path), ERR_FILE,
          "%s: exists and is not a results file, so it is not overwritten; choose another name with -o", path);
    return ERR_OK;
}

err_code store_check_writable(const char *path) {
    CHECK(path != NULL && path[0] != '\0', ERR_USAGE, "the name of the results file is empty");
    CHECK(path[strlen(path) - 1] != '/', ERR_FILE, "%s: names a folder; name a file in it, such as %sresults.h5", path,
          path);
    char folder[PATH_BYTES];
    TRY(folder_of(path, folder));
    struct stat st;
    CHECK(stat(folder, &st) == 0, ERR_FILE, "%s: cannot write here: folder %s: %s; make it with: mkdir -p '%s'", path,
          folder, strerror(errno), folder);
    CHECK(S_ISDIR(st.st_mode), ERR_FILE, "%s: cannot write here: %s is not a folder", path, folder);
    TRY(check_target(path));
    int fd = -1;
    TRY(open_temporary(path, &fd));
    (void)close(fd);
    store_abandon();
    return ERR_OK;
}

static err_code write_all(int fd, const char *path, const unsigned char *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        TRY(log_check_interrupt());
        size_t part = count - done < WRITE_BYTES ? count - done : WRITE_BYTES;
        ssize_t written = write(fd, bytes + done, part);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        CHECK(written > 0, ERR_FILE,
              "%s: writing failed after %zu of %zu bytes (%s); free some room or choose another "
              "place with -o",
              path, done, count, written < 0 ? strerror(errno) : "nothing was written");
        done += (size_t)written;
    }
    CHECK(fsync(fd) == 0, ERR_FILE, "%s: writing failed (%s); free some room or choose another place with -o", path,
          strerror(errno));
    return ERR_OK;
}

// Makes the rename itself durable. Not every file system can do it: no error then, the data are safe already.
static void sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

static err_code place_file(const char *path, const unsigned char *bytes, size_t count) {
    char folder[PATH_BYTES];
    TRY(folder_of(path, folder));
    int fd = -1;
    TRY(open_temporary(path, &fd));
    err_code code = write_all(fd, path, bytes, count);
    if (close(fd) != 0 && code == ERR_OK) {
        code = err_raise(ERR_FILE, "%s: writing failed (%s)", path, strerror(errno));
    }
    if (code == ERR_OK) {
        code = log_check_interrupt();
    }
    if (code == ERR_OK && rename(pending_path, path) != 0) {
        code = err_raise(ERR_FILE, "%s: cannot give the finished file its name (%s)", path, strerror(errno));
    }
    if (code != ERR_OK) {
        store_abandon();
        return code;
    }
    pending = 0;
    sync_folder(folder);
    return ERR_OK;
}

// The file in memory, as HDF5's core driver leaves it at close. (H5Fget_file_image cannot be used: HDF5 1.10 clears a
// flag in the copy without renewing the checksum, and the copy cannot be opened.) Static, because the library may call
// back at exit for a file that it failed to close.
static struct image {
    unsigned char *bytes;
    size_t room;
    bool out_of_memory;
} image;

// Grows by doubling: HDF5 asks for a little more each time.
static void *image_realloc(void *old, size_t size, H5FD_file_image_op_t op, void *user) {
    struct image *kept = user;
    (void)op;
    if (old != NULL && size <= kept->room) {
        return old;
    }
    size_t room = old != NULL && size < 2 * kept->room ? 2 * kept->room : size;
    unsigned char *bytes = mem_grow(old, old == NULL ? 0 : kept->room, room);
    kept->out_of_memory = kept->out_of_memory || bytes == NULL;
    kept->room = bytes == NULL ? kept->room : room;
    return bytes;
}

static herr_t image_free(void *bytes, H5FD_file_image_op_t op, void *user) {
    struct image *kept = user;
    if (op == H5FD_FILE_IMAGE_OP_FILE_CLOSE) {
        kept->bytes = bytes;  // ours from here on
    } else {
        mem_free(bytes);
    }
    return 0;
}

static void *image_user_copy(void *user) {
    return user;
}

static herr_t image_user_free(void *user) {
    (void)user;
    return 0;
}

// An empty file in memory. The name is one that cannot exist: the core driver would read an existing file first.
static hid_t create_in_memory(void) {
    H5FD_file_image_callbacks_t callbacks = {.image_realloc = image_realloc,
                                             .image_free = image_free,
                                             .udata_copy = image_user_copy,
                                             .udata_free = image_user_free,
                                             .udata = &image};
    image = (struct image){0};
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    hid_t fcpl = store_fcpl();
    hid_t file = -1;
    if (fapl >= 0 && fcpl >= 0 && H5Pset_fapl_core(fapl, GROW_BYTES, 0) >= 0 &&
        H5Pset_file_image_callbacks(fapl, &callbacks) >= 0 &&
        H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_V110) >= 0) {
        file = H5Fcreate("/dev/null/in-memory", H5F_ACC_TRUNC, fcpl, fapl);
    }
    H5Pclose(fcpl);
    H5Pclose(fapl);
    return file;
}

// Bytes of the file in the image: the end-of-file address of its superblock (HDF5 File Format 3.0, II.A.2: version 2
// or 3, byte 28, little-endian). 0 when the image is not as expected.
static size_t image_size(void) {
    enum { VERSION_AT = 8, END_AT = 28 };
    size_t size = 0;
    if (image.bytes == NULL || image.room < 48 || image.bytes[VERSION_AT] < 2) {
        return 0;
    }
    for (int i = 7; i >= 0; i--) {
        size = size << 8 | image.bytes[END_AT + i];
    }
    return size <= image.room ? size : 0;
}

static err_code make_image(const result *r) {
    store_silence();
    hid_t file = create_in_memory();
    err_code code = file < 0 ? store_raise(ERR_INTERNAL, "create", "the results file") : store_schema_write(file, r);
    if (file >= 0 && H5Fclose(file) < 0 && code == ERR_OK) {
        code = store_raise(ERR_INTERNAL, "close", "the results file");
    }
    if (image.out_of_memory) {  // the cause, whatever HDF5 made of it
        return err_raise(ERR_MEMORY, "out of memory while the results file was made");
    }
    if (code == ERR_OK && image_size() == 0) {
        code = err_raise(ERR_INTERNAL, "HDF5 left no file in memory");
    }
    return code;
}

err_code store_write(const char *path, const result *r) {
    TRY(store_check_writable(path));
    err_code code = make_image(r);
    if (code == ERR_OK) {
        code = place_file(path, image.bytes, image_size());
    }
    mem_free(image.bytes);
    image = (struct image){0};
    return code;
}
