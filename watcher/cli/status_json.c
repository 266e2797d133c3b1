// SPDX-License-Identifier: MIT
//
// Status for programs: each member stands in dropmill-json(5).
#include "watcher/cli/cli.h"
#include "watcher/cli/status_facts.h"
#include "watcher/json.h"

#include "watcher/ledger/under_way.h"
#include "watcher/ledger/uploads.h"
#include "watcher/status.h"

#include <string.h>

static void write_item(struct dm_json *json, const struct dm_status_item *item, const char *value) {
    const char *member = dm_status_member(item);
    switch (item->type) {
    case DM_STATUS_TEXT:
    case DM_STATUS_PROBLEM:
        dm_json_text(json, member, value);
        break;
    case DM_STATUS_SWITCH:
        dm_json_bool(json, member, strcmp(value, "0") != 0);
        break;
    case DM_STATUS_GAUGE:
    case DM_STATUS_COUNTER:
        dm_json_integer(json, member, g_ascii_strtoll(value, NULL, 10));
        break;
    }
}

/** The group that begins at *@index, as an object of its own unless it is the daemon's; moves
 * *@index behind it. */
static void write_group(struct dm_json *json, GHashTable *live, size_t *index) {
    g_autofree char *group = dm_status_group(&dm_status_items[*index]);
    if (*group != '\0') {
        dm_json_object(json, group);
    }
    for (; *index < dm_status_item_count; ++*index) {
        const struct dm_status_item *item = &dm_status_items[*index];
        g_autofree char *its_group = dm_status_group(item);
        const char *value = g_hash_table_lookup(live, item->name);
        if (strcmp(its_group, group) != 0) {
            break;
        }
        if (value != NULL) { // an older daemon does not tell everything
            write_item(json, item, value);
        }
    }
    if (*group != '\0') {
        dm_json_close(json);
    }
}

static void write_hosts(struct dm_json *json, GHashTable *live) {
    g_autoptr(GPtrArray) hosts = dm_status_hosts(live);
    dm_json_list(json, "hosts");
    for (guint i = 0; i < hosts->len; i++) {
        const struct dm_status_host *host = hosts->pdata[i];
        dm_json_object(json, NULL);
        dm_json_text(json, "name", host->name);
        dm_json_text(json, "state", host->state);
        dm_json_integer(json, "busy", host->busy);
        dm_json_integer(json, "threads", host->threads);
        dm_json_close(json);
    }
    dm_json_close(json);
}

static void write_live(struct dm_json *json, const struct dm_status_facts *facts) {
    dm_json_object(json, "daemon");
    dm_json_bool(json, "running", facts->live != NULL || facts->stranger != NULL);
    dm_json_bool(json, "answers", facts->live != NULL);
    if (facts->stranger != NULL) {
        dm_json_text(json, "user", facts->stranger);
        dm_json_integer(json, "pid", facts->stranger_pid);
    }
    for (size_t i = 0; facts->live != NULL && i < dm_status_item_count;) {
        write_group(json, facts->live, &i);
    }
    if (facts->live != NULL) {
        write_hosts(json, facts->live);
    }
    dm_json_close(json);
}

static void write_attention(struct dm_json *json, const struct dm_status_facts *facts) {
    dm_json_list(json, "waiting");
    for (guint i = 0; i < facts->waiting->len; i++) {
        const struct dm_row *row = g_ptr_array_index(facts->waiting, i);
        dm_json_object(json, NULL);
        dm_json_path(json, row->path);
        dm_json_text(json, "message", row->message);
        dm_json_integer(json, "seen_utc_us", row->seen_utc_us);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_list(json, "parked");
    for (guint i = 0; i < facts->parked->len; i++) {
        const struct dm_row *row = g_ptr_array_index(facts->parked, i);
        dm_json_object(json, NULL);
        dm_json_path(json, row->path);
        dm_json_text(json, "reason", dm_reason_name(row->reason));
        dm_json_text(json, "message", row->message);
        dm_json_integer(json, "not_before_utc_us", row->not_before_utc_us);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_list(json, "not_mirrored");
    for (guint i = 0; i < facts->uploads->len; i++) {
        const struct dm_upload *upload = g_ptr_array_index(facts->uploads, i);
        dm_json_object(json, NULL);
        dm_json_path(json, upload->path);
        dm_json_text(json, "reason", upload->reason);
        dm_json_text(json, "message", upload->message);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_list(json, "folder_problems");
    for (guint i = 0; i < facts->problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(facts->problems, i);
        dm_json_object(json, NULL);
        dm_json_path(json, problem->folder);
        dm_json_text(json, "message", problem->message);
        dm_json_text(json, "suggestion", problem->suggestion);
        dm_json_close(json);
    }
    dm_json_close(json);
}

static void write_counts(struct dm_json *json, const struct dm_status_facts *facts) {
    dm_json_object(json, "files");
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        dm_json_integer(json, dm_state_name((enum dm_state)state), facts->counts[state]);
    }
    dm_json_close(json);
}

static void write_wrongs(struct dm_json *json, const struct dm_status_facts *facts) {
    dm_json_list(json, "wrong");
    for (guint i = 0; i < facts->wrongs->len; i++) {
        const struct dm_wrong *wrong = g_ptr_array_index(facts->wrongs, i);
        dm_json_object(json, NULL);
        dm_json_text(json, "message", wrong->what);
        dm_json_text(json, "mend", wrong->mend != NULL ? wrong->mend : "");
        dm_json_close(json);
    }
    dm_json_close(json);
}

static void write_work(struct dm_json *json, const struct dm_status_facts *facts) {
    dm_json_list(json, "work");
    for (guint i = 0; i < facts->work->len; i++) {
        const struct dm_under_way *work = g_ptr_array_index(facts->work, i);
        dm_json_object(json, NULL);
        dm_json_path(json, work->folder);
        dm_json_integer(json, "left", work->left);
        dm_json_integer(json, "done", work->done);
        dm_json_integer(json, "since_utc_us", work->since_utc_us);
        dm_json_close(json);
    }
    dm_json_close(json);
}

void dm_status_write_json(const struct dm_status_facts *facts) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "share", facts->places->share);
    dm_json_text(json, "share_id", facts->places->share_id);
    g_autofree char *problem = dm_cli_share_problem(facts->places, facts->live);
    dm_json_text(json, "share_problem", problem != NULL ? problem : "");
    write_wrongs(json, facts);
    write_live(json, facts);
    if (dm_status_is_ours(facts)) {
        write_counts(json, facts);
        write_work(json, facts);
        write_attention(json, facts);
    }
    dm_json_close(json);
    dm_json_print(json);
}
