// SPDX-License-Identifier: MIT
//
// See s3_stand.h.
#include "tests/unit/watcher/support/s3_stand.h"

#include "common/fsutil.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "watcher/store/dir_names.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_US (300 * SECOND_US) // thousands of fsyncs, on a busy machine

static GString *log_text;

static void keep_log(const char *domain, GLogLevelFlags level, const char *message, gpointer data) {
    (void)domain;
    (void)data;
    if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_MESSAGE) {
        g_string_append_printf(log_text, "%s\n", message);
    }
}

char *s3_stand_take_log(void) {
    char *text = g_strdup(log_text->str);
    g_string_truncate(log_text, 0);
    return text;
}

static void configure(struct s3_stand *stand) {
    static const char text[] = "s3: { directory = \"/-\"; prefix = \"results/\"; };"
                               "s3_inbox: { prefix = \"in/\"; min_free = \"1MB\"; };";
    g_autofree char *path = g_build_filename(stand->dir, "a.conf", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    stand->config = dm_config_load(path, &error);
    g_assert_no_error(error);
    stand->settings = &stand->config->s3_inbox;
}

static int64_t utc_us(void *data) {
    return g_get_real_time() + ((const struct s3_stand *)data)->ahead_us;
}

static int64_t now_us(const struct s3_stand *stand) {
    return g_get_monotonic_time() + stand->ahead_us;
}

static void wake(void *data) {
    ((struct s3_stand *)data)->woken = true;
}

static char *objection(const char *path, void *data) {
    (void)data;
    return g_str_has_prefix(path, "rotat-90/") ? g_strdup("step 'rotat-90' is not known") : NULL;
}

static char *result_key(const char *output, void *data) {
    return g_strconcat(((const struct s3_stand *)data)->config->mirror.prefix, output, NULL);
}

static void init(struct s3_stand *stand) {
    *stand = (struct s3_stand){0};
    stand->dir = g_dir_make_tmp("dropmill-s3-XXXXXX", NULL);
    stand->share_path = g_build_filename(stand->dir, "share", NULL);
    stand->store_path = g_build_filename(stand->dir, "store", NULL);
    stand->ledger_path = g_build_filename(stand->dir, "ledger.db", NULL);
    g_assert_cmpint(g_mkdir(stand->share_path, 0775), ==, 0);
    share_dir_fill(stand->share_path, SHARE_DIR_ID "\n");
    configure(stand);
}

void s3_stand_start(struct s3_stand *stand) {
    g_autoptr(GError) error = NULL;
    const struct dm_wake waker = {wake, stand};
    stand->ledger = dm_ledger_open(stand->ledger_path, false, &error);
    g_assert_no_error(error);
    dm_ledger_set_clock(stand->ledger, utc_us, stand);
    dm_ledger_mirror(stand->ledger, true, false);
    stand->share = dm_share_open(stand->share_path, 0, &error);
    g_assert_no_error(error);
    stand->store = faulty_store_new(stand->store_path);
    const struct dm_s3_inbox_config config = {
        .settings = stand->settings,
        .share_id = SHARE_DIR_ID,
        .results_prefix = stand->config->mirror.prefix,
        .objection = objection,
        .result_key = result_key,
        .data = stand,
    };
    stand->inbox =
        dm_s3_inbox_new(&config, stand->store, stand->ledger, stand->share, &waker, &error);
    g_assert_no_error(error);
    stand->woken = true;
}

void s3_stand_stop(struct s3_stand *stand) {
    dm_share_stop(stand->share);
    dm_s3_inbox_free(stand->inbox);
    g_assert_true(dm_ledger_commit(stand->ledger, NULL));
    dm_ledger_free(stand->ledger);
    dm_share_free(stand->share);
    stand->inbox = NULL;
}

// ---- turns

static void turn(struct s3_stand *stand) {
    g_autoptr(GError) error = NULL;
    stand->woken = false;
    stand->next_us = MIN(dm_share_turn(stand->share, now_us(stand)),
                         dm_s3_inbox_turn(stand->inbox, now_us(stand)));
    dm_ledger_commit(stand->ledger, &error);
    g_assert_no_error(error);
    dm_s3_inbox_committed(stand->inbox);
}

static void take_in(struct s3_stand *stand, int timeout_ms) {
    struct pollfd fds[] = {{.fd = dm_share_fd(stand->share), .events = POLLIN},
                           {.fd = dm_s3_inbox_fd(stand->inbox), .events = POLLIN}};
    poll(fds, 2, timeout_ms);
    dm_share_dispatch(stand->share, now_us(stand));
    dm_s3_inbox_dispatch(stand->inbox, now_us(stand));
}

static bool is_busy(const struct s3_stand *stand) {
    return dm_share_load(stand->share) > 0 || dm_s3_inbox_load(stand->inbox) > 0;
}

/** The store is left alone for a time: what is under way waits for that. */
static bool is_held(struct s3_stand *stand) {
    struct dm_s3_inbox_status status;
    s3_stand_status(stand, &status);
    return status.retry_in_us > 0 && dm_share_load(stand->share) == 0;
}

void s3_stand_run(struct s3_stand *stand) {
    int64_t deadline_us = g_get_monotonic_time() + DEADLINE_US;
    do {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);
        turn(stand);
        if (is_held(stand)) {
            return;
        }
        if (is_busy(stand)) {
            take_in(stand, 20);
        }
    } while (stand->woken || is_busy(stand) || stand->next_us <= now_us(stand));
}

void s3_stand_run_until(struct s3_stand *stand, int operations) {
    int64_t deadline_us = g_get_monotonic_time() + DEADLINE_US;
    int before = faulty_store_count(stand->store, DM_STORE_VERB_COUNT);
    while (faulty_store_count(stand->store, DM_STORE_VERB_COUNT) - before < operations) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);
        turn(stand);
        take_in(stand, is_busy(stand) ? 5 : 0);
    }
}

void s3_stand_pass(struct s3_stand *stand, int64_t us) {
    int64_t end_us = now_us(stand) + us;
    s3_stand_run(stand);
    while (stand->next_us < end_us) {
        stand->ahead_us += MAX(stand->next_us - now_us(stand), 0);
        s3_stand_run(stand);
    }
    stand->ahead_us += MAX(end_us - now_us(stand), 0);
    s3_stand_run(stand);
}

void s3_stand_poll(struct s3_stand *stand) {
    dm_s3_inbox_hurry(stand->inbox);
    s3_stand_run(stand);
}

// ---- objects

static char *in_store(const struct s3_stand *stand, const char *key) {
    g_autofree char *path = dm_dir_path_of_key(key);
    return g_build_filename(stand->store_path, path, NULL);
}

static void write_file(const char *full, const char *text) {
    g_autofree char *dir = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0775), ==, 0);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
}

void s3_stand_put(struct s3_stand *stand, const char *key, const char *text) {
    g_autofree char *full = in_store(stand, key);
    write_file(full, text);
}

void s3_stand_remove(struct s3_stand *stand, const char *key) {
    g_autofree char *full = in_store(stand, key);
    g_assert_cmpint(g_remove(full), ==, 0);
}

static char *content(const char *full) {
    char *text = NULL;
    g_file_get_contents(full, &text, NULL, NULL);
    return text;
}

char *s3_stand_object(struct s3_stand *stand, const char *key) {
    g_autofree char *full = in_store(stand, key);
    return content(full);
}

void s3_stand_expect_object(struct s3_stand *stand, const char *key, const char *text) {
    g_autofree char *found = s3_stand_object(stand, key);
    g_assert_cmpstr(found, ==, text);
}

void s3_stand_expect_part(struct s3_stand *stand, const char *key, const char *part) {
    g_autofree char *found = s3_stand_object(stand, key);
    g_assert_nonnull(found);
    g_test_message("%s: %s", key, found);
    g_assert_nonnull(strstr(found, part));
}

// ---- files

static char *in_inbox(const struct s3_stand *stand, const char *path) {
    return g_build_filename(stand->share_path, "inbox", path, NULL);
}

void s3_stand_drop(struct s3_stand *stand, const char *path, const char *text) {
    g_autofree char *full = in_inbox(stand, path);
    write_file(full, text);
}

char *s3_stand_file(struct s3_stand *stand, const char *path) {
    g_autofree char *full = in_inbox(stand, path);
    return content(full);
}

void s3_stand_expect_file(struct s3_stand *stand, const char *path, const char *text) {
    g_autofree char *found = s3_stand_file(stand, path);
    g_assert_cmpstr(found, ==, text);
}

static int count_below(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    int count = 0;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *full = g_build_filename(path, name, NULL);
        count += g_file_test(full, G_FILE_TEST_IS_DIR) ? count_below(full) : 1;
    }
    return count;
}

int s3_stand_count_files(struct s3_stand *stand) {
    g_autofree char *inbox = in_inbox(stand, "");
    return count_below(inbox);
}

// ---- the rooms beside it

static struct dm_row *row_of(struct s3_stand *stand, const char *path) {
    struct dm_row *row = dm_ledger_find(stand->ledger, path);
    g_assert_nonnull(row);
    return row;
}

void s3_stand_see(struct s3_stand *stand, const char *path) {
    struct dm_fingerprint print;
    g_autofree char *full = in_inbox(stand, path);
    g_assert_cmpint(dm_fingerprint_at(AT_FDCWD, full, &print, NULL), ==, 0);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(stand->ledger, path);
    if (row == NULL) {
        row = dm_ledger_insert(stand->ledger, path, "gray", &print);
    } else {
        row->fingerprint = print;
        dm_ledger_move(stand->ledger, row,
                       row->state == DM_STATE_SEEN || row->state == DM_STATE_READY
                           ? DM_FACT_CHANGED
                           : DM_FACT_DROPPED);
    }
    dm_ledger_move(stand->ledger, row, DM_FACT_SETTLED);
    dm_row_set(&row->temp, "gray/.dropmill-1-1.tmp");
    row->job = 1;
    dm_ledger_move(stand->ledger, row, DM_FACT_DISPATCHED);
}

static void leave_inbox(struct s3_stand *stand, const char *path) {
    g_autofree char *full = in_inbox(stand, path);
    g_assert_cmpint(g_remove(full), ==, 0);
    stand->woken = true;
}

void s3_stand_finish(struct s3_stand *stand, const char *path) {
    DM_AUTO_ROW struct dm_row *row = row_of(stand, path);
    dm_row_set(&row->format, "jpeg");
    row->bytes = 1;
    dm_ledger_move(stand->ledger, row, DM_FACT_COMPUTED);
    dm_row_set(&row->temp, "");
    dm_row_set(&row->output, path);
    dm_ledger_claim_output(stand->ledger, path, path);
    dm_ledger_move(stand->ledger, row, DM_FACT_PUBLISHED);
    dm_ledger_move(stand->ledger, row, DM_FACT_RETIRED);
    leave_inbox(stand, path);
}

void s3_stand_fail(struct s3_stand *stand, const char *path) {
    DM_AUTO_ROW struct dm_row *row = row_of(stand, path);
    row->reason = DM_REASON_DAMAGED;
    dm_row_set(&row->message, "it is no \"picture\"\n");
    dm_ledger_move(stand->ledger, row, DM_FACT_REFUSED);
    leave_inbox(stand, path);
}

void s3_stand_sync(struct s3_stand *stand, const char *path) {
    struct dm_upload *upload = dm_ledger_find_upload(stand->ledger, path);
    g_assert_nonnull(upload);
    upload->state = DM_UPLOAD_SYNCED;
    g_assert_true(dm_ledger_save_upload(stand->ledger, upload));
    dm_upload_free(upload);
    stand->woken = true;
}

// ---- the ledger

int s3_stand_state(struct s3_stand *stand, const char *key) {
    struct dm_arrival *arrival = dm_ledger_find_arrival(stand->ledger, key);
    int state = arrival != NULL ? (int)arrival->state : -1;
    dm_arrival_free(arrival);
    return state;
}

int64_t s3_stand_count(struct s3_stand *stand, enum dm_arrival_state state) {
    int64_t counts[DM_ARRIVAL_STATE_COUNT];
    dm_ledger_count_arrivals(stand->ledger, counts);
    return counts[state];
}

void s3_stand_status(struct s3_stand *stand, struct dm_s3_inbox_status *ret) {
    dm_s3_inbox_status(stand->inbox, now_us(stand), ret);
}

// ---- running

static void set_up(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    g_string_truncate(log_text, 0);
    init(stand);
    s3_stand_start(stand);
    s3_stand_run(stand);
}

static void tear_down(struct s3_stand *stand, gconstpointer data) {
    (void)data;
    if (stand->inbox != NULL) {
        s3_stand_stop(stand);
    }
    dm_remove_tree(stand->dir);
    g_free(stand->dir);
    g_free(stand->share_path);
    g_free(stand->store_path);
    g_free(stand->ledger_path);
    dm_config_free(stand->config);
}

int s3_stand_main(int argc, char **argv, const struct s3_stand_test *tests, size_t count) {
    g_test_init(&argc, &argv, NULL);
    log_text = g_string_new(NULL);
    g_log_set_default_handler(keep_log, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *path = g_strconcat("/s3_inbox/", tests[i].name, NULL);
        g_test_add(path, struct s3_stand, NULL, set_up, tests[i].run, tear_down);
    }
    return g_test_run();
}
