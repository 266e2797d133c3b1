// SPDX-License-Identifier: MIT
//
// Lines from records and back. A record is described by one table of fields; writing and reading
// are two walks over it, so they cannot disagree. To add a field: a member in wire.h and a row
// here; an older side ignores it, and a newer side takes its absence as 0 or "" unless the row says
// REQUIRED.
#include "common/wire.h"

#include "common/error.h"

#include <inttypes.h>
#include <string.h>

enum field_type { INTEGER, UNSIGNED, TEXT, FLAG, STATUS, REASON };

struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    bool required;
};

#define REQUIRED true
#define FIELD(record, member, type, ...)                                                           \
    { #member, type, offsetof(struct record, member), __VA_ARGS__ }
#define NAMED(record, key, member, type, ...)                                                      \
    { key, type, offsetof(struct record, member), __VA_ARGS__ }

static const struct field task_fields[] = {
    FIELD(dm_task, id, INTEGER, REQUIRED),
    FIELD(dm_task, attempt, INTEGER, REQUIRED),
    FIELD(dm_task, chain, TEXT, REQUIRED),
    FIELD(dm_task, input_root, TEXT, REQUIRED),
    FIELD(dm_task, input, TEXT, REQUIRED),
    FIELD(dm_task, output_root, TEXT, REQUIRED),
    FIELD(dm_task, temp, TEXT, REQUIRED),
    NAMED(dm_task, "input_root_dev", input_mark.dev, UNSIGNED, false),
    NAMED(dm_task, "input_root_ino", input_mark.ino, UNSIGNED, false),
    NAMED(dm_task, "input_root_btime", input_mark.btime_ns, INTEGER, false),
    NAMED(dm_task, "output_root_dev", output_mark.dev, UNSIGNED, false),
    NAMED(dm_task, "output_root_ino", output_mark.ino, UNSIGNED, false),
    NAMED(dm_task, "output_root_btime", output_mark.btime_ns, INTEGER, false),
    NAMED(dm_task, "size", fingerprint.size_bytes, INTEGER, false),
    NAMED(dm_task, "ino", fingerprint.ino, UNSIGNED, false),
    NAMED(dm_task, "dev", fingerprint.dev, UNSIGNED, false),
    NAMED(dm_task, "btime", fingerprint.btime_ns, INTEGER, false),
    NAMED(dm_task, "mtime", fingerprint.mtime_ns, INTEGER, false),
    NAMED(dm_task, "ctime", fingerprint.ctime_ns, INTEGER, false),
    NAMED(dm_task, "links", fingerprint.links, INTEGER, false),
    FIELD(dm_task, max_bytes, INTEGER, REQUIRED),
    FIELD(dm_task, max_pixels, INTEGER, REQUIRED),
    FIELD(dm_task, max_pages, INTEGER, false),
    FIELD(dm_task, deadline_ms, INTEGER, REQUIRED),
    FIELD(dm_task, sync, FLAG, false),
    FIELD(dm_task, mode, INTEGER, false),
};

static const struct field result_fields[] = {
    FIELD(dm_result, id, INTEGER, REQUIRED),
    FIELD(dm_result, attempt, INTEGER, REQUIRED),
    FIELD(dm_result, status, STATUS, REQUIRED),
    FIELD(dm_result, reason, REASON, false),
    FIELD(dm_result, message, TEXT, false),
    FIELD(dm_result, format, TEXT, false),
    NAMED(dm_result, "width", width_px, INTEGER, false),
    NAMED(dm_result, "height", height_px, INTEGER, false),
    FIELD(dm_result, bytes, INTEGER, false),
    FIELD(dm_result, elapsed_us, INTEGER, false),
    NAMED(dm_result, "errno", errnum, INTEGER, false),
    FIELD(dm_result, deaths, INTEGER, false),
    FIELD(dm_result, host, TEXT, false),
    FIELD(dm_result, rank, INTEGER, false),
};

static const struct field hello_fields[] = {
    FIELD(dm_hello, version, INTEGER, REQUIRED), FIELD(dm_hello, program, TEXT, REQUIRED),
    FIELD(dm_hello, pid, INTEGER, false),        FIELD(dm_hello, ranks, INTEGER, REQUIRED),
    FIELD(dm_hello, threads, INTEGER, REQUIRED), FIELD(dm_hello, host, TEXT, false),
    FIELD(dm_hello, remark, TEXT, false),        FIELD(dm_hello, seats, TEXT, false),
};

static const struct field event_fields[] = {
    FIELD(dm_event, kind, TEXT, REQUIRED),
    FIELD(dm_event, id, INTEGER, REQUIRED),
    FIELD(dm_event, attempt, INTEGER, false),
    FIELD(dm_event, rank, INTEGER, false),
};

struct record {
    const char *verb;
    const struct field *fields;
    size_t field_count;
    size_t size;
};

static const struct record task_record = {"task", task_fields, G_N_ELEMENTS(task_fields),
                                          sizeof(struct dm_task)};
static const struct record result_record = {"result", result_fields, G_N_ELEMENTS(result_fields),
                                            sizeof(struct dm_result)};
static const struct record hello_record = {"hello", hello_fields, G_N_ELEMENTS(hello_fields),
                                           sizeof(struct dm_hello)};
static const struct record event_record = {"event", event_fields, G_N_ELEMENTS(event_fields),
                                           sizeof(struct dm_event)};

static const char *const status_names[DM_STATUS_COUNT] = {
    [DM_STATUS_DONE] = "done",
    [DM_STATUS_FAILED] = "failed",
    [DM_STATUS_CHANGED] = "changed",
    [DM_STATUS_BLOCKED] = "blocked",
};

// ---- values

static void append_value(GString *line, const struct field *field, const void *member) {
    switch (field->type) {
    case INTEGER:
        g_string_append_printf(line, "%" PRId64, *(const int64_t *)member);
        break;
    case UNSIGNED:
        g_string_append_printf(line, "%" PRIu64, *(const uint64_t *)member);
        break;
    case TEXT:
        dm_escape_append(line, *(char *const *)member != NULL ? *(char *const *)member : "");
        break;
    case FLAG:
        g_string_append_c(line, *(const bool *)member ? '1' : '0');
        break;
    case STATUS:
        g_string_append(line, dm_status_name(*(const enum dm_status *)member));
        break;
    case REASON:
        g_string_append(line, dm_reason_name(*(const enum dm_reason *)member));
        break;
    }
}

static bool parse_status(const char *text, enum dm_status *ret) {
    for (size_t i = 0; i < DM_STATUS_COUNT; i++) {
        if (strcmp(text, status_names[i]) == 0) {
            *ret = (enum dm_status)i;
            return true;
        }
    }
    return false;
}

/** Store @text (unescaped, transfer full) into @member. */
static bool store_value(const struct field *field, char *text, void *member) {
    g_autofree char *owned = text;
    bool good = true;
    switch (field->type) {
    case INTEGER:
        good = g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, (gint64 *)member, NULL);
        break;
    case UNSIGNED:
        good = g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, (guint64 *)member, NULL);
        break;
    case TEXT:
        g_free(*(char **)member);
        *(char **)member = g_steal_pointer(&owned);
        break;
    case FLAG:
        *(bool *)member = strcmp(text, "1") == 0;
        break;
    case STATUS:
        good = parse_status(text, member);
        break;
    case REASON:
        *(enum dm_reason *)member = dm_reason_from_name(text);
        break;
    }
    return good;
}

// ---- records

static char *write_record(const struct record *record, const void *data) {
    GString *line = g_string_sized_new(256);
    g_string_append(line, record->verb);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct field *field = &record->fields[i];
        g_string_append_c(line, '\t');
        g_string_append(line, field->key);
        g_string_append_c(line, '=');
        append_value(line, field, (const char *)data + field->offset);
    }
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

static void clear_record(const struct record *record, void *data) {
    if (data == NULL) {
        return;
    }
    for (size_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].type == TEXT) {
            g_free(*(char **)((char *)data + record->fields[i].offset));
        }
    }
    memset(data, 0, record->size);
}

static const struct field *find_field(const struct record *record, const char *key, size_t length) {
    for (size_t i = 0; i < record->field_count; i++) {
        const char *candidate = record->fields[i].key;
        if (strncmp(candidate, key, length) == 0 && candidate[length] == '\0') {
            return &record->fields[i];
        }
    }
    return NULL;
}

/** Read one "key=value" of @length bytes; a key that this build does not know is skipped. */
static bool read_pair(const struct record *record, const char *pair, size_t length, void *data,
                      uint32_t *seen, GError **error) {
    const char *equals = memchr(pair, '=', length);
    if (equals == NULL) {
        return dm_fail(error, DM_ERROR_REMOTE, "malformed line: '%s' has a field without '='",
                       record->verb);
    }
    const struct field *field = find_field(record, pair, (size_t)(equals - pair));
    if (field == NULL) {
        return true;
    }
    char *text = dm_unescape(equals + 1, length - (size_t)(equals + 1 - pair));
    if (text == NULL || !store_value(field, text, (char *)data + field->offset)) {
        return dm_fail(error, DM_ERROR_REMOTE, "malformed line: '%s' has a bad value for '%s'",
                       record->verb, field->key);
    }
    *seen |= 1u << (field - record->fields);
    return true;
}

/** No text is NULL in a record that was read; nothing that is required is missing. */
static bool complete(const struct record *record, void *data, uint32_t seen, GError **error) {
    for (size_t i = 0; i < record->field_count; i++) {
        const struct field *field = &record->fields[i];
        if (field->required && !(seen & 1u << i)) {
            return dm_fail(error, DM_ERROR_REMOTE, "malformed line: '%s' lacks '%s'", record->verb,
                           field->key);
        }
        char **text = (char **)((char *)data + field->offset);
        if (field->type == TEXT && *text == NULL) {
            *text = g_strdup("");
        }
    }
    return true;
}

static bool read_record(const struct record *record, const char *line, void *ret, GError **error) {
    if (!dm_line_has_verb(line, record->verb)) {
        g_autofree char *shown = g_strndup(line, strcspn(line, "\t\n"));
        return dm_fail(error, DM_ERROR_REMOTE,
                       "unknown verb: '%s', expected '%s' of protocol version %d", shown,
                       record->verb, DM_WIRE_VERSION);
    }
    memset(ret, 0, record->size);
    uint32_t seen = 0;
    const char *p = line + strlen(record->verb);
    while (*p == '\t') {
        size_t length = strcspn(++p, "\t\n");
        if (!read_pair(record, p, length, ret, &seen, error)) {
            clear_record(record, ret);
            return false;
        }
        p += length;
    }
    if (!complete(record, ret, seen, error)) {
        clear_record(record, ret);
        return false;
    }
    return true;
}

// ---- public

bool dm_mark_fits(const struct dm_mark *known, const struct dm_mark *found) {
    return known->ino == 0 || (known->ino == found->ino && known->btime_ns == found->btime_ns &&
                               (known->dev == 0 || known->dev == found->dev));
}

bool dm_fingerprint_equal(const struct dm_fingerprint *a, const struct dm_fingerprint *b) {
    bool linked = a->links > 1 || b->links > 1;
    return a->ino == b->ino && a->btime_ns == b->btime_ns && a->size_bytes == b->size_bytes &&
           a->mtime_ns == b->mtime_ns && (a->ctime_ns == b->ctime_ns || linked);
}

bool dm_fingerprint_is_same_file(const struct dm_fingerprint *a, const struct dm_fingerprint *b) {
    return a->ino == b->ino && a->btime_ns == b->btime_ns;
}

char *dm_task_line(const struct dm_task *task) {
    return write_record(&task_record, task);
}

char *dm_result_line(const struct dm_result *result) {
    return write_record(&result_record, result);
}

char *dm_hello_line(const struct dm_hello *hello) {
    return write_record(&hello_record, hello);
}

char *dm_event_line(const struct dm_event *event) {
    return write_record(&event_record, event);
}

bool dm_line_has_verb(const char *line, const char *verb) {
    size_t length = strcspn(line, "\t\n");
    return strlen(verb) == length && memcmp(line, verb, length) == 0;
}

bool dm_task_parse(const char *line, struct dm_task *ret, GError **error) {
    return read_record(&task_record, line, ret, error);
}

bool dm_result_parse(const char *line, struct dm_result *ret, GError **error) {
    return read_record(&result_record, line, ret, error);
}

bool dm_hello_parse(const char *line, struct dm_hello *ret, GError **error) {
    if (!read_record(&hello_record, line, ret, error)) {
        return false;
    }
    if (ret->version != DM_WIRE_VERSION) {
        dm_fail(error, DM_ERROR_REMOTE,
                "protocol version: '%s' speaks %" PRId64 ", expected %d: install the same version "
                "of dropmill everywhere",
                ret->program, ret->version, DM_WIRE_VERSION);
        dm_hello_clear(ret);
        return false;
    }
    return true;
}

bool dm_event_parse(const char *line, struct dm_event *ret, GError **error) {
    return read_record(&event_record, line, ret, error);
}

void dm_record_take(const char **field, char *value) {
    g_free((char *)*field);
    *field = value;
}

void dm_task_clear(struct dm_task *task) {
    clear_record(&task_record, task);
}

void dm_result_clear(struct dm_result *result) {
    clear_record(&result_record, result);
}

void dm_hello_clear(struct dm_hello *hello) {
    clear_record(&hello_record, hello);
}

void dm_event_clear(struct dm_event *event) {
    clear_record(&event_record, event);
}

const char *dm_status_name(enum dm_status status) {
    return status_names[status];
}
