// SPDX-License-Identifier: MIT
//
// See cell.h. One slot for work, and a mutex and a condition around it.
#include "mpi_worker/cell.h"

#include "common/error.h"
#include "mpi_worker/crash.h"
#include "mpi_worker/jail.h"

#include <pthread.h>
#include <signal.h>

enum state { STARTING, IDLE, WORKING, ENDING };

struct dm_cell {
    pthread_t thread;
    void (*thread_end)(void);
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        enum state state;
        GError *error; // of the jail, when the state is ENDING from the start
        void (*work)(void *data);
        void *data;
        int64_t id, attempt;
    } synced;
};

static void set_state_locked(struct dm_cell *cell, enum state state) {
    cell->synced.state = state;
    pthread_cond_broadcast(&cell->synced.changed);
}

static void wait_while_locked(struct dm_cell *cell, enum state state) {
    while (cell->synced.state == state) {
        pthread_cond_wait(&cell->synced.changed, &cell->synced.lock);
    }
}

/** Do what is in the slot; the lock is held before and after, not meanwhile. */
static void work_locked(struct dm_cell *cell) {
    pthread_mutex_unlock(&cell->synced.lock);
    dm_crash_set_task(cell->synced.id, cell->synced.attempt);
    cell->synced.work(cell->synced.data);
    dm_crash_set_task(0, 0);
    pthread_mutex_lock(&cell->synced.lock);
    set_state_locked(cell, IDLE);
}

static void *live(void *data) {
    struct dm_cell *cell = data;
    dm_crash_thread_begin();
    GError *error = NULL;
    bool jailed = dm_jail_enter(&error);

    pthread_mutex_lock(&cell->synced.lock);
    cell->synced.error = error;
    set_state_locked(cell, jailed ? IDLE : ENDING);
    for (wait_while_locked(cell, IDLE); cell->synced.state == WORKING;
         wait_while_locked(cell, IDLE)) {
        work_locked(cell);
    }
    pthread_mutex_unlock(&cell->synced.lock);
    if (cell->thread_end != NULL) {
        cell->thread_end();
    }
    dm_crash_thread_end();
    return NULL;
}

struct dm_cell *dm_cell_new(void (*thread_end)(void), GError **error) {
    struct dm_cell *cell = g_new0(struct dm_cell, 1);
    cell->thread_end = thread_end;
    pthread_mutex_init(&cell->synced.lock, NULL);
    pthread_cond_init(&cell->synced.changed, NULL);
    int errnum = pthread_create(&cell->thread, NULL, live, cell);
    if (errnum != 0) {
        dm_fail_errno(error, errnum, "cannot start a thread for decoding");
        pthread_mutex_destroy(&cell->synced.lock);
        pthread_cond_destroy(&cell->synced.changed);
        g_free(cell);
        return NULL;
    }
    pthread_setname_np(cell->thread, "dm-cell");
    pthread_mutex_lock(&cell->synced.lock);
    wait_while_locked(cell, STARTING);
    GError *why = g_steal_pointer(&cell->synced.error);
    pthread_mutex_unlock(&cell->synced.lock);
    if (why != NULL) {
        g_propagate_error(error, why);
        g_clear_pointer(&cell, dm_cell_free);
    }
    return cell;
}

void dm_cell_free(struct dm_cell *cell) {
    if (cell == NULL) {
        return;
    }
    pthread_mutex_lock(&cell->synced.lock);
    set_state_locked(cell, ENDING);
    pthread_mutex_unlock(&cell->synced.lock);
    pthread_join(cell->thread, NULL);
    pthread_mutex_destroy(&cell->synced.lock);
    pthread_cond_destroy(&cell->synced.changed);
    g_free(cell);
}

void dm_cell_run(struct dm_cell *cell, void (*work)(void *data), void *data, int64_t id,
                 int64_t attempt) {
    pthread_mutex_lock(&cell->synced.lock);
    cell->synced.work = work;
    cell->synced.data = data;
    cell->synced.id = id;
    cell->synced.attempt = attempt;
    set_state_locked(cell, WORKING);
    wait_while_locked(cell, WORKING);
    pthread_mutex_unlock(&cell->synced.lock);
}
