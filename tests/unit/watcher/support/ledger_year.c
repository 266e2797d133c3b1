// SPDX-License-Identifier: MIT
//
// See ledger_year.h.
#include "tests/unit/watcher/support/ledger_year.h"

#include "watcher/expiry.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/uploads.h"

#include "tests/unit/watcher/support/share_dir.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)
#define DAY_US (24 * HOUR_US)
#define KEEP_ORIGINALS_US (14 * DAY_US)
#define START_UTC_US INT64_C(1767225600000000) // 2026
#define BATCH 64

struct year {
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_expiry *expiry;
    char *path;
    // Since the start.
    int64_t now_us;
    int64_t day;
    // What expiry asked for.
    int64_t due_us;
};

static int64_t year_clock(void *data) {
    return START_UTC_US + ((const struct year *)data)->now_us;
}

static void wake(void *data) {
    struct year *year = data;
    year->due_us = MIN(year->due_us, year->now_us);
}

struct year *year_new(const char *path, const char *share, int64_t keep_days) {
    struct year *year = g_new0(struct year, 1);
    year->path = g_strdup(path);
    year->ledger = dm_ledger_open(path, false, NULL);
    dm_ledger_set_clock(year->ledger, year_clock, year);
    dm_ledger_mirror(year->ledger, true, false);
    year->share = dm_share_open(share, 0, NULL);
    g_assert_nonnull(year->ledger);
    g_assert_nonnull(year->share);
    const struct dm_expiry_config config = {.ledger = year->ledger,
                                            .share = year->share,
                                            .wake = {wake, year},
                                            .keep_us = keep_days * DAY_US};
    year->expiry = dm_expiry_new(&config);
    return year;
}

void year_free(struct year *year) {
    dm_share_stop(year->share);
    dm_expiry_free(year->expiry);
    dm_share_free(year->share);
    dm_ledger_free(year->ledger);
    g_free(year->path);
    g_free(year);
}

struct dm_ledger *year_ledger(struct year *year) {
    return year->ledger;
}

/** Of the processor, by this thread. */
static int64_t cpu_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * (int64_t)G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/** Returns how long it took. */
static int64_t commit(struct year *year, int64_t since_us) {
    g_assert_true(dm_ledger_commit(year->ledger, NULL));
    return g_get_monotonic_time() - since_us;
}

// ---- the life of files

static struct dm_row *arrive(struct year *year, int64_t number) {
    int64_t day = number % 20 == 0 ? 0 : year->day; // those have the same name each day
    g_autofree char *path = g_strdup_printf("resize-1600/camera-%d/day-%03d/IMG_%06d.jpg",
                                            (int)(number % 7), (int)day, (int)number);
    const struct dm_fingerprint print = {.dev = 64768,
                                         .ino = (uint64_t)(8000000 + number),
                                         .btime_ns = year_clock(year) * 1000,
                                         .size_bytes = 4500000 + number,
                                         .mtime_ns = year_clock(year) * 1000,
                                         .ctime_ns = year_clock(year) * 1000,
                                         .links = 1};
    struct dm_row *row = dm_ledger_find(year->ledger, path);
    if (row == NULL) {
        row = dm_ledger_insert(year->ledger, path, "resize-1600", &print);
    } else {
        row->fingerprint = print;
        dm_ledger_move(year->ledger, row, DM_FACT_DROPPED);
    }
    dm_ledger_move(year->ledger, row, DM_FACT_SETTLED);
    g_autofree char *temp = g_strdup_printf("resize-1600/.dropmill-%d-1.tmp", (int)row->id);
    dm_row_set(&row->temp, temp);
    row->job = year->day + 1;
    dm_ledger_move(year->ledger, row, DM_FACT_DISPATCHED);
    return row;
}

static void compute(struct year *year, struct dm_row *row) {
    if (row->id % 100 == 0) {
        row->reason = DM_REASON_TRUNCATED;
        dm_row_set(&row->message, "Premature end of JPEG file");
        dm_row_set(&row->temp, "");
        dm_ledger_move(year->ledger, row, DM_FACT_REFUSED);
        return;
    }
    dm_row_set(&row->format, "jpeg");
    dm_row_set(&row->host, "pictures-1");
    row->bytes = 400000 + row->id % 1000;
    row->width_px = 1600;
    row->height_px = 1200;
    row->elapsed_us = 80000;
    dm_ledger_move(year->ledger, row, DM_FACT_COMPUTED);
    dm_ledger_claim_output(year->ledger, row->path, row->path);
}

static void publish(struct year *year, struct dm_row *row) {
    if (row->state == DM_STATE_COMPUTED) {
        dm_row_set(&row->output, row->path);
        dm_row_set(&row->temp, "");
        dm_ledger_output_placed(year->ledger, row->output);
        dm_ledger_move(year->ledger, row, DM_FACT_PUBLISHED);
    }
}

static void retire(struct year *year, struct dm_row *row) {
    if (row->state == DM_STATE_PUBLISHED) {
        struct dm_kept kept = {.path = row->path, .put = row->fingerprint};
        dm_ledger_keep_original(year->ledger, &kept, year_clock(year) + KEEP_ORIGINALS_US);
    }
    dm_ledger_move(year->ledger, row, DM_FACT_RETIRED);
}

static void send(struct year *year) {
    g_autoptr(GPtrArray) due =
        dm_ledger_due_uploads(year->ledger, DM_UPLOAD_PENDING, INT64_MAX, BATCH);
    for (guint i = 0; i < due->len; i++) {
        struct dm_upload *upload = due->pdata[i];
        upload->state = DM_UPLOAD_SYNCED;
        g_free(upload->etag);
        upload->etag = g_strdup("9bb58f26192e4ba00f01e2e7b136bbd8");
        dm_ledger_save_upload(year->ledger, upload);
    }
}

/** Files that come together, each step of them a transaction. */
static void work(struct year *year, int64_t first, int64_t count, struct year_day *day) {
    static void (*const steps[])(struct year *, struct dm_row *) = {compute, publish, retire};
    struct dm_row *rows[BATCH];
    int64_t since_us = g_get_monotonic_time(), since_cpu_us = cpu_us();
    for (int64_t i = 0; i < count; i++) {
        rows[i] = arrive(year, first + i);
    }
    day->longest_us = MAX(day->longest_us, commit(year, since_us));
    for (size_t step = 0; step < G_N_ELEMENTS(steps); step++) {
        int64_t step_us = g_get_monotonic_time();
        for (int64_t i = 0; i < count; i++) {
            steps[step](year, rows[i]);
        }
        day->longest_us = MAX(day->longest_us, commit(year, step_us));
    }
    int64_t send_us = g_get_monotonic_time();
    dm_ledger_forget_seen(year->ledger);
    send(year);
    day->longest_us = MAX(day->longest_us, commit(year, send_us));
    for (int64_t i = 0; i < count; i++) {
        dm_row_free(rows[i]);
    }
    day->us_a_file += cpu_us() - since_cpu_us;
}

/** What the janitor does with originals. */
static void delete_originals(struct year *year) {
    GPtrArray *kept;
    while ((kept = dm_ledger_expired_originals(year->ledger, year_clock(year), 256))->len > 0) {
        for (guint i = 0; i < kept->len; i++) {
            dm_ledger_forget_original(year->ledger, ((const struct dm_kept *)kept->pdata[i])->path);
        }
        commit(year, 0);
        g_ptr_array_unref(kept);
    }
    g_ptr_array_unref(kept);
}

/** All turns of the expiry within this hour. */
static void expire(struct year *year, struct year_day *day) {
    int64_t turn_us = year->now_us, end_us = year->now_us + HOUR_US;
    while (year->due_us < end_us || dm_share_load(year->share) > 0) {
        int64_t since_us = g_get_monotonic_time();
        dm_share_dispatch(year->share, since_us);
        if (year->due_us < end_us) {
            turn_us = MAX(turn_us, year->due_us);
            year->due_us = dm_expiry_turn(year->expiry, turn_us);
            day->pieces++;
        }
        day->longest_piece_us = MAX(day->longest_piece_us, commit(year, since_us));
    }
}

void year_go_on(struct year *year, int64_t files, struct year_day *ret) {
    struct dm_ledger_stats before, after;
    *ret = (struct year_day){0};
    dm_ledger_stats(year->ledger, &before);
    for (int hour = 0; hour < 24; hour++) {
        int64_t end = files * (hour + 1) / 24;
        for (int64_t first = files * hour / 24; first < end; first += BATCH) {
            work(year, first, MIN(BATCH, end - first), ret);
        }
        expire(year, ret);
        delete_originals(year);
        year->now_us += HOUR_US;
    }
    dm_ledger_stats(year->ledger, &after);
    ret->steps_a_file = (int64_t)(after.steps - before.steps) / MAX(files, 1);
    ret->us_a_file /= MAX(files, 1);
    year->day++;
}

// ---- how large it is

static int64_t ask(const struct year *year, const char *question) {
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_prepare_v2(year->ledger->db, question, -1, &statement, NULL), ==,
                    SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static int64_t bytes_of(const struct year *year, const char *ending) {
    g_autofree char *path = g_strconcat(year->path, ending, NULL);
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : 0;
}

void year_measure(struct year *year, struct year_size *ret) {
    *ret = (struct year_size){
        .file_bytes = bytes_of(year, ""),
        .wal_bytes = bytes_of(year, "-wal"),
        .pages = ask(year, "PRAGMA page_count"),
        .free_pages = ask(year, "PRAGMA freelist_count"),
        .files = ask(year, "SELECT count(*) FROM file"),
        .history = ask(year, "SELECT count(*) FROM history"),
        .outputs = ask(year, "SELECT count(*) FROM output"),
        .originals = ask(year, "SELECT count(*) FROM original"),
        .uploads = ask(year, "SELECT count(*) FROM upload"),
    };
}
