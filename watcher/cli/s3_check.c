// SPDX-License-Identifier: MIT
//
// dropmill s3 check: does the mirror work? Every step that the daemon will make, on an object of
// its own.
#include "watcher/cli/output.h"
#include "watcher/cli/s3_ask.h"
#include "watcher/cli/s3_parts.h"
#include "watcher/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

// A clock that is off by more is told; servers refuse at 15 minutes.
#define CLOCK_US (INT64_C(60) * G_USEC_PER_SEC)

static const char text[] = "dropmill s3 check was here. This may be deleted.\n";

struct check {
    struct dm_store *store;
    dm_s3_step_fn tell;
    void *data;
    char *key;
    struct dm_s3_answer answer;
};

static void report(const struct check *check, const char *step, const char *problem) {
    check->tell(step, problem, check->data);
}

/** The operation that was started is waited for. Returns whether it was good. */
static bool finish(struct check *check, const char *step) {
    bool good = dm_s3_wait(check->store, &check->answer);
    report(check, step, good ? NULL : check->answer.reason);
    return good;
}

static bool put(struct check *check) {
    const struct dm_store_body body = {.bytes = text, .fd = -1, .length = (int64_t)strlen(text)};
    const struct dm_store_attributes attributes = {.content_type = "text/plain"};
    dm_s3_answer_clear(&check->answer);
    dm_store_put(check->store, check->key, &body, &attributes, dm_s3_answered, &check->answer);
    return finish(check, "an object is put");
}

static bool head(struct check *check) {
    g_autofree char *etag = g_strdup(check->answer.etag);
    dm_s3_answer_clear(&check->answer);
    dm_store_head(check->store, check->key, dm_s3_answered, &check->answer);
    if (!dm_s3_wait(check->store, &check->answer)) {
        report(check, "it is there", check->answer.reason);
        return false;
    }
    bool same =
        check->answer.size == (int64_t)strlen(text) && g_strcmp0(check->answer.etag, etag) == 0;
    report(check, "it is there", same ? NULL : "it is another object than was put");
    return same;
}

static bool list(struct check *check) {
    dm_s3_answer_clear(&check->answer);
    dm_store_list(check->store, check->key, NULL, 1, dm_s3_answered, &check->answer);
    return finish(check, "it is listed (for 's3 audit')");
}

static bool take_away(struct check *check) {
    dm_s3_answer_clear(&check->answer);
    dm_store_remove(check->store, check->key, dm_s3_answered, &check->answer);
    return finish(check, "it is deleted");
}

/** How far our clock is off, as the server says. */
static bool look_at_clock(const struct check *check) {
    struct dm_store_status status;
    dm_store_status(check->store, &status);
    int64_t off_us = status.clock_offset_us;
    if (off_us > -CLOCK_US && off_us < CLOCK_US) {
        return true;
    }
    g_autofree char *problem = g_strdup_printf(
        "the clock of this machine is %" PRId64 " s %s that of the store; requests are dated by "
        "the store's, but set it right",
        ABS(off_us) / G_USEC_PER_SEC, off_us > 0 ? "behind" : "before");
    report(check, "the clock", problem);
    return false;
}

static bool run_steps(struct check *check) {
    dm_store_probe(check->store, dm_s3_answered, &check->answer);
    g_autofree char *step = g_strdup_printf("%s answers", dm_store_name(check->store));
    if (!finish(check, step) || !put(check)) {
        return false;
    }
    bool good = head(check);
    good &= list(check);
    good &= take_away(check);
    return look_at_clock(check) && good;
}

bool dm_s3_try(struct dm_store *store, const char *prefix, dm_s3_step_fn tell, void *data) {
    struct check check = {.store = store, .tell = tell, .data = data};
    check.key = g_strdup_printf("%sdropmill-check-%08x.txt", prefix, g_random_int());
    bool good = run_steps(&check);
    dm_s3_answer_clear(&check.answer);
    g_free(check.key);
    return good;
}

// ---- the command

struct told {
    const struct dm_cli *cli;
    struct dm_json *json;
};

static void tell(const char *step, const char *problem, void *data) {
    const struct told *told = data;
    if (told->json != NULL) {
        dm_json_object(told->json, NULL);
        dm_json_text(told->json, "step", step);
        dm_json_bool(told->json, "good", problem == NULL);
        dm_json_text(told->json, "message", problem != NULL ? problem : "");
        dm_json_close(told->json);
    } else if (problem != NULL) {
        dm_cli_say(EX_UNAVAILABLE, "%s: %s", step, problem);
    } else if (!told->cli->quiet) {
        printf("%sok%s       %s\n", dm_paint(stdout, DM_PAINT_GREEN),
               dm_paint(stdout, DM_PAINT_OFF), step);
    }
}

int dm_s3_check(struct dm_cli *cli) {
    GError *error = NULL;
    struct dm_store *store = dm_s3_open(cli, &error);
    if (store == NULL) {
        return dm_cli_fail(error);
    }
    struct told told = {.cli = cli, .json = cli->json ? dm_json_new_list("steps") : NULL};
    bool good = dm_s3_try(store, cli->config->mirror.prefix, tell, &told);
    if (told.json != NULL) {
        dm_json_finish(told.json);
    }
    dm_store_free(store);
    return good ? EX_OK : EX_UNAVAILABLE;
}
