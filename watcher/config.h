// SPDX-License-Identifier: MIT
//
// The configuration: one table of keys in config_keys.c (name, type, default as text, unit,
// sentence) drives reading, checking, --print-config, the sample file's test and the man page's
// test. Adding a setting: a row there, a member in the settings of the room that obeys it (here
// only if no room does), its line in conf/dropmill.conf.
#ifndef DM_WATCHER_CONFIG_H
#define DM_WATCHER_CONFIG_H

#include "watcher/engine/settings.h"
#include "watcher/inbox/inbox.h"
#include "watcher/outbox/outbox.h"
#include "watcher/units.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DM_CONFIG_PATH "/etc/dropmill/dropmill.conf"

struct dm_config {
    // "" if not configured.
    char *share;
    char *state_dir;
    char *runtime_dir;
    char *log_level;

    // Groups "inbox" and "folders".
    struct dm_inbox_settings inbox;
    // Groups "engine" and "limits".
    struct dm_engine_settings engine;
    // Groups "outbox" and "originals".
    struct dm_outbox_settings outbox;
    struct {
        char *background;
    } output;
    struct {
        int64_t keep_us;
    } history;
    // Name -> text, both char *.
    GHashTable *recipes;
    // Name -> absolute path, both char *.
    GHashTable *watermarks;

    // What dropmill-worker is told of all this; NULL-terminated.
    char **worker_args;
};

/**
 * Read the defaults, then @path.
 *
 * @path        (nullable) NULL: DM_CONFIG_PATH if there is such a file, else the defaults alone.
 * Returns the configuration, or NULL when there was any mistake; @error: DM_ERROR_CONFIG, all
 * mistakes joined by newlines.
 */
struct dm_config *dm_config_load(const char *path, GError **error);
void dm_config_free(struct dm_config *config);

/** The effective configuration as a file that dm_config_load() reads back; (transfer full). */
char *dm_config_print(const struct dm_config *config);

/**
 * Walk the table: the dotted name, default (as it is written in the file: "1s" with its quotes, 64,
 * [ ]) and sentence of each key; false past the end.
 */
bool dm_config_key(size_t index, const char **ret_name, const char **ret_default,
                   const char **ret_doc);

#endif
