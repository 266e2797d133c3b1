// SPDX-License-Identifier: MIT
//
// See sandbox.h. One slot for work, and a mutex and a condition around it.
#include "mpi_worker/task/sandbox.h"

#include "common/error.h"
#include "mpi_worker/job/crash.h"
#include "mpi_worker/task/jail.h"

#include <pthread.h>
#include <signal.h>

enum state { STARTING, IDLE, WORKING, ENDING };

struct dm_sandbox {
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

static void set_state_locked(struct dm_sandbox *sandbox, enum state state) {
    sandbox->synced.state = state;
    pthread_cond_broadcast(&sandbox->synced.changed);
}

static void wait_while_locked(struct dm_sandbox *sandbox, enum state state) {
    while (sandbox->synced.state == state) {
        pthread_cond_wait(&sandbox->synced.changed, &sandbox->synced.lock);
    }
}

/** Do what is in the slot; the lock is held before and after, not meanwhile. */
static void work_locked(struct dm_sandbox *sandbox) {
    pthread_mutex_unlock(&sandbox->synced.lock);
    dm_crash_set_task(sandbox->synced.id, sandbox->synced.attempt);
    sandbox->synced.work(sandbox->synced.data);
    dm_crash_set_task(0, 0);
    pthread_mutex_lock(&sandbox->synced.lock);
    set_state_locked(sandbox, IDLE);
}

static void *live(void *data) {
    struct dm_sandbox *sandbox = data;
    dm_crash_thread_begin();
    GError *error = NULL;
    bool jailed = dm_jail_enter(&error);

    pthread_mutex_lock(&sandbox->synced.lock);
    sandbox->synced.error = error;
    set_state_locked(sandbox, jailed ? IDLE : ENDING);
    for (wait_while_locked(sandbox, IDLE); sandbox->synced.state == WORKING;
         wait_while_locked(sandbox, IDLE)) {
        work_locked(sandbox);
    }
    pthread_mutex_unlock(&sandbox->synced.lock);
    if (sandbox->thread_end != NULL) {
        sandbox->thread_end();
    }
    dm_crash_thread_end();
    return NULL;
}

struct dm_sandbox *dm_sandbox_new(void (*thread_end)(void), GError **error) {
    struct dm_sandbox *sandbox = g_new0(struct dm_sandbox, 1);
    sandbox->thread_end = thread_end;
    pthread_mutex_init(&sandbox->synced.lock, NULL);
    pthread_cond_init(&sandbox->synced.changed, NULL);
    int errnum = pthread_create(&sandbox->thread, NULL, live, sandbox);
    if (errnum != 0) {
        dm_fail_errno(error, errnum, "cannot start a thread for decoding");
        pthread_mutex_destroy(&sandbox->synced.lock);
        pthread_cond_destroy(&sandbox->synced.changed);
        g_free(sandbox);
        return NULL;
    }
    pthread_setname_np(sandbox->thread, "dm-sandbox");
    pthread_mutex_lock(&sandbox->synced.lock);
    wait_while_locked(sandbox, STARTING);
    GError *why = g_steal_pointer(&sandbox->synced.error);
    pthread_mutex_unlock(&sandbox->synced.lock);
    if (why != NULL) {
        g_propagate_error(error, why);
        g_clear_pointer(&sandbox, dm_sandbox_free);
    }
    return sandbox;
}

void dm_sandbox_free(struct dm_sandbox *sandbox) {
    if (sandbox == NULL) {
        return;
    }
    pthread_mutex_lock(&sandbox->synced.lock);
    set_state_locked(sandbox, ENDING);
    pthread_mutex_unlock(&sandbox->synced.lock);
    pthread_join(sandbox->thread, NULL);
    pthread_mutex_destroy(&sandbox->synced.lock);
    pthread_cond_destroy(&sandbox->synced.changed);
    g_free(sandbox);
}

void dm_sandbox_run(struct dm_sandbox *sandbox, void (*work)(void *data), void *data, int64_t id,
                    int64_t attempt) {
    pthread_mutex_lock(&sandbox->synced.lock);
    sandbox->synced.work = work;
    sandbox->synced.data = data;
    sandbox->synced.id = id;
    sandbox->synced.attempt = attempt;
    set_state_locked(sandbox, WORKING);
    wait_while_locked(sandbox, WORKING);
    pthread_mutex_unlock(&sandbox->synced.lock);
}
