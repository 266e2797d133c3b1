// SPDX-License-Identifier: MIT
//
// Code as a picture would bring it along that has found a hole in its decoder. In the worker of
// VARIANT=crash it is called in the sandbox, in the decoder's place, for inputs of certain names:
// tests/e2e/sandbox.t.
#ifndef DM_TESTS_HOSTILE_MISBEHAVE_H
#define DM_TESTS_HOSTILE_MISBEHAVE_H

#include "common/wire.h"

/**
 * Do what the name of the task's input says: "WHAT.jpg" or "WHAT-NUMBER.jpg", the first word being
 * in the table of misbehave.c; nothing for any other name. @fds: the input and the temporary.
 */
void dm_misbehave(const struct dm_task *task, const int fds[2]);

#endif
