// SPDX-License-Identifier: MIT
//
// What a check of `dropmill doctor` finds, put into words one after the other.
#include "watcher/cli/doctor.h"

#include <stdarg.h>
#include <string.h>

const char *dm_doctor_live(const struct dm_doctor *doctor, const char *name) {
    const char *value = doctor->live != NULL ? g_hash_table_lookup(doctor->live, name) : NULL;
    return value != NULL ? value : "";
}

void dm_finding_clear(struct dm_finding *finding) {
    if (finding->saw != NULL) {
        g_string_free(finding->saw, TRUE);
        g_string_free(finding->mend, TRUE);
    }
    g_free(finding->told);
    *finding = (struct dm_finding){0};
}

void dm_finding_init(struct dm_finding *finding) {
    *finding = (struct dm_finding){.saw = g_string_new(NULL), .mend = g_string_new(NULL)};
}

static void add_line(GString *text, const char *line) {
    g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", line);
}

/** The worst counts. */
static void say(struct dm_finding *finding, enum dm_verdict verdict, const char *mend,
                const char *saw) {
    add_line(finding->saw, saw);
    if (*mend != '\0' && strstr(finding->mend->str, mend) == NULL) {
        add_line(finding->mend, mend);
    }
    finding->verdict = MAX(finding->verdict, verdict);
}

#define SAY(verdict, mend)                                                                         \
    va_list arguments;                                                                             \
    va_start(arguments, format);                                                                   \
    g_autofree char *saw = g_strdup_vprintf(format, arguments);                                    \
    va_end(arguments);                                                                             \
    say(finding, verdict, mend, saw)

void dm_doctor_note(struct dm_finding *finding, const char *format, ...) {
    SAY(DM_VERDICT_OK, "");
}

void dm_doctor_ok(struct dm_finding *finding, const char *format, ...) {
    if (finding->saw->len == 0) {
        SAY(DM_VERDICT_OK, "");
    }
}

void dm_doctor_warn(struct dm_finding *finding, const char *mend, const char *format, ...) {
    SAY(DM_VERDICT_WARNING, mend);
}

void dm_doctor_fail(struct dm_finding *finding, const char *mend, const char *format, ...) {
    SAY(DM_VERDICT_FAILED, mend);
}
