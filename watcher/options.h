// SPDX-License-Identifier: MIT
//
// The command line of dropmilld.
#ifndef DM_WATCHER_OPTIONS_H
#define DM_WATCHER_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

/** What the command line says; gboolean because GOption writes them. */
struct dm_options {
    // (nullable)
    char *share;
    // (nullable)
    char *config;
    gboolean check_config;
    gboolean print_config;
    gboolean moved;
    gboolean version;
    gboolean help;
};

/**
 * Read the command line into @options, which is all zero before; what only prints (help, version)
 * is printed here. Errors: those of GOption.
 */
bool dm_options_parse(struct dm_options *options, int *argc, char ***argv, GError **error);

/** Say whether all that was asked for is printed. */
bool dm_options_are_done(const struct dm_options *options);

/** Free what is in @options. */
void dm_options_clear(struct dm_options *options);

#endif
