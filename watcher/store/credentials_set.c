// SPDX-License-Identifier: MIT
#include "watcher/store/credentials_set.h"

#include "watcher/store/sha256.h"

#include <string.h>

static void forget(char **secret) {
    if (*secret != NULL)
        dm_forget(*secret, strlen(*secret));
    g_clear_pointer(secret, g_free);
}

void dm_credentials_set_clear(struct dm_credentials_set *set) {
    g_clear_pointer(&set->access_key_id, g_free);
    forget(&set->secret_access_key);
    forget(&set->session_token);
    *set = (struct dm_credentials_set){0};
}

void dm_credentials_hints_clear(struct dm_credentials_hints *hints) {
    g_clear_pointer(&hints->access_key_id, g_free);
    forget(&hints->secret_access_key);
    forget(&hints->session_token);
    g_clear_pointer(&hints->profile, g_free);
    g_clear_pointer(&hints->region, g_free);
    for (char **e = hints->environment; e != NULL && *e != NULL; e++)
        dm_forget(*e, strlen(*e));
    g_clear_pointer(&hints->environment, g_strfreev);
}

const char *dm_credentials_variable(const struct dm_credentials_hints *hints, const char *name) {
    const char *value = g_environ_getenv(hints->environment, name);
    return value != NULL ? value : "";
}
