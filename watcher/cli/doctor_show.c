// SPDX-License-Identifier: MIT
//
// What `dropmill doctor` tells: what is wrong first, with what mends it below.
#include "watcher/cli/doctor.h"
#include "watcher/cli/output.h"

#include "common/path.h"
#include "watcher/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum dm_paint paint;
} verdicts[DM_VERDICT_COUNT] = {
    [DM_VERDICT_OK] = {"ok", DM_PAINT_GREEN},
    [DM_VERDICT_WARNING] = {"warning", DM_PAINT_YELLOW},
    [DM_VERDICT_FAILED] = {"failed", DM_PAINT_RED},
    [DM_VERDICT_UNASKED] = {"not checked", DM_PAINT_DIM},
};

const char *dm_verdict_name(enum dm_verdict verdict) {
    return verdicts[verdict].name;
}

/** Each line of @text below the other, behind @first and then as many blanks. */
static void print_lines(const char *first, const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *shown = dm_path_display(lines[i]);
        printf("%-24s %s\n", i == 0 ? first : "", shown);
    }
}

static void print_finding(const struct dm_doctor_check *check, const struct dm_finding *finding) {
    const char *paint = dm_paint(stdout, verdicts[finding->verdict].paint);
    const char *off = dm_paint(stdout, DM_PAINT_OFF);
    g_auto(GStrv) saw = g_strsplit(finding->saw->str, "\n", -1);
    g_auto(GStrv) mend = g_strsplit(finding->mend->str, "\n", -1);
    for (size_t i = 0; saw[i] != NULL; i++) {
        g_autofree char *shown = dm_path_display(saw[i]);
        bool first = i == 0;
        printf("%s%-8s%s %-14s %s\n", first ? paint : "",
               first ? dm_verdict_name(finding->verdict) : "", first ? off : "",
               first ? check->name : "", shown);
    }
    for (size_t i = 0; mend[i] != NULL && *finding->mend->str != '\0'; i++) {
        g_autofree char *shown = dm_path_display(mend[i]);
        printf("%-8s %-14s %s%s%s\n", "", i == 0 ? "  to mend:" : "",
               dm_paint(stdout, DM_PAINT_BOLD), shown, off);
    }
}

static size_t print_all(const struct dm_finding *findings, enum dm_verdict verdict) {
    size_t count = 0;
    for (size_t row = 0; row < dm_doctor_check_count; row++) {
        if (findings[row].verdict == verdict) {
            print_finding(&dm_doctor_checks[row], &findings[row]);
            count++;
        }
    }
    return count;
}

static char *list_unasked(const struct dm_finding *findings) {
    GString *names = g_string_new(NULL);
    for (size_t row = 0; row < dm_doctor_check_count; row++) {
        if (findings[row].verdict == DM_VERDICT_UNASKED) {
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   dm_doctor_checks[row].name);
        }
    }
    return g_string_free(names, FALSE);
}

static size_t count(const struct dm_finding *findings, enum dm_verdict verdict) {
    size_t found = 0;
    for (size_t row = 0; row < dm_doctor_check_count; row++) {
        found += findings[row].verdict == verdict;
    }
    return found;
}

static void print_unasked(const struct dm_finding *findings) {
    g_autofree char *unasked = list_unasked(findings);
    if (*unasked != '\0') {
        print_lines("not checked:", unasked);
    }
}

/** Whose rights were looked at, if that is not plain. */
static void print_user(const struct dm_doctor *doctor) {
    if (!dm_doctor_is_true(doctor)) {
        g_autofree char *command = doctor->is_elsewhere
                                       ? dm_doctor_as_user(doctor, doctor->user.name)
                                       : dm_doctor_command(doctor, "sudo dropmill doctor");
        printf("\nThe daemon's user is %s: what it may do could only be judged for you (%s).\n"
               "For a true answer: %s\n",
               doctor->user.name, g_get_user_name(), command);
    }
}

static void print_sum(const struct dm_finding *findings) {
    size_t failed = count(findings, DM_VERDICT_FAILED);
    size_t warnings = count(findings, DM_VERDICT_WARNING);
    printf("\n%zu failed, %zu warning%s, %zu ok%s\n", failed, warnings, warnings == 1 ? "" : "s",
           count(findings, DM_VERDICT_OK),
           failed > 1 ? ". Begin with the first: the others may come from it" : "");
}

void dm_doctor_print(const struct dm_doctor *doctor, const struct dm_finding *findings) {
    print_all(findings, DM_VERDICT_FAILED);
    print_all(findings, DM_VERDICT_WARNING);
    print_unasked(findings);
    bool all_ok = count(findings, DM_VERDICT_OK) == dm_doctor_check_count;
    if (!doctor->cli->quiet) {
        printf("%s", all_ok ? "" : "\n");
        print_all(findings, DM_VERDICT_OK);
    }
    print_user(doctor);
    if (!doctor->cli->quiet) {
        print_sum(findings);
    }
}

// ---- JSON

static void write_finding(struct dm_json *json, const struct dm_doctor_check *check,
                          const struct dm_finding *finding) {
    dm_json_object(json, NULL);
    dm_json_text(json, "name", check->name);
    dm_json_text(json, "verdict", dm_verdict_name(finding->verdict));
    dm_json_text(json, "saw", finding->saw->str);
    dm_json_text(json, "mend", finding->mend->str);
    dm_json_close(json);
}

void dm_doctor_write(const struct dm_doctor *doctor, const struct dm_finding *findings) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "share", doctor->places != NULL ? doctor->places->share : "");
    dm_json_text(json, "user", doctor->user.name);
    dm_json_bool(json, "as_user", dm_doctor_is_true(doctor));
    dm_json_integer(json, "failed", (int64_t)count(findings, DM_VERDICT_FAILED));
    dm_json_integer(json, "warnings", (int64_t)count(findings, DM_VERDICT_WARNING));
    dm_json_list(json, "checks");
    for (size_t row = 0; row < dm_doctor_check_count; row++) {
        bool shown = !doctor->cli->quiet || findings[row].verdict != DM_VERDICT_OK;
        if (shown) {
            write_finding(json, &dm_doctor_checks[row], &findings[row]);
        }
    }
    dm_json_finish(json);
}
