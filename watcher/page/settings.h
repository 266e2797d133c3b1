// SPDX-License-Identifier: MIT
//
// What can be configured of the page. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c). Texts are never NULL.
#ifndef DM_WATCHER_PAGE_SETTINGS_H
#define DM_WATCHER_PAGE_SETTINGS_H

#include <stdint.h>

/** What an administrator chooses: the keys page.*, see config_keys.c. */
struct dm_page_settings {
    // "ADDRESS:PORT"; "": none.
    char *listen;
    // Of a UNIX socket; "": in the runtime directory.
    char *socket;
    // "none", "token", "proxy".
    char *auth;
    char *token_file;
    // NULL-terminated.
    char **admins, **proxies, **hosts;
    char *state_dir;
    // A drop may have so much.
    int64_t max_drop_files, max_drop_bytes;
    // So much must stay free on the share.
    int64_t min_free_bytes;
};

#endif
