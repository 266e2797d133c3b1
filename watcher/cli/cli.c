// SPDX-License-Identifier: MIT
//
// What every command has in common: looking things up, saying what is wrong, understanding paths.
#include "watcher/cli/cli.h"

#include "common/error.h"
#include "common/path.h"
#include "watcher/control.h"
#include "watcher/share/lock.h"
#include "watcher/status.h"
#include "watcher/worker_program.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

// What people were told, for those who read JSON.
static GString *said;

const struct dm_config *dm_cli_config(struct dm_cli *cli, GError **error) {
    if (cli->mistakes != NULL) {
        dm_fail(error, DM_ERROR_CONFIG, "%s", cli->mistakes);
        return NULL;
    }
    if (cli->config != NULL) {
        return cli->config;
    }
    struct dm_config *config = dm_config_load(cli->config_option, error);
    if (config == NULL ||
        !dm_config_take_option(config, "share", cli->share_option, "--share", error)) {
        dm_config_free(config);
        return NULL;
    }
    for (guint i = 0; i < config->warnings->len; i++) {
        dm_cli_say(EX_OK, "%s", (const char *)config->warnings->pdata[i]);
    }
    cli->config = config;
    return config;
}

/**
 * While the share is away, or another file system is in its place, its daemon still knows it, and
 * so do we by what it has left in the state directory. If that daemon answers, nothing on the share
 * is touched, which may hang.
 */
static struct dm_places *find_places(const struct dm_cli *cli, GError **error) {
    struct dm_places *known = dm_places_recall(cli->config);
    g_autofree char *answer = known != NULL ? dm_control_ask(known->control, "status", NULL) : NULL;
    if (answer != NULL) {
        return known;
    }
    g_autoptr(GError) why = NULL;
    struct dm_places *found = dm_places_find(cli->config, &why);
    if (found != NULL) {
        dm_places_free(known);
        return found;
    }
    if (known != NULL) {
        known->away = g_strdup(why->message);
        return known;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
}

/** Where a daemon answers by what is good of the configuration; NULL: nowhere. */
static struct dm_places *find_running(struct dm_cli *cli) {
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    cli->config = dm_config_read(cli->config_option, mistakes);
    bool taken = dm_config_take_option(cli->config, "share", cli->share_option, "--share", NULL);
    struct dm_places *places = taken ? find_places(cli, NULL) : NULL;
    g_autofree char *answer =
        places != NULL ? dm_control_ask(places->control, "status", NULL) : NULL;
    if (answer == NULL) {
        dm_places_free(places);
        dm_config_free(g_steal_pointer(&cli->config));
        return NULL;
    }
    return places;
}

const struct dm_places *dm_cli_places(struct dm_cli *cli, GError **error) {
    g_autoptr(GError) mistakes = NULL;
    if (cli->places != NULL) {
        return cli->places;
    }
    if (dm_cli_config(cli, &mistakes) != NULL) {
        cli->places = find_places(cli, error);
    } else if ((cli->places = find_running(cli)) != NULL) {
        cli->mistakes = g_strdup(mistakes->message);
        dm_cli_say(EX_OK, "%s", cli->mistakes);
        dm_cli_say(EX_OK, "the daemon that runs is asked all the same");
    } else {
        g_propagate_error(error, g_steal_pointer(&mistakes));
    }
    return cli->places;
}

char *dm_cli_share_problem(const struct dm_places *places, GHashTable *live) {
    const char *online = live != NULL ? g_hash_table_lookup(live, "share.online") : NULL;
    if (online != NULL && strcmp(online, "0") == 0) {
        return g_strdup(g_hash_table_lookup(live, "share.problem"));
    }
    return g_strdup(places->away);
}

GHashTable *dm_cli_ask_daemon(const struct dm_places *places) {
    g_autofree char *answer = dm_control_ask(places->control, "status", NULL);
    return answer != NULL ? dm_status_read(answer) : NULL;
}

const char *dm_cli_worker(struct dm_cli *cli, GError **error) {
    if (cli->worker == NULL && dm_cli_config(cli, error) != NULL) {
        cli->worker = dm_find_worker(cli->config, error);
    }
    return cli->worker;
}

const struct dm_catalogue *dm_cli_catalogue(struct dm_cli *cli, GError **error) {
    if (cli->catalogue == NULL && dm_cli_worker(cli, error) != NULL) {
        cli->catalogue =
            dm_read_catalogue(cli->worker, (const char *const *)cli->config->worker_args, error);
    }
    return cli->catalogue;
}

bool dm_cli_ledger(struct dm_cli *cli, struct dm_ledger **ret_ledger, GError **error) {
    if (dm_cli_places(cli, error) == NULL) {
        return false;
    }
    if (cli->ledger == NULL && g_file_test(cli->places->ledger, G_FILE_TEST_EXISTS)) {
        cli->ledger = dm_ledger_open(cli->places->ledger, true, error);
        if (cli->ledger == NULL) {
            return false;
        }
    }
    *ret_ledger = cli->ledger;
    return true;
}

char *dm_cli_stranger(const struct dm_places *places, int64_t *ret_pid) {
    int64_t pid = 0;
    g_autofree char *answer = dm_control_ask(places->control, "status", NULL);
    char *user = answer == NULL ? dm_share_lock_holder(places->share, &pid) : NULL;
    if (user != NULL && ret_pid != NULL) {
        *ret_pid = pid;
    }
    return user;
}

/** The same, if it is known and not us. */
static char *other_user(const struct dm_places *places) {
    char *user = dm_cli_stranger(places, NULL);
    if (user != NULL && (*user == '\0' || strcmp(user, g_get_user_name()) == 0)) {
        g_clear_pointer(&user, g_free);
    }
    return user;
}

bool dm_cli_warn_stranger(const struct dm_places *places) {
    g_autofree char *user = other_user(places);
    if (user != NULL) {
        dm_cli_say(EX_OK, "the share is watched by user %s, whose ledger this is not", user);
    }
    return user != NULL;
}

int dm_cli_fail_to_ask(const struct dm_places *places, GError *error) {
    g_autofree char *user = other_user(places);
    if (user == NULL) {
        return dm_cli_fail(error);
    }
    g_error_free(error);
    return dm_cli_say(EX_NOPERM,
                      "the share is watched by user %s, who is to ask: sudo -u %s dropmill ...",
                      user, user);
}

void dm_cli_clear(struct dm_cli *cli) {
    dm_config_free(cli->config);
    dm_places_free(cli->places);
    dm_ledger_free(cli->ledger);
    dm_catalogue_free(cli->catalogue);
    g_free(cli->worker);
    g_free(cli->mistakes);
    g_free(cli->share_option);
    g_free(cli->config_option);
    if (said != NULL) {
        g_string_free(said, TRUE);
        said = NULL;
    }
}

static void remember(const char *message) {
    said = said != NULL ? said : g_string_new(NULL);
    g_string_append_printf(said, "%s%s", said->len > 0 ? "\n" : "", message);
}

const char *dm_cli_said(void) {
    return said != NULL ? said->str : "";
}

/** A message may have several lines (all mistakes of a configuration file); each gets the prefix.
 */
static void complain(const char *message) {
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
    remember(message);
    for (size_t i = 0; lines[i] != NULL; i++) {
        fprintf(stderr, "dropmill: %s\n", lines[i]);
    }
}

int dm_cli_fail(GError *error) {
    int exit_code = dm_error_exit_code(error);
    complain(error->message);
    g_error_free(error);
    return exit_code;
}

int dm_cli_say(int exit_code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    complain(message);
    return exit_code;
}

int dm_cli_usage(const struct dm_command *command, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    remember(message);
    fprintf(stderr, "dropmill %s: %s\nUsage: dropmill %s%s%s\n", command->name, message,
            command->name, *command->usage != '\0' ? " " : "", command->usage);
    return EX_USAGE;
}

/** What stands behind the first part of @path if that is a room of the share, else NULL. */
static const char *behind_room(const char *path) {
    static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_ORIGINALS,
                                        DM_DIR_FAILED};
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        size_t length = strlen(rooms[i]);
        if (strncmp(path, rooms[i], length) == 0 && (path[length] == '/' || !path[length])) {
            return path[length] ? path + length + 1 : path + length;
        }
    }
    return NULL;
}

/** What stands behind the share in an absolute path, else NULL. */
static const char *behind_share(const struct dm_places *places, const char *path) {
    size_t length = strlen(places->share);
    if (strncmp(path, places->share, length) != 0 || (path[length] != '/' && path[length])) {
        return NULL;
    }
    return path[length] ? path + length + 1 : path + length;
}

static char *without_dots(const char *path) {
    g_autofree char *absolute = g_canonicalize_filename(path, "/");
    return g_strdup(absolute + 1);
}

char *dm_cli_room_path(const struct dm_places *places, const char *argument, GError **error) {
    g_autofree char *relative = without_dots(argument);
    g_autofree char *here = g_canonicalize_filename(argument, NULL);
    const char *in_share = behind_share(places, here);
    const char *in_room = in_share != NULL ? behind_room(in_share) : NULL;
    if (in_room != NULL &&
        (g_path_is_absolute(argument) || g_file_test(here, G_FILE_TEST_EXISTS))) {
        return g_strdup(in_room);
    }
    if (g_path_is_absolute(argument)) {
        g_autofree char *shown = dm_path_display(argument);
        dm_fail(error, DM_ERROR_INPUT, "'%s' is not in the share '%s'", shown, places->share);
        return NULL;
    }
    in_room = behind_room(relative);
    return g_strdup(in_room != NULL ? in_room : relative);
}
