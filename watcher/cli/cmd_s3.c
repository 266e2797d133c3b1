// SPDX-License-Identifier: MIT
//
// dropmill s3: the mirror. Whether it works (s3_check.c), what waits, trying again, comparing
// (s3_audit.c), waiting until all is there.
#include "common/error.h"
#include "common/path.h"
#include "common/wire.h"
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"
#include "watcher/cli/progress.h"
#include "watcher/cli/s3_parts.h"
#include "watcher/control.h"
#include "watcher/json.h"
#include "watcher/ledger/uploads.h"
#include "watcher/status.h"
#include "watcher/units.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PARKED_SHOWN 20
#define LOOK_US 50000

static gboolean fix_option;
static char *timeout_option;
static const GOptionEntry options[] = {
    {"fix", 0, 0, G_OPTION_ARG_NONE, &fix_option, "audit: send again what is not as it should be",
     NULL},
    {"timeout", 0, 0, G_OPTION_ARG_STRING, &timeout_option, "wait: at most so long (forever)",
     "DURATION"},
    {0},
};

/** A number that the daemon tells. */
static int64_t live_number(GHashTable *live, const char *name) {
    const char *value = g_hash_table_lookup(live, name);
    return value != NULL ? g_ascii_strtoll(value, NULL, 10) : 0;
}

static const char *live_text(GHashTable *live, const char *name) {
    const char *value = g_hash_table_lookup(live, name);
    return value != NULL ? value : "";
}

// ---- status

/** All that is shown; read from the ledger, and from the daemon if it runs. */
struct overview {
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    int64_t oldest_us;
    // Of struct dm_upload.
    GPtrArray *parked;
    // (nullable)
    GHashTable *live;
};

static void read_overview(struct overview *overview, const struct dm_cli *cli,
                          struct dm_ledger *ledger) {
    dm_ledger_count_uploads(ledger, overview->counts);
    int64_t since_utc_us = dm_ledger_oldest_upload(ledger);
    overview->oldest_us = since_utc_us > 0 ? g_get_real_time() - since_utc_us : 0;
    overview->parked = dm_ledger_parked_uploads(ledger, cli->json ? INT64_MAX : PARKED_SHOWN);
    overview->live = dm_cli_ask_daemon(cli->places);
}

static int64_t synced(const struct overview *overview) {
    return overview->counts[DM_UPLOAD_SYNCED] + overview->counts[DM_UPLOAD_DOUBTED];
}

static void print_overview(const struct overview *overview) {
    printf("synced   %" G_GINT64_FORMAT "\n", synced(overview));
    printf("pending  %" G_GINT64_FORMAT, overview->counts[DM_UPLOAD_PENDING]);
    if (overview->oldest_us > 0) {
        g_autofree char *oldest = dm_human_duration(overview->oldest_us);
        printf(", the oldest for %s", oldest);
    }
    putchar('\n');
    if (overview->live == NULL) {
        puts("daemon   not running: nothing is sent");
        return;
    }
    g_autofree char *rate = dm_human_bytes(live_number(overview->live, "mirror.bytes_per_second"));
    printf("mirror   %s, %s/s, %s requests at once\n", live_text(overview->live, "mirror.state"),
           rate, live_text(overview->live, "mirror.connections"));
    const char *problem = live_text(overview->live, "mirror.problem");
    if (*problem) {
        g_autofree char *shown = dm_path_display(problem);
        printf("         %s%s%s\n", dm_paint(stdout, DM_PAINT_RED), shown,
               dm_paint(stdout, DM_PAINT_OFF));
    }
}

static void print_parked(const struct overview *overview) {
    static const char *const headers[] = {"PARKED", "REASON", "WHY", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (guint i = 0; i < overview->parked->len; i++) {
        const struct dm_upload *upload = overview->parked->pdata[i];
        g_autofree char *path = dm_path_display(upload->path);
        g_autofree char *why = dm_path_display(upload->message);
        dm_table_add(table, (const char *const[]){path, upload->reason, why});
    }
    dm_table_print(table);
    int64_t more = overview->counts[DM_UPLOAD_PARKED] - (int64_t)overview->parked->len;
    if (more > 0) {
        printf("... and %" G_GINT64_FORMAT " more, see 'dropmill s3 status --json'\n", more);
    }
}

static void write_overview(const struct overview *overview) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_integer(json, "synced", synced(overview));
    dm_json_integer(json, "pending", overview->counts[DM_UPLOAD_PENDING]);
    dm_json_integer(json, "oldest_us", overview->oldest_us);
    dm_json_bool(json, "running", overview->live != NULL);
    if (overview->live != NULL) {
        dm_json_text(json, "state", live_text(overview->live, "mirror.state"));
        dm_json_text(json, "problem", live_text(overview->live, "mirror.problem"));
        dm_json_integer(json, "bytes_per_second",
                        live_number(overview->live, "mirror.bytes_per_second"));
    }
    dm_json_list(json, "parked");
    for (guint i = 0; i < overview->parked->len; i++) {
        const struct dm_upload *upload = overview->parked->pdata[i];
        dm_json_object(json, NULL);
        dm_json_path(json, upload->path);
        dm_json_text(json, "reason", upload->reason);
        dm_json_text(json, "message", upload->message);
        dm_json_integer(json, "attempts", upload->attempts);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_close(json);
    dm_json_print(json);
}

static int status(struct dm_cli *cli) {
    GError *error = NULL;
    struct dm_ledger *ledger = NULL;
    if (!dm_cli_ledger(cli, &ledger, &error)) {
        return dm_cli_fail(error);
    }
    if (ledger == NULL) {
        return dm_cli_say(EX_UNAVAILABLE, "there is no ledger yet: start dropmilld once");
    }
    struct overview overview = {0};
    read_overview(&overview, cli, ledger);
    if (cli->json) {
        write_overview(&overview);
    } else if (!cli->quiet) {
        print_overview(&overview);
        print_parked(&overview);
    }
    g_ptr_array_unref(overview.parked);
    g_clear_pointer(&overview.live, g_hash_table_unref);
    return EX_OK;
}

// ---- retry

static void write_number(const char *key, int64_t number) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_integer(json, key, number);
    dm_json_finish(json);
}

/** Ask the daemon to try again; says how many. Returns -1 with @error. */
static int64_t retry_one(const struct dm_cli *cli, const char *path, GError **error) {
    g_autofree char *escaped = path != NULL ? dm_escape(path) : NULL;
    g_autofree char *request =
        g_strconcat("mirror retry", path != NULL ? " " : NULL, escaped, NULL);
    g_autofree char *answer = dm_control_ask(cli->places->control, request, error);
    return answer != NULL ? g_ascii_strtoll(answer, NULL, 10) : -1;
}

static int retry(struct dm_cli *cli, char **paths) {
    GError *error = NULL;
    if (dm_cli_places(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    int64_t count = 0;
    size_t i = 0;
    do {
        g_autofree char *path =
            paths[i] != NULL ? dm_cli_room_path(cli->places, paths[i], &error) : NULL;
        int64_t tried = error == NULL ? retry_one(cli, path, &error) : -1;
        if (tried < 0) {
            return dm_cli_fail(error);
        }
        count += tried;
    } while (paths[i] != NULL && paths[++i] != NULL);
    if (cli->json) {
        write_number("retried", count);
        return EX_OK;
    }
    if (cli->quiet) {
        return EX_OK;
    }
    if (count == 0) {
        puts("nothing is parked; the store is asked again at once");
    } else {
        printf("%" G_GINT64_FORMAT " parked %s again\n", count,
               count == 1 ? "result is tried" : "results are tried");
    }
    return EX_OK;
}

// ---- wait

/** How many are pending; -1: nobody sends them. One who is too busy to answer still does: @before.
 */
static int64_t count_pending(const struct dm_cli *cli, int64_t before, int64_t *ret_parked) {
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = dm_control_ask(cli->places->control, "status", &error);
    if (g_error_matches(error, DM_ERROR, DM_ERROR_TRANSIENT)) {
        return before;
    }
    g_autoptr(GHashTable) live = answer != NULL ? dm_status_read(answer) : NULL;
    if (live == NULL || strcmp(live_text(live, "mirror.state"), "off") == 0) {
        return -1;
    }
    *ret_parked = live_number(live, "mirror.parked");
    return live_number(live, "mirror.pending");
}

static int wait_until(const struct dm_cli *cli, int64_t deadline_us) {
    int64_t parked = 0, most = 0, pending = 1;
    struct dm_progress progress = {.wanted = !cli->quiet && isatty(STDERR_FILENO),
                                   .terminal = isatty(STDERR_FILENO),
                                   .start_us = g_get_monotonic_time()};
    while ((pending = count_pending(cli, pending, &parked)) > 0 &&
           g_get_monotonic_time() < deadline_us) {
        most = MAX(most, pending);
        dm_progress_show(&progress, (size_t)(most - pending), (size_t)most, g_get_monotonic_time());
        g_usleep(LOOK_US);
    }
    dm_progress_wipe(&progress);
    if (pending < 0) {
        return dm_cli_say(EX_UNAVAILABLE, "no daemon keeps a mirror of this share");
    }
    if (pending > 0) {
        return dm_cli_say(EX_TEMPFAIL, "%" G_GINT64_FORMAT " results are still pending", pending);
    }
    if (cli->json) {
        write_number("parked", parked);
    }
    return parked == 0
               ? EX_OK
               : dm_cli_say(EX_DATAERR,
                            "%" G_GINT64_FORMAT " results are parked, see 'dropmill s3 status'",
                            parked);
}

static int wait_for_all(struct dm_cli *cli) {
    GError *error = NULL;
    int64_t timeout_us = DM_DURATION_FOREVER;
    if (timeout_option != NULL && !dm_parse_endless_duration(timeout_option, &timeout_us, &error)) {
        g_clear_error(&error);
        return dm_cli_usage(&dm_cmd_s3, "'%s' is no duration such as 90s", timeout_option);
    }
    if (dm_cli_places(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    int64_t now_us = g_get_monotonic_time();
    return wait_until(cli, timeout_us < INT64_MAX - now_us ? now_us + timeout_us : INT64_MAX);
}

// ---- which of them

static int run(struct dm_cli *cli, char **arguments) {
    const char *what = arguments[0] != NULL ? arguments[0] : "";
    if (strcmp(what, "retry") == 0) {
        return retry(cli, arguments + 1);
    }
    if (*what != '\0' && arguments[1] != NULL) {
        return dm_cli_usage(&dm_cmd_s3, "'%s' takes no arguments", what);
    }
    if (strcmp(what, "check") == 0) {
        return dm_s3_check(cli);
    }
    if (strcmp(what, "status") == 0) {
        return status(cli);
    }
    if (strcmp(what, "audit") == 0) {
        return dm_s3_audit(cli, fix_option);
    }
    if (strcmp(what, "wait") == 0) {
        return wait_for_all(cli);
    }
    return dm_cli_usage(&dm_cmd_s3, *what != '\0' ? "there is no '%s'" : "what of it?%s", what);
}

const struct dm_command dm_cmd_s3 = {
    .name = "s3",
    .usage = "check | status | retry [PATH...] | audit [--fix] | wait [--timeout DURATION]",
    .summary = "Look after the mirror: results in a bucket",
    .help = "check   makes each step on an object of its own: credentials, bucket, put, delete\n"
            "status  shows what waits, and what is parked and why\n"
            "retry   tries parked results again, all or those that are named\n"
            "audit   compares the bucket with the ledger; --fix sends again what differs.\n"
            "        Nothing is ever deleted. Status 65: something differs\n"
            "wait    until nothing is pending. Status 65: some are parked; 75: time is up\n",
    .options = options,
    .run = run,
};
