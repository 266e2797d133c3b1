// SPDX-License-Identifier: MIT
//
// See mirror_stand.h.
#include "tests/unit/watcher/support/mirror_stand.h"

#include "common/fsutil.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "watcher/share/share.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_US (30 * SECOND_US)

static GString *log_text;

static void keep_log(const char *domain, GLogLevelFlags level, const char *message, gpointer data) {
    (void)domain;
    (void)data;
    if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_MESSAGE) {
        g_string_append_printf(log_text, "%s\n", message);
    }
}

char *stand_take_log(void) {
    char *text = g_strdup(log_text->str);
    g_string_truncate(log_text, 0);
    return text;
}

/** The shipped defaults, a prefix, and a store in a directory. */
static void configure(struct stand *stand) {
    static const char text[] = "s3: { directory = \"/-\"; prefix = \"results/\"; };";
    g_autofree char *path = g_build_filename(stand->dir, "a.conf", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    stand->config = dm_config_load(path, &error);
    g_assert_no_error(error);
    stand->settings = &stand->config->mirror;
}

static int64_t utc_us(void *data) {
    return g_get_real_time() + ((const struct stand *)data)->ahead_us;
}

static int64_t now_us(const struct stand *stand) {
    return g_get_monotonic_time() + stand->ahead_us;
}

static void wake(void *data) {
    ((struct stand *)data)->woken = true;
}

void stand_init(struct stand *stand) {
    *stand = (struct stand){0};
    stand->dir = g_dir_make_tmp("dropmill-mirror-XXXXXX", NULL);
    stand->share_path = g_build_filename(stand->dir, "share", NULL);
    stand->store_path = g_build_filename(stand->dir, "store", NULL);
    stand->ledger_path = g_build_filename(stand->dir, "ledger.db", NULL);
    g_assert_cmpint(g_mkdir(stand->share_path, 0775), ==, 0);
    share_dir_fill(stand->share_path, SHARE_DIR_ID "\n");
    configure(stand);
}

void stand_clear(struct stand *stand) {
    if (stand->mirror != NULL) {
        stand_stop(stand);
    }
    dm_remove_tree(stand->dir);
    g_free(stand->dir);
    g_free(stand->share_path);
    g_free(stand->store_path);
    g_free(stand->ledger_path);
    dm_config_free(stand->config);
}

void stand_start(struct stand *stand) {
    g_autoptr(GError) error = NULL;
    const struct dm_wake waker = {wake, stand};
    stand->ledger = dm_ledger_open(stand->ledger_path, false, &error);
    g_assert_no_error(error);
    dm_ledger_set_clock(stand->ledger, utc_us, stand);
    stand->share = dm_share_open(stand->share_path, 0, &error);
    g_assert_no_error(error);
    stand->store = faulty_store_new(stand->store_path);
    const struct dm_mirror_config mirror = {stand->settings, stand->store, now_us(stand)};
    stand->mirror = dm_mirror_new(&mirror, stand->ledger, stand->share, &waker, &error);
    g_assert_no_error(error);
    stand->woken = true;
}

void stand_stop(struct stand *stand) {
    dm_share_stop(stand->share);
    dm_mirror_free(stand->mirror);
    g_assert_true(dm_ledger_commit(stand->ledger, NULL));
    dm_ledger_free(stand->ledger);
    dm_share_free(stand->share);
    stand->mirror = NULL;
}

void stand_turn(struct stand *stand) {
    g_autoptr(GError) error = NULL;
    stand->woken = false;
    stand->next_us = MIN(dm_share_turn(stand->share, now_us(stand)),
                         dm_mirror_turn(stand->mirror, now_us(stand)));
    dm_ledger_commit(stand->ledger, &error);
    g_assert_no_error(error);
    dm_mirror_committed(stand->mirror);
}

/** Wait at most @timeout_ms for one of the threads, and take in what has ended. */
static void take_in(struct stand *stand, int timeout_ms) {
    struct pollfd fds[] = {{.fd = dm_share_fd(stand->share), .events = POLLIN},
                           {.fd = dm_mirror_fd(stand->mirror), .events = POLLIN}};
    poll(fds, 2, timeout_ms);
    dm_share_dispatch(stand->share, now_us(stand));
    dm_mirror_dispatch(stand->mirror, now_us(stand));
}

static bool is_busy(const struct stand *stand) {
    return dm_share_load(stand->share) > 0 || dm_mirror_load(stand->mirror) > 0;
}

void stand_run(struct stand *stand) {
    int64_t deadline_us = g_get_monotonic_time() + DEADLINE_US;
    do {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);
        stand_turn(stand);
        bool held = stand->next_us > now_us(stand) && dm_share_load(stand->share) == 0 &&
                    stand->next_us != INT64_MAX && !stand->woken;
        if (is_busy(stand)) {
            take_in(stand, held ? 20 : 1000);
            struct dm_mirror_status status;
            dm_mirror_status(stand->mirror, now_us(stand), &status);
            if (held && status.connections == 0) {
                return; // what is under way waits for its time
            }
        }
    } while (stand->woken || is_busy(stand) || stand->next_us <= now_us(stand));
}

void stand_run_until(struct stand *stand, int operations) {
    int64_t deadline_us = g_get_monotonic_time() + DEADLINE_US;
    int before = faulty_store_count(stand->store, DM_STORE_VERB_COUNT);
    while (faulty_store_count(stand->store, DM_STORE_VERB_COUNT) - before < operations) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);
        stand_turn(stand);
        if (stand->next_us == INT64_MAX && !stand->woken && !is_busy(stand)) {
            return;
        }
        take_in(stand, is_busy(stand) ? 5 : 0);
        if (!is_busy(stand) && !stand->woken && stand->next_us > now_us(stand) &&
            stand->next_us != INT64_MAX) {
            stand->ahead_us += stand->next_us - now_us(stand);
        }
    }
}

void stand_pass(struct stand *stand, int64_t us) {
    int64_t end_us = now_us(stand) + us;
    stand_run(stand);
    while (stand->next_us < end_us) {
        stand->ahead_us += MAX(stand->next_us - now_us(stand), 0);
        stand_run(stand);
    }
    stand->ahead_us += MAX(end_us - now_us(stand), 0);
    stand_run(stand);
}

// ---- the outbox

static char *in_outbox(const struct stand *stand, const char *path) {
    return g_build_filename(stand->share_path, "outbox", path, NULL);
}

/** Whole or not at all, as the outbox does. */
static void place(struct stand *stand, const char *path, const char *bytes, gsize length) {
    g_autofree char *full = in_outbox(stand, path);
    g_autofree char *dir = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0775), ==, 0);
    g_assert_true(g_file_set_contents(full, bytes, (gssize)length, NULL));
    dm_ledger_queue_upload(stand->ledger, path, (int64_t)length);
    stand->woken = true;
}

void stand_publish(struct stand *stand, const char *path, const char *text) {
    place(stand, path, text, strlen(text));
}

void stand_publish_large(struct stand *stand, const char *path, int64_t bytes, int seed) {
    g_autofree char *text = g_malloc((gsize)bytes);
    for (int64_t i = 0; i < bytes; i++) {
        text[i] = (char)(i * 31 + (i >> 8) + seed);
    }
    place(stand, path, text, (gsize)bytes);
}

void stand_remove(struct stand *stand, const char *path) {
    g_autofree char *full = in_outbox(stand, path);
    g_assert_cmpint(g_remove(full), ==, 0);
}

// ---- the store

static char *in_store(const struct stand *stand, const char *path) {
    return g_build_filename(stand->store_path, stand->settings->prefix, path, NULL);
}

char *stand_object(struct stand *stand, const char *path) {
    g_autofree char *full = in_store(stand, path);
    char *text = NULL;
    g_file_get_contents(full, &text, NULL, NULL);
    return text;
}

void stand_expect_object(struct stand *stand, const char *path, const char *text) {
    g_autofree char *found = stand_object(stand, path);
    g_assert_cmpstr(found, ==, text);
}

void stand_expect_same(struct stand *stand, const char *path) {
    g_autofree char *source = in_outbox(stand, path);
    g_autofree char *object = in_store(stand, path);
    g_autofree char *wanted = NULL, *found = NULL;
    gsize wanted_length = 0, found_length = 0;
    g_assert_true(g_file_get_contents(source, &wanted, &wanted_length, NULL));
    g_assert_true(g_file_get_contents(object, &found, &found_length, NULL));
    g_assert_cmpuint(wanted_length, ==, found_length);
    g_assert_true(memcmp(wanted, found, wanted_length) == 0);
}

static int count_below(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    int count = 0;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *full = g_build_filename(path, name, NULL);
        if (*name != '.') {
            count += g_file_test(full, G_FILE_TEST_IS_DIR) ? count_below(full) : 1;
        }
    }
    return count;
}

int stand_count_objects(struct stand *stand) {
    return count_below(stand->store_path);
}

// ---- the ledger

void stand_expect_state(struct stand *stand, const char *path, enum dm_upload_state state) {
    struct dm_upload *upload = dm_ledger_find_upload(stand->ledger, path);
    g_assert_nonnull(upload);
    g_assert_cmpstr(dm_upload_state_name(upload->state), ==, dm_upload_state_name(state));
    dm_upload_free(upload);
}

int64_t stand_count(struct stand *stand, enum dm_upload_state state) {
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    dm_ledger_count_uploads(stand->ledger, counts);
    return counts[state];
}

// ---- running

static void set_up(struct stand *stand, gconstpointer data) {
    (void)data;
    g_string_truncate(log_text, 0);
    stand_init(stand);
    stand_start(stand);
    stand_run(stand); // the first look for orphans
}

static void tear_down(struct stand *stand, gconstpointer data) {
    (void)data;
    stand_clear(stand);
}

int stand_main(int argc, char **argv, const struct stand_test *tests, size_t count) {
    g_test_init(&argc, &argv, NULL);
    log_text = g_string_new(NULL);
    g_log_set_default_handler(keep_log, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *path = g_strconcat("/mirror/", tests[i].name, NULL);
        g_test_add(path, struct stand, NULL, set_up, tests[i].run, tear_down);
    }
    return g_test_run();
}
