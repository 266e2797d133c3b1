// SPDX-License-Identifier: MIT
//
// A stand for tests of the S3 inbox: a real share, a real ledger in a file, a real store in a
// directory with faults to order, both threads. The test plays the main loop, the rooms that work
// on files, and whoever puts objects, and says what time it is.
#ifndef DM_TESTS_S3_STAND_H
#define DM_TESTS_S3_STAND_H

#include "tests/unit/watcher/support/faulty_store.h"
#include "watcher/config.h"
#include "watcher/ledger/arrivals.h"
#include "watcher/ledger/uploads.h"
#include "watcher/s3_inbox/s3_inbox.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SECOND_US INT64_C(1000000)

struct s3_stand {
    // Of everything; of the share; of the store.
    char *dir, *share_path, *store_path, *ledger_path;
    struct dm_config *config;
    // The defaults, and the prefix "in/"; may be changed before a start.
    struct dm_s3_inbox_settings *settings;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_store *store;
    struct dm_s3_inbox *inbox;
    // How far our clocks are ahead of those of the machine.
    int64_t ahead_us;
    int64_t next_us;
    bool woken;
};

/** As the daemon starts and ends. */
void s3_stand_start(struct s3_stand *stand);
void s3_stand_stop(struct s3_stand *stand);

/** Turns until nothing is under way and nothing is due at this moment. */
void s3_stand_run(struct s3_stand *stand);

/** The same until so many operations were started, some of which may be under way. */
void s3_stand_run_until(struct s3_stand *stand, int operations);

/** Let time go by, with every turn that is asked for on the way. */
void s3_stand_pass(struct s3_stand *stand, int64_t us);

/** One more listing. */
void s3_stand_poll(struct s3_stand *stand);

/** Put an object, as another one than was there; remove it; what it holds, (transfer full), NULL if
 * there is none. */
void s3_stand_put(struct s3_stand *stand, const char *key, const char *text);
void s3_stand_remove(struct s3_stand *stand, const char *key);
char *s3_stand_object(struct s3_stand *stand, const char *key);
/** Fail unless it is there and holds @text, or @part of a text. */
void s3_stand_expect_object(struct s3_stand *stand, const char *key, const char *text);
void s3_stand_expect_part(struct s3_stand *stand, const char *key, const char *part);

/** The same for files of the inbox. */
void s3_stand_drop(struct s3_stand *stand, const char *path, const char *text);
char *s3_stand_file(struct s3_stand *stand, const char *path);
void s3_stand_expect_file(struct s3_stand *stand, const char *path, const char *text);
int s3_stand_count_files(struct s3_stand *stand);

/** The rooms beside it see the file @path; have a result of it, or it fails; the result is in the
 * mirror. The file leaves the inbox with its end. */
void s3_stand_see(struct s3_stand *stand, const char *path);
void s3_stand_finish(struct s3_stand *stand, const char *path);
void s3_stand_fail(struct s3_stand *stand, const char *path);
void s3_stand_sync(struct s3_stand *stand, const char *path);

/** The state of the row of @key, as a number; -1: there is none. */
int s3_stand_state(struct s3_stand *stand, const char *key);
int64_t s3_stand_count(struct s3_stand *stand, enum dm_arrival_state state);
void s3_stand_status(struct s3_stand *stand, struct dm_s3_inbox_status *ret);

/** What was logged as a warning or message since this was asked last; (transfer full). */
char *s3_stand_take_log(void);

/** The main() of a program of tests that each get a stand that runs. */
struct s3_stand_test {
    const char *name;
    void (*run)(struct s3_stand *, gconstpointer);
};
int s3_stand_main(int argc, char **argv, const struct s3_stand_test *tests, size_t count);

#endif
