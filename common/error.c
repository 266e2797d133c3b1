// SPDX-License-Identifier: MIT
//
// The error domain: see error.h.
#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

/** What a program ends with, by the code of the error that ends it. */
static const int exit_codes[] = {
    [DM_ERROR_CONFIG] = EX_CONFIG,      [DM_ERROR_INPUT] = EX_DATAERR,
    [DM_ERROR_TRANSIENT] = EX_TEMPFAIL, [DM_ERROR_SYSTEM] = EX_IOERR,
    [DM_ERROR_REMOTE] = EX_UNAVAILABLE, [DM_ERROR_LIMIT] = EX_DATAERR,
    [DM_ERROR_CANCELLED] = EX_TEMPFAIL,
};

static bool is_transient(int errnum) {
    static const int transient[] = {EINTR,     EAGAIN, ENOSPC,   EDQUOT,      EHOSTDOWN,
                                    ETIMEDOUT, ESTALE, ENOTCONN, EHOSTUNREACH};
    for (size_t i = 0; i < G_N_ELEMENTS(transient); i++) {
        if (errnum == transient[i]) {
            return true;
        }
    }
    return false;
}

GQuark dm_error_quark(void) {
    return g_quark_from_static_string("dropmill");
}

bool dm_fail(GError **error, enum dm_error_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DM_ERROR, (int)code, message);
    return false;
}

bool dm_fail_errno(GError **error, int errnum, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    return dm_fail(error, is_transient(errnum) ? DM_ERROR_TRANSIENT : DM_ERROR_SYSTEM, "%s: %s",
                   message, g_strerror(errnum));
}

int dm_error_exit_code(const GError *error) {
    if (error == NULL) {
        return EX_OK;
    }
    bool known = error->domain == DM_ERROR && (size_t)error->code < G_N_ELEMENTS(exit_codes);
    return known ? exit_codes[error->code] : EX_SOFTWARE;
}
