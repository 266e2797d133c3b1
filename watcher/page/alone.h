// SPDX-License-Identifier: MIT
//
// The page's own worker, `dropmill-worker --alone`: one thread, of the lowest importance, that
// makes one picture at a time. Started when somebody asks for a picture, ended when nobody has for
// a while, started again when it dies. On this thread's main context; nothing here waits. Who asks:
// pictures.h.
#ifndef DM_WATCHER_PAGE_ALONE_H
#define DM_WATCHER_PAGE_ALONE_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Copied; what it points to is borrowed for its life. */
struct dm_alone_config {
    // The path of dropmill-worker, and its arguments: (nullable) NULL-terminated.
    const char *worker;
    const char *const *worker_args;
    // Ours alone: its home and its place for temporary files.
    const char *dir;
    // That it may use; 0: half of the machine's.
    int64_t memory_bytes;
    // It ends after so long without work.
    int64_t idle_us;
    // How many may wait for it.
    unsigned most_waiting;
};

/** Called once, from the main loop; @result is the caller's. */
typedef void (*dm_alone_done)(void *data, const struct dm_result *result);

/** What makes pictures: a worker alone, or a test. */
struct dm_picture_maker {
    /**
     * Have @task done: its id and attempt are given to it here, the rest is copied.
     *
     * @urgent  before all that is not.
     * Returns: a number above 0, by which it can be withdrawn; 0: too many wait, @done is not
     * called.
     */
    int64_t (*ask)(void *maker, const struct dm_task *task, bool urgent, dm_alone_done done,
                   void *data);
    /** Take back what waits: true, and @done is not called. False: it is being made. */
    bool (*withdraw)(void *maker, int64_t number);
    void *maker;
};

/** What can be seen of it. */
struct dm_alone_status {
    // 0: it does not run.
    int pid;
    bool up;
    unsigned waiting;
    // Since the beginning.
    int64_t starts, deaths, made;
    // Why it did not start, or what it died of; "" if nothing is wrong.
    char problem[256];
};

struct dm_alone;

struct dm_alone *dm_alone_new(const struct dm_alone_config *config);

/** End it; those who wait are not called any more. Accepts NULL. */
void dm_alone_free(struct dm_alone *alone);

/** Its two doors. They are as long good as it is. */
struct dm_picture_maker dm_alone_maker(struct dm_alone *alone);

void dm_alone_status(const struct dm_alone *alone, struct dm_alone_status *ret);

#endif
