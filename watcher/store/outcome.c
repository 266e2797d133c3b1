// SPDX-License-Identifier: MIT
#include "watcher/store/outcome.h"

#include <errno.h>
#include <unistd.h>

// What is read at once, and is still near when it is added to a sum.
#define PIECE_BYTES (INT64_C(256) * 1024)

void dm_outcome_init(struct dm_outcome *outcome) {
    *outcome = (struct dm_outcome){
        .result = {.reason = "",
                   .code = "",
                   .etag = "",
                   .sha256 = "",
                   .claimed_sha256 = "",
                   .size = -1,
                   .content_type = "",
                   .upload_id = ""},
        .strings = g_ptr_array_new_with_free_func(g_free),
    };
}

void dm_outcome_clear(struct dm_outcome *outcome) {
    if (outcome->strings != NULL)
        g_ptr_array_unref(outcome->strings);
    if (outcome->entries != NULL)
        g_ptr_array_unref(outcome->entries);
    outcome->strings = outcome->entries = NULL;
}

const char *dm_outcome_own(struct dm_outcome *outcome, char *text) {
    g_ptr_array_add(outcome->strings, text);
    return text;
}

void dm_outcome_fail(struct dm_outcome *outcome, enum dm_store_class class, const char *format,
                     ...) {
    va_list arguments;
    va_start(arguments, format);
    outcome->result.class = class;
    outcome->result.reason = dm_outcome_own(outcome, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

void dm_outcome_fail_source(struct dm_outcome *outcome, int errnum, const char *what) {
    outcome->result.errnum = errnum;
    dm_outcome_fail(outcome, DM_STORE_SOURCE, "%s: %s", what, g_strerror(errnum));
}

GPtrArray *dm_outcome_new_entries(struct dm_outcome *outcome, GDestroyNotify free_func) {
    outcome->entries = g_ptr_array_new_with_free_func(free_func);
    outcome->result.entries = outcome->entries;
    return outcome->entries;
}

bool dm_body_fill(const struct dm_store_body *body, struct dm_outcome *outcome, char *buffer,
                  struct dm_sha256 *sum) {
    int64_t got = 0;
    while (got < body->length) {
        int64_t most = MIN(body->length - got, PIECE_BYTES);
        ssize_t n = pread(body->fd, buffer + got, (size_t)most, body->offset + got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            dm_outcome_fail_source(outcome, errno, "result cannot be read");
            return false;
        }
        if (n == 0) {
            outcome->result.errnum = EIO;
            dm_outcome_fail(outcome, DM_STORE_SOURCE,
                            "result has become shorter while it was read");
            return false;
        }
        if (sum != NULL)
            dm_sha256_add(sum, buffer + got, (size_t)n);
        got += n;
    }
    return true;
}

bool dm_body_read(const struct dm_store_body *body, struct dm_outcome *outcome,
                  const void **ret_bytes, void **ret_owned) {
    *ret_owned = NULL;
    *ret_bytes = body->bytes;
    if (body->bytes != NULL || body->length == 0)
        return true;
    g_autofree char *buffer = g_malloc((gsize)body->length);
    if (!dm_body_fill(body, outcome, buffer, NULL))
        return false;
    *ret_owned = g_steal_pointer(&buffer);
    *ret_bytes = *ret_owned;
    return true;
}
