// SPDX-License-Identifier: MIT
//
// dropmill status: what is in the ledger, and what the daemon, if it runs, says of itself. Gathered
// here; what is made of it: status_facts.h.
#include "watcher/cli/commands.h"
#include "watcher/cli/status_facts.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/ledger/under_way.h"
#include "watcher/ledger/uploads.h"
#include "watcher/share/descriptor.h"
#include "watcher/status.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define WAITING_ASKED 1000 // of files that are not complete
#define UPLOADS_ASKED 10

static gboolean man_option;

static const GOptionEntry options[] = {
    {"man", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &man_option,
     "print what JSON has of the daemon as mdoc source, for dropmill-json(5)", NULL},
    {0},
};

/** What has the same reason stands together. */
static int compare_parked(const void *a, const void *b) {
    const struct dm_row *const *left = a;
    const struct dm_row *const *right = b;
    int order = strcmp(dm_status_why_parked(*left), dm_status_why_parked(*right));
    return order != 0 ? order : strcmp((*left)->path, (*right)->path);
}

/** Files that have said for a moment what they wait for: the oldest. */
static GPtrArray *list_waiting(struct dm_ledger *ledger) {
    const struct dm_query seen = {.states = 1u << DM_STATE_SEEN, .limit = WAITING_ASKED};
    GPtrArray *rows = dm_ledger_list(ledger, &seen);
    for (guint i = rows->len; i > 0; i--) {
        const struct dm_row *row = g_ptr_array_index(rows, i - 1);
        if (*row->message == '\0') {
            g_ptr_array_remove_index(rows, i - 1);
        }
    }
    g_ptr_array_sort(rows, compare_parked);
    return rows;
}

static void read_ledger(struct dm_status_facts *status, struct dm_ledger *ledger) {
    static const struct dm_query parked = {.states = 1u << DM_STATE_PARKED};
    status->parked = ledger != NULL ? dm_ledger_list(ledger, &parked) : g_ptr_array_new();
    status->waiting = ledger != NULL ? list_waiting(ledger) : g_ptr_array_new();
    status->problems = ledger != NULL ? dm_ledger_folder_problems(ledger) : g_ptr_array_new();
    status->uploads =
        ledger != NULL ? dm_ledger_parked_uploads(ledger, UPLOADS_ASKED) : g_ptr_array_new();
    status->work = ledger != NULL ? dm_ledger_under_way(ledger) : g_ptr_array_new();
    status->now_utc_us = g_get_real_time();
    g_ptr_array_sort(status->parked, compare_parked);
    if (ledger != NULL) {
        dm_ledger_count(ledger, status->counts);
    }
}

static void show(struct dm_status_facts *status, struct dm_ledger *ledger, bool as_json) {
    read_ledger(status, ledger);
    status->wrongs = dm_status_wrongs(status);
    if (as_json) {
        dm_status_write_json(status);
    } else {
        dm_status_print_words(status);
    }
    g_ptr_array_unref(status->wrongs);
    g_ptr_array_unref(status->work);
    g_ptr_array_unref(status->parked);
    g_ptr_array_unref(status->waiting);
    g_ptr_array_unref(status->problems);
    g_ptr_array_unref(status->uploads);
}

/** A copy of a share has its identity, and so its ledger: which share that is of, if it is not this
 * one; (transfer full). */
static char *find_original(const struct dm_status_facts *facts, struct dm_ledger *ledger) {
    struct dm_mark known, here;
    g_autofree char *path = NULL;
    g_autofree char *marker = g_build_filename(facts->places->share, DM_ROOT_ID, NULL);
    if (facts->places->away != NULL || ledger == NULL || !dm_ledger_share(ledger, &known, &path) ||
        strcmp(path, facts->places->share) == 0) {
        return NULL;
    }
    DM_AUTO_CLOSE int fd = open(marker, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    known.dev = 0; // another one after each start of the machine
    bool is_other = fd >= 0 && dm_mark_fd(fd, &here) == 0 && !dm_mark_fits(&known, &here);
    return is_other ? g_steal_pointer(&path) : NULL;
}

/** A row of the table, as dropmill-json(5) has it. */
static void print_man(void) {
    static const char *const types[] = {
        [DM_STATUS_TEXT] = "text",      [DM_STATUS_PROBLEM] = "text",
        [DM_STATUS_SWITCH] = "boolean", [DM_STATUS_GAUGE] = "number",
        [DM_STATUS_COUNTER] = "number",
    };
    for (size_t i = 0; i < dm_status_item_count; i++) {
        const struct dm_status_item *item = &dm_status_items[i];
        printf(".It Va daemon.%s , Em %s\n%s.\n", item->name, types[item->type], item->help);
    }
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    struct dm_ledger *ledger = NULL;
    if (arguments[0] != NULL) {
        return dm_cli_usage(&dm_cmd_status, "takes no arguments");
    }
    if (man_option) {
        print_man();
        return EX_OK;
    }
    if (!dm_cli_ledger(cli, &ledger, &error)) {
        return dm_cli_fail(error);
    }
    struct dm_status_facts status = {.places = cli->places, .live = dm_cli_ask_daemon(cli->places)};
    if (status.live == NULL) {
        status.stranger = dm_cli_stranger(cli->places, &status.stranger_pid);
    }
    status.copy_of = find_original(&status, ledger);
    int exit_code =
        cli->quiet && status.live == NULL && status.stranger == NULL ? EX_UNAVAILABLE : EX_OK;
    if (!cli->quiet) {
        show(&status, ledger, cli->json);
    }
    g_clear_pointer(&status.live, g_hash_table_unref);
    g_free(status.stranger);
    g_free(status.copy_of);
    return exit_code;
}

const struct dm_command dm_cmd_status = {
    .name = "status",
    .usage = "[--quiet]",
    .summary = "Show how many files are where, what needs attention, and the daemon",
    .help = "With --quiet nothing is printed: status 0 if the daemon runs, 69 if not.\n",
    .options = options,
    .run = run,
};
