// SPDX-License-Identifier: MIT
//
// See outbox_bench.h.
#include "tests/unit/watcher/support/outbox_bench.h"

#include "tests/unit/watcher/support/share_dir.h"

static const struct dm_format bench_formats[] = {
    {"jpeg", "jpg jpeg jpe", "image/jpeg", true, true},
    {"png", "png", "image/png", true, true},
    {"webp", "webp", "image/webp", true, true},
};

/** The last warning or message of the life cycle that was logged, and the last line of a file. */
static char last_log[1024];
static char last_file_log[1024];
static unsigned log_count;

static int bench_mount_errnum = ENOSYS;

static void bench_keep_log(const char *domain, GLogLevelFlags level, const char *message,
                           gpointer data) {
    (void)domain;
    (void)data;
    if (g_str_has_prefix(message, "published ") || g_str_has_prefix(message, "moved to failed ")) {
        g_strlcpy(last_file_log, message, sizeof(last_file_log));
    } else if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_MESSAGE) {
        g_strlcpy(last_log, message, sizeof(last_log));
        log_count++;
    }
}

void bench_catch_log(void) {
    g_log_set_default_handler(bench_keep_log, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
}

unsigned bench_count_log(bool reset) {
    unsigned count = log_count;
    log_count = reset ? 0 : log_count;
    return count;
}

const char *bench_file_log(void) {
    return last_file_log;
}

void bench_expect_log(const char *pattern) {
    if (!g_pattern_match_simple(pattern, last_log)) {
        g_printerr("logged '%s', expected '%s'\n", last_log, pattern);
        g_assert_not_reached();
    }
    last_log[0] = '\0';
}

static void bench_wake(void *data) {
    ((struct bench *)data)->wakes++;
}

char *bench_path(const struct bench *bench, const char *path) {
    return g_strconcat(bench->path, "/", path, NULL);
}

void bench_write(const struct bench *bench, const char *path, const char *text) {
    g_autofree char *full = bench_path(bench, path);
    g_autofree char *dir = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0775), ==, 0);
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0664);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    close(fd);
}

bool bench_has(const struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    struct stat s;
    return lstat(full, &s) == 0;
}

char *bench_read(const struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(full, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

void bench_expect(const struct bench *bench, const char *path, const char *text) {
    g_autofree char *found = bench_read(bench, path);
    g_assert_cmpstr(found, ==, text);
}

void bench_remove(const struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    g_assert_cmpint(g_remove(full), ==, 0);
}

void bench_rename(const struct bench *bench, const char *from, const char *to) {
    g_autofree char *old = bench_path(bench, from);
    g_autofree char *new = bench_path(bench, to);
    g_assert_cmpint(g_rename(old, new), ==, 0);
}

void bench_commit(struct bench *bench) {
    g_autoptr(GError) error = NULL;
    g_assert_true(dm_ledger_commit(bench->ledger, &error));
    g_assert_no_error(error);
}

/** The wall clock goes with the one that is passed to turns. */
static int64_t utc_us(void *data) {
    const struct bench *bench = data;
    return bench->utc_ahead_us + bench->now_us;
}

void bench_start(struct bench *bench) {
    g_autoptr(GError) error = NULL;
    bench->share = dm_share_open(bench->path, 0, &error);
    g_assert_no_error(error);
    struct dm_outbox_config config = bench->config; // the outbox must keep copies
    struct dm_wake wake = bench->wake;
    bench->outbox = dm_outbox_new(&config, bench->ledger, bench->share, &wake);
    config = (struct dm_outbox_config){0};
    wake = (struct dm_wake){0};
}

void bench_stop(struct bench *bench) {
    dm_share_stop(bench->share);
    dm_outbox_free(bench->outbox);
    dm_share_free(bench->share);
    bench->share = NULL;
    bench->outbox = NULL;
}

void bench_init(struct bench *bench) {
    *bench = (struct bench){.now_us = g_get_monotonic_time()};
    bench->utc_ahead_us = g_get_real_time() - bench->now_us;
    g_autoptr(GError) error = NULL;
    bench->path = share_dir_make();
    bench->catalogue = dm_catalogue_new();
    for (size_t i = 0; i < G_N_ELEMENTS(bench_formats); i++) {
        dm_catalogue_add_format(bench->catalogue, &bench_formats[i]);
    }
    bench->config = (struct dm_outbox_config){
        .catalogue = bench->catalogue,
        .settings = {.keep_us = INT64_C(14) * 24 * 3600 * G_USEC_PER_SEC,
                     .retry_us = INT64_C(60) * G_USEC_PER_SEC},
    };
    bench->wake = (struct dm_wake){bench_wake, bench};
    bench->ledger = dm_ledger_open(":memory:", false, &error);
    dm_ledger_set_clock(bench->ledger, utc_us, bench);
    g_assert_no_error(error);
}

void bench_clear(struct bench *bench) {
    bench_stop(bench);
    dm_ledger_free(bench->ledger);
    dm_catalogue_free(bench->catalogue);
    dm_remove_tree(bench->path);
    g_free(bench->path);
}

void bench_dispatch(struct bench *bench) {
    struct pollfd share = {.fd = dm_share_fd(bench->share), .events = POLLIN};
    g_assert_cmpint(poll(&share, 1, BENCH_DEADLINE_MS), ==, 1);
    dm_share_dispatch(bench->share, bench->now_us);
}

void bench_turn(struct bench *bench) {
    int64_t share_us = dm_share_turn(bench->share, bench->now_us);
    bench->next_us = MIN(share_us, dm_outbox_turn(bench->outbox, bench->now_us));
    bench_commit(bench);
    dm_outbox_committed(bench->outbox);
}

void bench_run(struct bench *bench) {
    for (int i = 0; i < 1000; i++) {
        uint64_t before = dm_ledger_changes(bench->ledger);
        bench_turn(bench);
        if (dm_share_load(bench->share) > 0) {
            bench_dispatch(bench);
        } else if (bench->next_us > bench->now_us && before == dm_ledger_changes(bench->ledger)) {
            return;
        }
    }
    g_assert_not_reached(); // it never comes to rest
}

void bench_pass(struct bench *bench, int64_t us) {
    bench->now_us += us;
    bench_run(bench);
}

int64_t bench_drop(struct bench *bench, const char *path, const char *text) {
    g_autofree char *in_inbox = g_strconcat("inbox/", path, NULL);
    bench_write(bench, in_inbox, text);
    g_autofree char *full = bench_path(bench, in_inbox);
    struct dm_fingerprint fingerprint;
    g_assert_cmpint(dm_fingerprint_at(AT_FDCWD, full, &fingerprint, NULL), ==, 0);
    struct dm_row *row = dm_ledger_find(bench->ledger, path);
    if (row == NULL) {
        row = dm_ledger_insert(bench->ledger, path, "gray", &fingerprint);
    } else if (row->state == DM_STATE_DONE || row->state == DM_STATE_FAILED) {
        dm_ledger_move(bench->ledger, row, DM_FACT_DROPPED);
    }
    row->fingerprint = fingerprint;
    if (row->state == DM_STATE_SEEN) {
        dm_ledger_move(bench->ledger, row, DM_FACT_SETTLED);
    }
    int64_t id = row->id;
    dm_row_free(row);
    return id;
}

void bench_dispatch_row(struct bench *bench, int64_t id) {
    struct dm_row *row = dm_ledger_get(bench->ledger, id);
    g_autofree char *dir = dm_path_dir(row->path);
    g_autofree char *name = dm_temp_name(row->id, row->attempt + 1);
    g_autofree char *temp = dm_path_join(dir, name);
    row->job = 1;
    dm_row_set(&row->temp, temp);
    dm_ledger_move(bench->ledger, row, DM_FACT_DISPATCHED);
    dm_row_free(row);
}

void bench_answer(struct bench *bench, int64_t id, const char *format, const char *text) {
    struct dm_row *row = dm_ledger_get(bench->ledger, id);
    g_autofree char *temp = g_strconcat("outbox/", row->temp, NULL);
    bench_write(bench, temp, text);
    dm_row_set(&row->format, format);
    row->bytes = (int64_t)strlen(text);
    dm_ledger_move(bench->ledger, row, DM_FACT_COMPUTED);
    bench_commit(bench);
    dm_row_free(row);
}

int64_t bench_computed(struct bench *bench, const char *path, const char *original,
                       const char *format, const char *result) {
    int64_t id = bench_drop(bench, path, original);
    bench_dispatch_row(bench, id);
    bench_answer(bench, id, format, result);
    return id;
}

int64_t bench_failed(struct bench *bench, const char *path, const char *original) {
    int64_t id = bench_drop(bench, path, original);
    bench_dispatch_row(bench, id);
    struct dm_row *row = dm_ledger_get(bench->ledger, id);
    row->reason = DM_REASON_TRUNCATED;
    dm_row_set(&row->message, "jpeg: premature end of data");
    dm_ledger_move(bench->ledger, row, DM_FACT_REFUSED);
    bench_commit(bench);
    dm_row_free(row);
    return id;
}

enum dm_state bench_state(struct bench *bench, int64_t id) {
    struct dm_row *row = dm_ledger_get(bench->ledger, id);
    g_assert_nonnull(row);
    enum dm_state state = row->state;
    dm_row_free(row);
    return state;
}

void bench_expect_state(struct bench *bench, int64_t id, enum dm_state state) {
    g_assert_cmpstr(dm_state_name(bench_state(bench, id)), ==, dm_state_name(state));
}

void bench_own_mounts(void) {
    bool good =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    bench_mount_errnum = good ? 0 : errno;
}

bool bench_may_mount(void) {
    if (bench_mount_errnum != 0) {
        g_autofree char *why =
            g_strdup_printf("no private mounts here: %s", g_strerror(bench_mount_errnum));
        g_test_skip(why);
    }
    return bench_mount_errnum == 0;
}

void bench_mount(struct bench *bench, const char *path, const char *options) {
    g_autofree char *full = bench_path(bench, path);
    bench_stop(bench);
    g_assert_cmpint(mount("tmpfs", full, "tmpfs", 0, options), ==, 0);
    bench_start(bench);
    bench_run(bench);
}

void bench_remount(const struct bench *bench, const char *path, bool read_only) {
    g_autofree char *full = bench_path(bench, path);
    g_assert_cmpint(mount(NULL, full, NULL, MS_REMOUNT | (read_only ? MS_RDONLY : 0), NULL), ==, 0);
}

void bench_remount_with(const struct bench *bench, const char *path, const char *options) {
    g_autofree char *full = bench_path(bench, path);
    g_assert_cmpint(mount(NULL, full, NULL, MS_REMOUNT, options), ==, 0);
}

void bench_unmount(struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    bench_stop(bench);
    g_assert_cmpint(umount2(full, MNT_DETACH), ==, 0);
    bench_start(bench);
    bench_run(bench);
}

void bench_set_up(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_init(bench);
    bench_start(bench);
    bench_run(bench); // the first janitor
}

void bench_tear_down(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_clear(bench);
}

void bench_restart(struct bench *bench) {
    bench_stop(bench);
    bench_start(bench);
    bench_run(bench);
}

void bench_expect_no_temporaries(const struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    g_autoptr(GDir) dir = g_dir_open(full, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_assert_false(g_str_has_prefix(name, ".dropmill"));
    }
}

struct dm_row *bench_row_of(struct bench *bench, int64_t id) {
    struct dm_row *row = dm_ledger_get(bench->ledger, id);
    g_assert_nonnull(row);
    return row;
}

int64_t bench_published(struct bench *bench, const char *path) {
    int64_t id = bench_computed(bench, path, "original", "jpeg", "result");
    int64_t other = bench_drop(bench, "gray/other.jpg", "x");
    if (bench_state(bench, other) == DM_STATE_READY) {
        bench_dispatch_row(bench, other); // keeps the group waiting
    }
    bench_commit(bench);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    g_assert_cmpint(bench->next_us, >, bench->now_us);
    g_assert_cmpint(bench->next_us, <=, bench->now_us + 200000);
    return id;
}

void bench_expect_retired(struct bench *bench, int64_t id) {
    struct dm_row *row = bench_row_of(bench, id);
    g_assert_cmpstr(dm_state_name(row->state), ==, "failed");
    g_assert_true(row->retired);
    dm_row_free(row);
}

int bench_main(int argc, char **argv, const struct bench_test *tests, size_t count) {
    g_test_init(&argc, &argv, NULL);
    bench_own_mounts();
    bench_catch_log();
    for (size_t i = 0; i < count; i++) {
        g_autofree char *path = g_strconcat("/outbox/", tests[i].name, NULL);
        g_test_add(path, struct bench, NULL, bench_set_up, tests[i].run, bench_tear_down);
    }
    return g_test_run();
}
