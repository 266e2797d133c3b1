// SPDX-License-Identifier: MIT
//
// See http.h. The module lies where that of the stores does.
#include "watcher/http/http.h"

#include "common/error.h"

#include <dlfcn.h>
#include <sys/resource.h>

#define MODULE "dropmill-http.so"

const struct dm_http_calls *dm_http_open(GError **error) {
    const struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none);
    void *module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
    const struct dm_http_calls *calls = module != NULL ? dlsym(module, "dm_http_module") : NULL;
    if (calls == NULL) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): of this thread
        dm_fail(error, DM_ERROR_SYSTEM, "cannot load what speaks HTTP: %s", dlerror());
    }
    return calls;
}
