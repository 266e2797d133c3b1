// SPDX-License-Identifier: MIT
//
// A rig for tests of the engine: a real ledger and a fake job. The test plays the daemon.
#ifndef DM_TESTS_ENGINE_RIG_H
#define DM_TESTS_ENGINE_RIG_H

#include "tests/unit/watcher/support/fake_job.h"
#include "watcher/engine/engine.h"

/** A share, a ledger, an engine, and a daemon that has these two rooms only. */
struct rig {
    char *root, *runtime, *out, *mpirun, *worker, *ledger_path;
    struct dm_ledger *ledger;
    struct dm_engine *engine;
    struct dm_engine_config config;
    bool woken;
    int64_t rounds;
};

/** Warnings and messages of the current test. */
extern GString *rig_log;

/** For main(): a program that is one of the fakes ends here; else tests may be added. */
void rig_init(int argc, char **argv);

/** Run the tests that were added. */
int rig_run(void);

/** A rig whose fake worker starts as @fake says, see fake_job.h; nothing is started yet. */
struct rig *rig_new(const char *fake);

/** Stop and free; no session may have left anything. */
void rig_free(struct rig *rig);

/** Open the ledger and start an engine on it. */
void rig_start(struct rig *rig);

/** As the daemon ends: engine and ledger. */
void rig_stop(struct rig *rig);

/** A READY row for @path, whose name says what the fake worker does; returns its id. */
int64_t rig_add_ready(struct rig *rig, const char *path);

/** So many READY rows that nothing is wrong with, in seven folders. */
void rig_add_good(struct rig *rig, int files);

/** The row @id; (transfer full). */
struct dm_row *rig_get(struct rig *rig, int64_t id);

/** What the engine calls for a turn. */
struct dm_wake rig_wake(struct rig *rig);

/** Make the directory @root/@name, private; (transfer full). */
char *rig_make_dir(const char *root, const char *name);

/** How many rows are in @state. */
int64_t rig_count(struct rig *rig, enum dm_state state);

/** How many directories of sessions there are. */
guint rig_count_sessions(struct rig *rig);

/** The daemon's loop: turns and commits while anybody is woken. */
void rig_rounds(struct rig *rig);

/** For fake_wait(): after its turns, the rig has no READY and no RUNNING row. */
bool rig_nothing_to_do(void *data);

/** For fake_wait(): what its status says. */
bool rig_is_waiting(void *data);
bool rig_is_warm(void *data);
bool rig_is_idle(void *data);

#endif
