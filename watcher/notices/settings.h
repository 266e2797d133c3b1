// SPDX-License-Identifier: MIT
//
// What can be configured of notices. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c). Texts are never NULL.
#ifndef DM_WATCHER_NOTICES_SETTINGS_H
#define DM_WATCHER_NOTICES_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/** What an administrator chooses: the keys hooks.*, see config_keys.c. */
struct dm_notices_settings {
    // Which are wanted.
    bool done, failed, trouble;
    // A program, by its absolute path; "": none.
    char *exec;
    // "http://..." or "https://...", a secret; "": none.
    char *webhook;
    // Who signs its certificate; "": the system's.
    char *ca_file;
    // A drop has ended when nothing has come or ended for so long.
    int64_t idle_us;
    // What is wrong is told when it has lasted for so long, and so is its end.
    int64_t trouble_after_us;
    // A program or a request may take so long.
    int64_t timeout_us;
    // What fails is tried again for so long.
    int64_t retry_us;
};

#endif
