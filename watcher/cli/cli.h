// SPDX-License-Identifier: MIT
//
// What every command of `dropmill` has in common: the shape of a command, the options that stand
// everywhere, and the things that commands look up (configuration, share, ledger, catalogue), each
// read when it is first asked for. Next: dropmill.c (the table of commands), output.h, json.h.
#ifndef DM_WATCHER_CLI_CLI_H
#define DM_WATCHER_CLI_CLI_H

#include "common/catalogue.h"
#include "watcher/config.h"
#include "watcher/ledger/ledger.h"
#include "watcher/places.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** One invocation. */
struct dm_cli {
    // Global options; gboolean because GOption writes them.
    char *share_option;
    char *config_option;
    gboolean json, quiet, help, version;

    // Looked up once, owned; reach them by the functions below.
    struct dm_config *config;
    // (nullable) What is wrong with it, if places were found by what is good of it.
    char *mistakes;
    struct dm_places *places;
    struct dm_ledger *ledger;
    struct dm_catalogue *catalogue;
    char *worker;
};

/** A command: one to a cmd_<name>.c, and one line in dropmill.c. */
struct dm_command {
    const char *name;
    // What stands behind the name: "[--all] [PATH...]".
    const char *usage;
    // One line without a full stop.
    const char *summary;
    // More, in lines of at most 80 characters, each ended; "" if none.
    const char *help;
    // Ends with an empty entry; values are file-local statics.
    const GOptionEntry *options;
    /** @arguments: what is left after the options. Returns an exit code of sysexits(3). */
    int (*run)(struct dm_cli *cli, char **arguments);
};

/**
 * Look up, reporting failure in @error. All results are borrowed from @cli. A configuration with a
 * mistake is an error for all but places: a daemon that runs has an older one and can be asked.
 */
const struct dm_config *dm_cli_config(struct dm_cli *cli, GError **error);
const struct dm_places *dm_cli_places(struct dm_cli *cli, GError **error);
const struct dm_catalogue *dm_cli_catalogue(struct dm_cli *cli, GError **error);
const char *dm_cli_worker(struct dm_cli *cli, GError **error);

/**
 * Open the share's ledger to read. A share whose daemon never ran has none: then NULL without
 * @error.
 */
bool dm_cli_ledger(struct dm_cli *cli, struct dm_ledger **ret_ledger, GError **error);

/** What the share's daemon tells of itself, see dm_status_read(); NULL when it does not answer. */
GHashTable *dm_cli_ask_daemon(const struct dm_places *places);

/**
 * Why the share is away, by its daemon's word (@live, nullable) or because we cannot read its
 * identity; NULL when it is not. (transfer full)
 */
char *dm_cli_share_problem(const struct dm_places *places, GHashTable *live);

/**
 * Who watches the share without answering us: another user's daemon has its ledger and its control
 * socket elsewhere. The name (transfer full), "" if unknown; NULL if nobody or ours. @ret_pid:
 * (nullable).
 */
char *dm_cli_stranger(const struct dm_places *places, int64_t *ret_pid);

/** Say on stderr that another user's daemon watches the share, if so: what we list is not its. */
bool dm_cli_warn_stranger(const struct dm_places *places);

/** As dm_cli_fail(), when the daemon could not be asked: if it is another user's, that is why. */
int dm_cli_fail_to_ask(const struct dm_places *places, GError *error);

/** Free what was looked up, and the options. */
void dm_cli_clear(struct dm_cli *cli);

/** Say "dropmill: <message>" on stderr, free @error, and return the exit code that goes with it. */
int dm_cli_fail(GError *error);

/** Say "dropmill: <message>" on stderr and return @exit_code. */
int dm_cli_say(int exit_code, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** All that this process has said to people so far, one a line; "" if nothing. Borrowed. */
const char *dm_cli_said(void);

/** A wrong command line: say so, name the help, and return EX_USAGE. */
int dm_cli_usage(const struct dm_command *command, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * Where @argument is below one of the share's rooms (inbox/, failed/, ...): it may be a path of the
 * file system inside the share, a path within the share ("failed/blur-5/a.jpg"), or one within the
 * room
 * ("blur-5/a.jpg"). Which room is left to the command. (transfer full); "" is a whole room.
 * Errors: DM_ERROR_INPUT when it lies outside the share.
 */
char *dm_cli_room_path(const struct dm_places *places, const char *argument, GError **error);

#endif
