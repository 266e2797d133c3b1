// SPDX-License-Identifier: MIT
//
// A stand for tests of the mirror: a real share, a real ledger in a file, a real store in a
// directory with faults to order, both threads. The test plays the main loop and says what time it
// is.
#ifndef DM_TESTS_MIRROR_STAND_H
#define DM_TESTS_MIRROR_STAND_H

#include "tests/unit/watcher/support/faulty_store.h"
#include "watcher/config.h"
#include "watcher/ledger/uploads.h"
#include "watcher/mirror/mirror.h"
#include "watcher/mirror/settings.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

struct stand {
    // Of everything; of the share; of the store.
    char *dir, *share_path, *store_path, *ledger_path;
    struct dm_config *config;
    // The defaults, and the prefix "results/": a part of it, may be changed before a start.
    struct dm_mirror_settings *settings;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_store *store;
    struct dm_mirror *mirror;
    // How far our clocks are ahead of those of the machine.
    int64_t ahead_us;
    int64_t next_us;
    bool woken;
};

/** A share and a store; nothing is started yet. */
void stand_init(struct stand *stand);
void stand_clear(struct stand *stand);

/** As the daemon starts and ends. */
void stand_start(struct stand *stand);
void stand_stop(struct stand *stand);

/** One turn, one commit, and what was waiting for it. */
void stand_turn(struct stand *stand);

/** Turns until nothing is under way and nothing is due at this moment. */
void stand_run(struct stand *stand);

/** The same until so many operations were started, with some of them still under way perhaps. */
void stand_run_until(struct stand *stand, int operations);

/** Let time go by, with every turn that is asked for on the way. */
void stand_pass(struct stand *stand, int64_t us);

/** Put @text into outbox/@path as a result, and queue it. */
void stand_publish(struct stand *stand, const char *path, const char *text);

/** A result of @bytes, each by its place and @seed. */
void stand_publish_large(struct stand *stand, const char *path, int64_t bytes, int seed);

/** Take it away, as people do. */
void stand_remove(struct stand *stand, const char *path);

/** What is in the store for @path: (transfer full), NULL if nothing is. */
char *stand_object(struct stand *stand, const char *path);
void stand_expect_object(struct stand *stand, const char *path, const char *text);

/** Fail unless the object is, byte by byte, the file in the outbox. */
void stand_expect_same(struct stand *stand, const char *path);

/** How many objects there are. */
int stand_count_objects(struct stand *stand);

void stand_expect_state(struct stand *stand, const char *path, enum dm_upload_state state);
int64_t stand_count(struct stand *stand, enum dm_upload_state state);

/** What was logged as a warning or message since this was asked last; (transfer full). */
char *stand_take_log(void);

/** The main() of a program of tests that each get a stand that runs. */
struct stand_test {
    const char *name;
    void (*run)(struct stand *, gconstpointer);
};
int stand_main(int argc, char **argv, const struct stand_test *tests, size_t count);

#endif
