// SPDX-License-Identifier: MIT
//
// The tables `notice` and `ended`: see notices.h; the statements stand in db.c.
#include "watcher/ledger/notices.h"

#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <inttypes.h>
#include <stdlib.h>

// ---- notices

void dm_ledger_add_notice(struct dm_ledger *ledger, struct dm_notice *notice) {
    sqlite3_stmt *statement = dm_db_write(ledger, ADD_NOTICE);
    if (statement == NULL) {
        return;
    }
    sqlite3_bind_int(statement, 1, (int)notice->way);
    dm_bind_text(statement, 2, notice->id);
    dm_bind_text(statement, 3, notice->kind);
    dm_bind_bytes(statement, 4, notice->about);
    dm_bind_text(statement, 5, notice->text);
    sqlite3_bind_int64(statement, 6, notice->attempts);
    sqlite3_bind_int64(statement, 7, notice->made_utc_us);
    sqlite3_bind_int64(statement, 8, notice->tried_utc_us);
    sqlite3_bind_int64(statement, 9, notice->not_before_utc_us);
    dm_db_run(ledger, statement);
    notice->row = sqlite3_last_insert_rowid(ledger->db);
}

static struct dm_notice *find(struct dm_ledger *ledger, enum statement which,
                              enum dm_notice_way way) {
    sqlite3_stmt *statement = dm_db_read(ledger, which);
    struct dm_notice *notice = NULL;
    if (statement == NULL) {
        return NULL;
    }
    sqlite3_bind_int(statement, 1, (int)way);
    if (dm_db_step(ledger, statement)) {
        notice = g_new0(struct dm_notice, 1);
        notice->row = sqlite3_column_int64(statement, 0);
        notice->way = way;
        notice->id = dm_take_text(statement, 1);
        notice->kind = dm_take_text(statement, 2);
        notice->about = dm_take_text(statement, 3);
        notice->text = dm_take_text(statement, 4);
        notice->attempts = sqlite3_column_int64(statement, 5);
        notice->made_utc_us = sqlite3_column_int64(statement, 6);
        notice->tried_utc_us = sqlite3_column_int64(statement, 7);
        notice->not_before_utc_us = sqlite3_column_int64(statement, 8);
    }
    sqlite3_reset(statement);
    return notice;
}

struct dm_notice *dm_ledger_next_notice(struct dm_ledger *ledger, enum dm_notice_way way) {
    return find(ledger, NEXT_NOTICE, way);
}

struct dm_notice *dm_ledger_oldest_notice(struct dm_ledger *ledger, enum dm_notice_way way) {
    return find(ledger, OLDEST_NOTICE, way);
}

void dm_ledger_save_notice(struct dm_ledger *ledger, const struct dm_notice *notice) {
    sqlite3_stmt *statement = dm_db_write(ledger, SAVE_NOTICE);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, notice->row);
        sqlite3_bind_int64(statement, 2, notice->attempts);
        sqlite3_bind_int64(statement, 3, notice->tried_utc_us);
        sqlite3_bind_int64(statement, 4, notice->not_before_utc_us);
        dm_db_run(ledger, statement);
    }
}

void dm_ledger_forget_notice(struct dm_ledger *ledger, int64_t row) {
    sqlite3_stmt *statement = dm_db_write(ledger, FORGET_NOTICE);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, row);
        dm_db_run(ledger, statement);
    }
}

int64_t dm_ledger_count_notices(struct dm_ledger *ledger, enum dm_notice_way way) {
    sqlite3_stmt *statement = dm_db_read(ledger, COUNT_NOTICES);
    int64_t count = 0;
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, (int)way);
        count = dm_db_step(ledger, statement) ? sqlite3_column_int64(statement, 0) : 0;
        sqlite3_reset(statement);
    }
    return count;
}

int64_t dm_ledger_forget_notices(struct dm_ledger *ledger, enum dm_notice_way way) {
    if (dm_ledger_count_notices(ledger, way) == 0) {
        return 0; // nothing is written for nothing
    }
    sqlite3_stmt *statement = dm_db_write(ledger, FORGET_NOTICES);
    if (statement == NULL) {
        return 0;
    }
    sqlite3_bind_int(statement, 1, (int)way);
    dm_db_run(ledger, statement);
    return sqlite3_changes(ledger->db);
}

// ---- drops: what has ended, what has not

/** "12 17 29"; (transfer full). */
static char *failures_text(const struct dm_ended *ended) {
    GString *text = g_string_new(NULL);
    for (int64_t i = 0; i < ended->failures_known; i++) {
        g_string_append_printf(text, "%s%" PRId64, i > 0 ? " " : "", ended->failures[i]);
    }
    return g_string_free(text, FALSE);
}

static void read_failures(struct dm_ended *ended, const char *text) {
    for (char *end; ended->failures_known < DM_ENDED_FAILURES; text = end) {
        int64_t row = strtoll(text, &end, 10);
        if (end == text) {
            return;
        }
        ended->failures[ended->failures_known++] = row;
    }
}

void dm_ledger_save_ended(struct dm_ledger *ledger, const struct dm_ended *ended) {
    bool is_empty = ended->done + ended->failed + ended->stopped == 0;
    sqlite3_stmt *statement = dm_db_write(ledger, is_empty ? FORGET_ENDED : SAVE_ENDED);
    if (statement == NULL) {
        return;
    }
    g_autofree char *failures = failures_text(ended);
    dm_bind_bytes(statement, 1, ended->drop);
    if (!is_empty) {
        dm_bind_text(statement, 2, ended->chain);
        sqlite3_bind_int64(statement, 3, ended->done);
        sqlite3_bind_int64(statement, 4, ended->failed);
        sqlite3_bind_int64(statement, 5, ended->stopped);
        sqlite3_bind_int64(statement, 6, ended->first_utc_us);
        sqlite3_bind_int64(statement, 7, ended->last_utc_us);
        dm_bind_text(statement, 8, failures);
    }
    dm_db_run(ledger, statement);
}

static void take_ended(sqlite3_stmt *statement, struct dm_ended *ret) {
    g_autofree char *failures = dm_take_text(statement, 7);
    *ret = (struct dm_ended){
        .drop = dm_take_text(statement, 0),
        .chain = dm_take_text(statement, 1),
        .done = sqlite3_column_int64(statement, 2),
        .failed = sqlite3_column_int64(statement, 3),
        .stopped = sqlite3_column_int64(statement, 4),
        .first_utc_us = sqlite3_column_int64(statement, 5),
        .last_utc_us = sqlite3_column_int64(statement, 6),
    };
    read_failures(ret, failures);
}

void dm_ledger_each_ended(struct dm_ledger *ledger,
                          void (*each)(const struct dm_ended *ended, void *data), void *data) {
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_ENDED);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        struct dm_ended ended;
        take_ended(statement, &ended);
        each(&ended, data);
        dm_ended_clear(&ended);
    }
    sqlite3_reset(statement);
}

void dm_ledger_forget_ended(struct dm_ledger *ledger) {
    sqlite3_stmt *any = dm_db_read(ledger, LIST_ENDED);
    bool has_any = any != NULL && dm_db_step(ledger, any);
    sqlite3_reset(any);
    sqlite3_stmt *statement = has_any ? dm_db_write(ledger, FORGET_ALL_ENDED) : NULL;
    if (statement != NULL) {
        dm_db_run(ledger, statement);
    }
}

void dm_ledger_each_unended(struct dm_ledger *ledger, void (*each)(const char *path, void *data),
                            void *data) {
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_UNENDED);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        g_autofree char *path = dm_take_text(statement, 0);
        each(path, data);
    }
    sqlite3_reset(statement);
}

// ---- what is wrong

void dm_ledger_save_trouble(struct dm_ledger *ledger, const char *name, const char *problem,
                            int64_t since_utc_us) {
    sqlite3_stmt *statement = dm_db_write(ledger, SAVE_TROUBLE);
    if (statement != NULL) {
        dm_bind_text(statement, 1, name);
        dm_bind_text(statement, 2, problem);
        sqlite3_bind_int64(statement, 3, since_utc_us);
        dm_db_run(ledger, statement);
    }
}

void dm_ledger_forget_trouble(struct dm_ledger *ledger, const char *name) {
    sqlite3_stmt *statement = dm_db_write(ledger, FORGET_TROUBLE);
    if (statement != NULL) {
        dm_bind_text(statement, 1, name);
        dm_db_run(ledger, statement);
    }
}

void dm_ledger_each_trouble(struct dm_ledger *ledger,
                            void (*each)(const char *name, const char *problem,
                                         int64_t since_utc_us, void *data),
                            void *data) {
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_TROUBLES);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        g_autofree char *name = dm_take_text(statement, 0);
        g_autofree char *problem = dm_take_text(statement, 1);
        each(name, problem, sqlite3_column_int64(statement, 2), data);
    }
    sqlite3_reset(statement);
}
