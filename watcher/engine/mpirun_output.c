// SPDX-License-Identifier: MIT
//
// Reading stderr: see mpirun_output.h. The sentences of mpirun are those of Open MPI 4.1 (its help
// texts are English in every locale).
#include "watcher/engine/mpirun_output.h"

#include "common/escape.h"

#include <stdlib.h>
#include <string.h>

static const size_t line_max_bytes = 4096;
static const size_t tail_bytes = 4096; // twice that at times: it is cut seldom
static const size_t summary_bytes = 300;

void dm_mpirun_output_init(struct dm_mpirun_output *output) {
    *output = (struct dm_mpirun_output){
        .crashes = g_array_new(FALSE, FALSE, sizeof(struct dm_crash)),
        .line = g_string_new(NULL),
        .tail = g_string_new(NULL),
    };
}

void dm_mpirun_output_clear(struct dm_mpirun_output *output) {
    if (output != NULL && output->crashes != NULL) {
        g_array_unref(output->crashes);
        g_string_free(output->line, TRUE);
        g_string_free(output->tail, TRUE);
        *output = (struct dm_mpirun_output){0};
    }
}

/** Read " NUMBER" at *@p and step over it. */
static bool read_number(const char **p, int64_t *ret) {
    char *end;
    int64_t number = strtoll(*p, &end, 10);
    if (**p != ' ' || end == *p) {
        return false;
    }
    *p = end;
    *ret = number;
    return true;
}

/** Read "SIGNAL ID ATTEMPT". */
static bool read_crash(const char *p, struct dm_crash *ret) {
    struct dm_crash crash = {0};
    size_t length = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+");
    if (length == 0 || length >= sizeof(crash.cause)) {
        return false;
    }
    memcpy(crash.cause, p, length);
    p += length;
    if (!read_number(&p, &crash.id) || !read_number(&p, &crash.attempt)) {
        return false;
    }
    *ret = crash;
    return true;
}

bool dm_crash_parse(const char *line, struct dm_crash *ret) {
    static const char word[] = "crash ";
    const char *p = line;
    while ((p = strstr(p, word)) != NULL) {
        p += strlen(word);
        if (read_crash(p, ret)) {
            return true;
        }
    }
    return false;
}

static bool is_ruler(const char *line) {
    return strspn(line, "- \t\r") == strlen(line);
}

static void keep(struct dm_mpirun_output *output, const char *line) {
    if (is_ruler(line)) {
        return;
    }
    g_string_append_printf(output->tail, "%s\n", line);
    if (output->tail->len > 2 * tail_bytes) { // cut behind a line's end
        size_t cut = output->tail->len - tail_bytes;
        cut += strcspn(output->tail->str + cut, "\n") + 1;
        g_string_erase(output->tail, 0, (gssize)MIN(cut, output->tail->len));
    }
}

static void learn(struct dm_mpirun_output *output, const char *line) {
    struct dm_crash crash;
    if (dm_crash_parse(line, &crash)) {
        g_array_append_val(output->crashes, crash);
    }
    static const char killed[] = "exited on signal";
    const char *number = strstr(line, killed);
    if (number != NULL) {
        output->rank_signal = (int)strtol(number + strlen(killed), NULL, 10);
    }
    output->host_lost |= strstr(line, "lost communication with a remote daemon") != NULL;
    if (strstr(line, "Exit code: ") != NULL || strstr(line, "MPI_ABORT was invoked") != NULL) {
        output->rank_failed = true;
    }
}

static void end_line(struct dm_mpirun_output *output, void (*on_line)(const char *line, void *user),
                     void *user) {
    learn(output, output->line->str);
    keep(output, output->line->str);
    if (on_line != NULL) {
        on_line(output->line->str, user);
    }
    g_string_truncate(output->line, 0);
}

void dm_mpirun_output_feed(struct dm_mpirun_output *output, const char *data, size_t length,
                           void (*on_line)(const char *line, void *user), void *user) {
    for (const char *end = data + length; data < end;) {
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        size_t part = (size_t)((newline != NULL ? newline : end) - data);
        g_string_append_len(output->line, data, (gssize)part);
        data += part + (newline != NULL);
        if (newline != NULL || output->line->len > line_max_bytes) {
            end_line(output, on_line, user);
        }
    }
}

/** Where the last lines begin that fit into @bytes. */
static const char *last_lines(const char *text, size_t length, size_t bytes) {
    if (length <= bytes) {
        return text;
    }
    const char *start = text + length - bytes;
    const char *newline = strchr(start, '\n');
    return newline != NULL && newline[1] != '\0' ? newline + 1 : start;
}

char *dm_mpirun_output_summary(const struct dm_mpirun_output *output) {
    g_autofree char *all = g_strconcat(output->tail->str, output->line->str, NULL);
    g_auto(GStrv) words =
        g_strsplit_set(last_lines(all, strlen(all), summary_bytes), " \t\r\n", -1);
    GString *summary = g_string_new(NULL);
    for (char **word = words; *word != NULL; word++) {
        if (**word != '\0') {
            g_string_append_printf(summary, "%s%s", summary->len > 0 ? " " : "", *word);
        }
    }
    g_autofree char *all_words = g_string_free(summary, FALSE);
    return dm_escape_for_people(all_words);
}
