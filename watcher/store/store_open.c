// SPDX-License-Identifier: MIT
//
// See store_open.h. The stores are in a module of their own, because what they stand on (libcurl
// with thirty libraries behind it) costs 4 ms and 6 MB, and most who start a program of ours name
// none. The module lies beside the program, or where the worker lies: the program's run path says
// so.
#include "watcher/store/store_open.h"

#include "common/error.h"
#include "watcher/store/store_dir.h"
#include "watcher/store/store_s3.h"

#include <dlfcn.h>
#include <sys/resource.h>

#define MODULE "dropmill-store.so"

bool dm_store_is_named(const struct dm_store_settings *settings) {
    return *settings->bucket != '\0' || *settings->directory != '\0';
}

/** Find @function in the module, which stays loaded. Returns NULL and an error if it is not there.
 */
static void *find(const char *function, GError **error) {
    void *module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
    void *found = module != NULL ? dlsym(module, function) : NULL;
    if (found == NULL) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): of this thread
        dm_fail(error, DM_ERROR_SYSTEM, "cannot load the stores: %s", dlerror());
    }
    return found;
}

/** Who opens a store may know a secret, which is not to lie about in a core. */
static void leave_no_core(void) {
    const struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none);
}

struct dm_store *dm_store_open(const struct dm_store_settings *settings, GError **error) {
    if (*settings->bucket != '\0' && *settings->directory != '\0') {
        dm_fail(error, DM_ERROR_CONFIG,
                "s3.bucket '%s' and s3.directory '%s' are both set, expected one", settings->bucket,
                settings->directory);
        return NULL;
    }
    leave_no_core();
    if (*settings->directory != '\0') {
        __typeof__(dm_store_dir_new) *open_dir;
        *(void **)&open_dir = find("dm_store_dir_new", error);
        return open_dir != NULL ? open_dir(settings->directory) : NULL;
    }
    __typeof__(dm_store_s3_new) *open_s3;
    *(void **)&open_s3 = find("dm_store_s3_new", error);
    return open_s3 != NULL ? open_s3(settings, NULL, error) : NULL;
}
