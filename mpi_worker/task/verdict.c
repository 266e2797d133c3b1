// SPDX-License-Identifier: MIT
//
// See verdict.h.
#include "mpi_worker/task/verdict.h"

#include <stdarg.h>

bool dm_verdict(struct dm_result *ret, enum dm_status status, enum dm_reason reason,
                const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    dm_record_take(&ret->message, g_strdup_vprintf(format, arguments));
    va_end(arguments);
    ret->status = status;
    ret->reason = reason;
    return false;
}
