// SPDX-License-Identifier: MIT
//
// A fake mpirun and a fake dropmill-worker for the engine's tests. The test program is its own
// fake: called as `mpirun` (a symbolic link) or with --session it is one of them, see
// fake_job_main().
//
// The fake worker does what the names of its inputs say (crash-me, kill-me, ...: the table
// fake_deeds); how it starts is said by its last arguments, --fake WORD, or by the variable
// DM_FAKE: silent, version, exit, flood, survivor, nothing.
#ifndef DM_TESTS_FAKE_JOB_H
#define DM_TESTS_FAKE_JOB_H

#include <stdbool.h>

/** Call first in main(). Returns -1 when this is the test itself, else what main() returns. */
int fake_job_main(int argc, char **argv);

/** Make a link called mpirun in @dir to this program; (transfer full). */
char *fake_mpirun_path(const char *dir);

/** This program, which is the worker too; (transfer full). */
char *fake_worker_path(void);

/** Iterate the main context until @done says so. Returns false after @seconds. */
bool fake_wait(bool (*done)(void *data), void *data, int seconds);

#endif
