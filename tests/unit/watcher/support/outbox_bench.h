// SPDX-License-Identifier: MIT
//
// The workbench of the outbox's tests: a real share in a temporary directory, a real ledger in
// memory, a real I/O thread. The test plays the main loop: turn, commit, dispatch; time is passed
// in.
#ifndef DM_TESTS_OUTBOX_BENCH_H
#define DM_TESTS_OUTBOX_BENCH_H

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/outbox/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define BENCH_DEADLINE_MS 10000
#define SECOND_US INT64_C(1000000)
#define HOUR_US (3600 * SECOND_US)
#define DAY_US (24 * HOUR_US)

struct bench {
    char *path; // of the share
    struct dm_catalogue *catalogue;
    struct dm_outbox_config config;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_outbox *outbox;
    struct dm_wake wake;
    int wakes;
    int64_t now_us;  // passed to turns
    int64_t next_us; // what the last turn wanted
    // The wall clock before now_us.
    int64_t utc_ahead_us;
};

/** From now on keep what is logged, and go on after a warning: once, behind g_test_init(). */
void bench_catch_log(void);

/** How many warnings and messages of the life cycle were logged; @reset: count anew from now on. */
unsigned bench_count_log(bool reset);

/** The last line about a file that was logged. */
const char *bench_file_log(void);

/** Fail unless the last line logged fits @pattern; forget it. */
void bench_expect_log(const char *pattern);

char *bench_path(const struct bench *bench, const char *path);

/** Make the file @path (relative to the share) with its directories. */
void bench_write(const struct bench *bench, const char *path, const char *text);

bool bench_has(const struct bench *bench, const char *path);

/** What is in the file @path; fails when it is not there. */
char *bench_read(const struct bench *bench, const char *path);

void bench_expect(const struct bench *bench, const char *path, const char *text);

void bench_remove(const struct bench *bench, const char *path);

void bench_rename(const struct bench *bench, const char *from, const char *to);

void bench_commit(struct bench *bench);

/** Open the share and start an outbox on what is there, as after a (re)start of the daemon. */
void bench_start(struct bench *bench);

void bench_stop(struct bench *bench);

/** A share with its four directories and identity; nothing is started yet. */
void bench_init(struct bench *bench);

void bench_clear(struct bench *bench);

/** Wait for the I/O thread once and bring its jobs back. */
void bench_dispatch(struct bench *bench);

/** One turn, one commit, and what was waiting for it. */
void bench_turn(struct bench *bench);

/** Turn the loop until nothing more happens at this moment. */
void bench_run(struct bench *bench);

/** Let time pass, then run. */
void bench_pass(struct bench *bench, int64_t us);

/** Drop a file into inbox/ and tell the ledger, up to READY. Returns its row's id. */
int64_t bench_drop(struct bench *bench, const char *path, const char *text);

/** The engine takes the row up: RUNNING, with a temporary's name. */
void bench_dispatch_row(struct bench *bench, int64_t id);

/** The worker's answer: the temporary, as @format, with @text for a picture. */
void bench_answer(struct bench *bench, int64_t id, const char *format, const char *text);

/** A file on its way from the drop to COMPUTED. */
int64_t bench_computed(struct bench *bench, const char *path, const char *original,
                       const char *format, const char *result);

/** A file on its way from the drop to FAILED. */
int64_t bench_failed(struct bench *bench, const char *path, const char *original);

enum dm_state bench_state(struct bench *bench, int64_t id);

void bench_expect_state(struct bench *bench, int64_t id, enum dm_state state);

// ---- mounts

/** Give the process mounts of its own: once, at the start of main(), before there are threads. */
void bench_own_mounts(void);

/** Say whether the test may mount; else it is skipped, and says why. */
bool bench_may_mount(void);

/** Lay a new empty file system over a directory of the share, as it was before the start: the bench
 * is started anew. */
void bench_mount(struct bench *bench, const char *path, const char *options);

void bench_remount(const struct bench *bench, const char *path, bool read_only);

/** Give it room for @options: "size=1m". */
void bench_remount_with(const struct bench *bench, const char *path, const char *options);

/** Take it off again, before another start. */
void bench_unmount(struct bench *bench, const char *path);

// ---- a row's way

void bench_set_up(struct bench *bench, gconstpointer data);

void bench_tear_down(struct bench *bench, gconstpointer data);

void bench_restart(struct bench *bench);

/** Fail when anything of ours is left in the directory @path of the share. */
void bench_expect_no_temporaries(const struct bench *bench, const char *path);

struct dm_row *bench_row_of(struct bench *bench, int64_t id);

/** Rows up to PUBLISHED, with the original still in the inbox. */
int64_t bench_published(struct bench *bench, const char *path);

void bench_expect_retired(struct bench *bench, int64_t id);

// ---- running

struct bench_test {
    const char *name;
    void (*run)(struct bench *, gconstpointer);
};

/** The main() of a program of tests that each get a bench with an outbox at rest. */
int bench_main(int argc, char **argv, const struct bench_test *tests, size_t count);

#endif
