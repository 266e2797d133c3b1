// SPDX-License-Identifier: MIT
//
// The table `upload` and its parts. Read first: uploads.h; the statements stand in db.c.
#include "watcher/ledger/uploads.h"

#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

// ---- reading

/** The row at which a SELECT of UPLOAD_COLUMNS stands. */
static struct dm_upload *take_upload(sqlite3_stmt *statement) {
    struct dm_upload *upload = g_new0(struct dm_upload, 1);
    upload->id = sqlite3_column_int64(statement, 0);
    upload->path = dm_take_text(statement, 1);
    upload->state = (enum dm_upload_state)sqlite3_column_int(statement, 2);
    upload->generation = sqlite3_column_int64(statement, 3);
    upload->attempts = sqlite3_column_int64(statement, 4);
    upload->not_before_utc_us = sqlite3_column_int64(statement, 5);
    upload->since_utc_us = sqlite3_column_int64(statement, 6);
    upload->state_utc_us = sqlite3_column_int64(statement, 7);
    upload->bytes = sqlite3_column_int64(statement, 8);
    upload->etag = dm_take_text(statement, 9);
    upload->doubt_utc_us = sqlite3_column_int64(statement, 10);
    upload->multipart = dm_take_text(statement, 11);
    upload->part_bytes = sqlite3_column_int64(statement, 12);
    upload->source = dm_take_text(statement, 13);
    upload->reason = dm_take_text(statement, 14);
    upload->message = dm_take_text(statement, 15);
    upload->absent_utc_us = sqlite3_column_int64(statement, 16);
    return upload;
}

static struct dm_upload *take_one(struct dm_ledger *ledger, sqlite3_stmt *statement) {
    struct dm_upload *upload = dm_db_step(ledger, statement) ? take_upload(statement) : NULL;
    sqlite3_reset(statement);
    return upload;
}

struct dm_upload *dm_ledger_get_upload(struct dm_ledger *ledger, int64_t id) {
    sqlite3_stmt *statement = dm_db_read(ledger, GET_UPLOAD);
    if (statement == NULL) {
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, id);
    return take_one(ledger, statement);
}

struct dm_upload *dm_ledger_find_upload(struct dm_ledger *ledger, const char *path) {
    sqlite3_stmt *statement = dm_db_read(ledger, FIND_UPLOAD);
    if (statement == NULL) {
        return NULL;
    }
    dm_bind_bytes(statement, 1, path);
    return take_one(ledger, statement);
}

/** All rows of a SELECT with a number and a limit. */
static GPtrArray *list(struct dm_ledger *ledger, enum statement which, int64_t number,
                       int64_t limit) {
    GPtrArray *uploads = g_ptr_array_new_with_free_func((GDestroyNotify)dm_upload_free);
    sqlite3_stmt *statement = dm_db_read(ledger, which);
    if (statement == NULL) {
        return uploads;
    }
    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_int64(statement, 2, limit);
    while (dm_db_step(ledger, statement)) {
        g_ptr_array_add(uploads, take_upload(statement));
    }
    sqlite3_reset(statement);
    return uploads;
}

GPtrArray *dm_ledger_due_uploads(struct dm_ledger *ledger, enum dm_upload_state state,
                                 int64_t utc_us, int64_t limit) {
    return list(ledger, state == DM_UPLOAD_PENDING ? DUE_UPLOADS : DOUBTED_UPLOADS, utc_us, limit);
}

GPtrArray *dm_ledger_list_uploads(struct dm_ledger *ledger, int64_t after_id, int64_t limit) {
    return list(ledger, LIST_UPLOADS, after_id, limit);
}

GPtrArray *dm_ledger_parked_uploads(struct dm_ledger *ledger, int64_t limit) {
    return list(ledger, PARKED_UPLOADS, 0, limit);
}

int64_t dm_ledger_oldest_upload(struct dm_ledger *ledger) {
    sqlite3_stmt *statement = dm_db_read(ledger, OLDEST_UPLOAD);
    int64_t since = 0;
    if (statement != NULL && dm_db_step(ledger, statement)) {
        since = sqlite3_column_int64(statement, 0);
    }
    sqlite3_reset(statement);
    return since;
}

// ---- how many are in each state

static void count_by_reading(struct dm_ledger *ledger) {
    memset(ledger->uploads.counts, 0, sizeof(ledger->uploads.counts));
    sqlite3_stmt *statement = dm_db_read(ledger, COUNT_UPLOADS);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        ledger->uploads.counts[sqlite3_column_int(statement, 0)] =
            sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    ledger->uploads.counted = !ledger->read_only && ledger->failure == NULL;
}

void dm_ledger_count_uploads(struct dm_ledger *ledger, int64_t ret_counts[DM_UPLOAD_STATE_COUNT]) {
    if (!ledger->uploads.counted) {
        count_by_reading(ledger);
    }
    memcpy(ret_counts, ledger->uploads.counts, sizeof(ledger->uploads.counts));
}

uint64_t dm_ledger_uploads_queued(const struct dm_ledger *ledger) {
    return ledger->uploads.queued;
}

// ---- writing

void dm_ledger_mirror(struct dm_ledger *ledger, bool kept, bool required) {
    ledger->uploads.kept = kept;
    ledger->uploads.required = kept && required;
    // One that is parked is let go when it is resumed: see dm_db_note_published().
    sqlite3_stmt *statement = ledger->uploads.required ? NULL : dm_db_read(ledger, RELEASE_HELD);
    if (statement != NULL && dm_ledger_has(ledger, 1u << DM_STATE_PUBLISHED)) {
        dm_db_run(ledger, dm_db_write(ledger, RELEASE_HELD));
    }
}

enum dm_upload_state dm_db_upload_state(struct dm_ledger *ledger, const char *path) {
    struct dm_upload *upload = dm_ledger_find_upload(ledger, path);
    enum dm_upload_state state = upload != NULL ? upload->state : DM_UPLOAD_STATE_COUNT;
    dm_upload_free(upload);
    return state;
}

void dm_db_count_upload(struct dm_ledger *ledger, enum dm_upload_state from,
                        enum dm_upload_state to) {
    if (from < DM_UPLOAD_STATE_COUNT) {
        ledger->uploads.counts[from]--;
    }
    if (to < DM_UPLOAD_STATE_COUNT) {
        ledger->uploads.counts[to]++;
    }
    ledger->uploads.queued += to == DM_UPLOAD_PENDING;
}

void dm_ledger_queue_upload(struct dm_ledger *ledger, const char *path, int64_t bytes) {
    enum dm_upload_state from = dm_db_upload_state(ledger, path);
    sqlite3_stmt *statement = dm_db_write(ledger, QUEUE_UPLOAD);
    if (statement == NULL) {
        return;
    }
    dm_bind_bytes(statement, 1, path);
    sqlite3_bind_int64(statement, 2, bytes);
    sqlite3_bind_int64(statement, 3, dm_ledger_utc_us(ledger));
    dm_db_run(ledger, statement);
    dm_db_count_upload(ledger, from, DM_UPLOAD_PENDING);
}

void dm_db_note_published(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact) {
    if (fact == DM_FACT_PUBLISHED && ledger->uploads.kept) {
        dm_ledger_queue_upload(ledger, row->output, row->bytes);
        row->held = ledger->uploads.required;
    }
    row->held &= ledger->uploads.required;
}

int64_t dm_ledger_retry_uploads(struct dm_ledger *ledger, const char *path) {
    sqlite3_stmt *statement = dm_db_write(ledger, path != NULL ? RETRY_UPLOAD : RETRY_UPLOADS);
    if (statement == NULL) {
        return 0;
    }
    if (path != NULL) {
        dm_bind_bytes(statement, 1, path);
    }
    dm_db_run(ledger, statement);
    int64_t count = ledger->failure == NULL ? sqlite3_changes(ledger->db) : 0;
    ledger->uploads.counts[DM_UPLOAD_PARKED] -= count;
    ledger->uploads.counts[DM_UPLOAD_PENDING] += count;
    ledger->uploads.queued += (uint64_t)count;
    return count;
}

void dm_ledger_doubt_upload(struct dm_ledger *ledger, int64_t id, int64_t until_utc_us) {
    sqlite3_stmt *statement = dm_db_write(ledger, DOUBT_UPLOAD);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, id);
        sqlite3_bind_int64(statement, 2, until_utc_us);
        dm_db_run(ledger, statement);
    }
}

static void forget_parts(struct dm_ledger *ledger, int64_t id) {
    sqlite3_stmt *statement = dm_db_write(ledger, FORGET_PARTS);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, id);
        dm_db_run(ledger, statement);
    }
}

void dm_ledger_forget_upload(struct dm_ledger *ledger, const char *path) {
    struct dm_upload *upload = dm_ledger_find_upload(ledger, path);
    sqlite3_stmt *statement = upload != NULL ? dm_db_write(ledger, FORGET_UPLOAD) : NULL;
    if (statement != NULL) {
        forget_parts(ledger, upload->id);
        dm_bind_bytes(statement, 1, path);
        dm_db_run(ledger, statement);
        dm_db_count_upload(ledger, upload->state, DM_UPLOAD_STATE_COUNT);
    }
    dm_upload_free(upload);
}

// ---- multipart

void dm_ledger_set_multipart(struct dm_ledger *ledger, int64_t id, const char *multipart,
                             int64_t part_bytes, const char *source) {
    forget_parts(ledger, id);
    sqlite3_stmt *statement = dm_db_write(ledger, SET_MULTIPART);
    if (statement == NULL) {
        return;
    }
    sqlite3_bind_int64(statement, 1, id);
    dm_bind_text(statement, 2, multipart);
    sqlite3_bind_int64(statement, 3, part_bytes);
    dm_bind_text(statement, 4, source);
    dm_db_run(ledger, statement);
}

void dm_ledger_add_part(struct dm_ledger *ledger, int64_t id, int64_t number, const char *etag) {
    sqlite3_stmt *statement = dm_db_write(ledger, ADD_PART);
    if (statement == NULL) {
        return;
    }
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, number);
    dm_bind_text(statement, 3, etag);
    dm_db_run(ledger, statement);
}

GPtrArray *dm_ledger_parts(struct dm_ledger *ledger, int64_t id) {
    GPtrArray *etags = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_PARTS);
    if (statement == NULL) {
        return etags;
    }
    sqlite3_bind_int64(statement, 1, id);
    while (dm_db_step(ledger, statement)) {
        int number = sqlite3_column_int(statement, 0);
        if (number > (int)etags->len) {
            g_ptr_array_set_size(etags, number);
        }
        etags->pdata[number - 1] = dm_take_text(statement, 1);
    }
    sqlite3_reset(statement);
    return etags;
}

bool dm_ledger_knows_multipart(struct dm_ledger *ledger, const char *multipart) {
    sqlite3_stmt *statement = dm_db_read(ledger, FIND_MULTIPART);
    if (statement == NULL) {
        return true; // nothing may be concluded
    }
    dm_bind_text(statement, 1, multipart);
    bool known = dm_db_step(ledger, statement);
    sqlite3_reset(statement);
    return known;
}
