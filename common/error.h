// SPDX-License-Identifier: MIT
//
// The one error domain. A code says what the *caller* should do; the message says what happened, as
// "<what failed>: '<value>' <why>[, expected <range>]" with no newline and no full stop.
// For why a *file* failed, in words for the person who dropped it, see reason.h.
#ifndef DM_COMMON_ERROR_H
#define DM_COMMON_ERROR_H

#include <glib.h>
#include <stdbool.h>

#define DM_ERROR dm_error_quark()

enum dm_error_code {
    DM_ERROR_CONFIG,    // the configuration or the command line is wrong: stop
    DM_ERROR_INPUT,     // a bad image or folder name: do not retry
    DM_ERROR_TRANSIENT, // try again later
    DM_ERROR_SYSTEM,    // the operating system refused: report
    DM_ERROR_REMOTE,    // the other side broke the contract or is gone
    DM_ERROR_LIMIT,     // over a configured ceiling
    DM_ERROR_CANCELLED, // we were asked to stop
};

GQuark dm_error_quark(void);

/**
 * Set @error and return false, so that a failing function can end with `return dm_fail(...)`.
 */
bool dm_fail(GError **error, enum dm_error_code code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * Like dm_fail(), with ": " and the text of @errnum appended. EINTR, EAGAIN, ENOSPC, EDQUOT and the
 * errors of a share that is gone for a while become DM_ERROR_TRANSIENT, all others DM_ERROR_SYSTEM.
 */
bool dm_fail_errno(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * Say which of the sysexits(3) codes a program should end with because of @error (nullable: 0).
 */
int dm_error_exit_code(const GError *error);

#endif
