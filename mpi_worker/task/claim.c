// SPDX-License-Identifier: MIT
//
// See claim.h.
#include "mpi_worker/task/claim.h"

#include "common/error.h"
#include "mpi_worker/codec/format.h"

#include <inttypes.h>
#include <string.h>

// ---- needs

static const char need_word[] = "need ";

char *dm_need_line(const struct dm_need *need) {
    return g_strdup_printf("%s%" PRId64 " %" PRId64, need_word, need->memory_bytes, need->pixels);
}

/** Read a number of 0 or more, and step over it. */
static bool read_count(char **text, int64_t *ret) {
    char *end = *text;
    guint64 number = g_ascii_isdigit(**text) ? g_ascii_strtoull(*text, &end, 10) : UINT64_MAX;
    bool good = end != *text && number <= INT64_MAX;
    *text = end;
    *ret = (int64_t)number;
    return good;
}

bool dm_need_parse(const char *text, size_t size, struct dm_need *ret) {
    enum { LONGEST = 64 };
    char line[LONGEST];
    if (size >= LONGEST || size < strlen(need_word) || memchr(text, '\0', size) != NULL ||
        memcmp(text, need_word, strlen(need_word)) != 0) {
        return false;
    }
    memcpy(line, text, size);
    line[size] = '\0';
    char *at = line + strlen(need_word);
    return read_count(&at, &ret->memory_bytes) && *at++ == ' ' && read_count(&at, &ret->pixels) &&
           *at == '\0';
}

// ---- verdicts

/** Reasons that a picture can give; the others are found out outside. */
static bool lies_in_picture(enum dm_reason reason) {
    switch (reason) {
    case DM_REASON_EMPTY:
    case DM_REASON_NOT_AN_IMAGE:
    case DM_REASON_UNSUPPORTED_FORMAT:
    case DM_REASON_TRUNCATED:
    case DM_REASON_DAMAGED:
    case DM_REASON_TOO_LARGE:
    case DM_REASON_BAD_STEP:
    case DM_REASON_UNREADABLE:
    case DM_REASON_INTERNAL:
        return true;
    default:
        return false;
    }
}

static bool is_possible_picture(const struct dm_result *result, const struct dm_task *task) {
    const struct dm_codec *codec = dm_codec_find(result->format);
    if (codec == NULL || codec->encode == NULL) {
        return false;
    }
    bool sides = result->width_px > 0 && result->height_px > 0 &&
                 result->width_px <= codec->max_side_px && result->height_px <= codec->max_side_px;
    return sides && result->bytes > 0 &&
           (task->max_pixels <= 0 || result->height_px <= task->max_pixels / result->width_px);
}

static bool makes_sense(const struct dm_result *result, const struct dm_task *task) {
    switch (result->status) {
    case DM_STATUS_DONE:
        return result->reason == DM_REASON_NONE && is_possible_picture(result, task);
    case DM_STATUS_FAILED:
        return lies_in_picture(result->reason);
    case DM_STATUS_BLOCKED:
        return result->reason == DM_REASON_CANNOT_WRITE || result->reason == DM_REASON_UNREADABLE;
    default:
        return false;
    }
}

static void tame(struct dm_result *result) {
    g_autofree char *message = g_strndup(result->message, DM_CLAIM_MESSAGE_BYTES);
    dm_record_take(&result->message, g_utf8_make_valid(message, -1));
    dm_record_take(&result->host, NULL);
    result->rank = 0;
    result->errnum = 0;
}

bool dm_verdict_parse(const char *text, size_t size, const struct dm_task *task,
                      struct dm_result *ret, GError **error) {
    if (size == 0 || size > DM_CLAIM_BYTES || text[size - 1] != '\n' ||
        memchr(text, '\n', size) != text + size - 1 || memchr(text, '\0', size) != NULL) {
        return dm_fail(error, DM_ERROR_REMOTE, "it is not a line");
    }
    g_autofree char *line = g_strndup(text, size);
    if (!dm_result_parse(line, ret, error)) {
        return false;
    }
    if (ret->id != task->id || ret->attempt != task->attempt) {
        dm_fail(error, DM_ERROR_REMOTE, "it is about another picture");
    } else if (!makes_sense(ret, task)) {
        dm_fail(error, DM_ERROR_REMOTE, "it makes no sense");
    } else {
        tame(ret);
        return true;
    }
    dm_result_clear(ret);
    return false;
}
