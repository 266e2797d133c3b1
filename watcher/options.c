// SPDX-License-Identifier: MIT
//
// See options.h.
#include "watcher/options.h"

#include "watcher/config.h"
#include "watcher/config_files.h"

#include <stdio.h>

/** GLib's dots are no ASCII, and become a question mark in many a terminal. */
static void print_help(GOptionContext *context) {
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
    g_auto(GStrv) parts = g_strsplit(help, "\xe2\x80\xa6", -1);
    g_autofree char *plain = g_strjoinv("...", parts);
    fputs(plain, stdout);
}

bool dm_options_parse(struct dm_options *options, int *argc, char ***argv, GError **error) {
    const GOptionEntry entries[] = {
        {"share", 's', 0, G_OPTION_ARG_FILENAME, &options->share, "The share to watch", "DIR"},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config,
         "Configuration (" DM_CONFIG_PATH " if there is one)", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config,
         "Check the configuration and its recipes, then exit", NULL},
        {"print-config", 0, 0, G_OPTION_ARG_NONE, &options->print_config,
         "Print the configuration in effect, then exit", NULL},
        {"moved", 0, 0, G_OPTION_ARG_NONE, &options->moved,
         "Take a share that was moved or restored for the one that it was", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version, then exit",
         NULL},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &options->help, "Print this, then exit", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context, "Watches a share and processes the images that are dropped into it.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (options->help) {
        print_help(context);
    } else if (options->version) {
        puts("dropmilld " DM_VERSION);
    }
    if (*argc > 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "unexpected argument: '%s', see dropmilld --help", (*argv)[1]);
        return false;
    }
    return true;
}

bool dm_options_are_done(const struct dm_options *options) {
    return options->help || options->version;
}

void dm_options_clear(struct dm_options *options) {
    g_free(options->share);
    g_free(options->config);
}
