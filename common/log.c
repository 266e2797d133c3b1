// SPDX-License-Identifier: MIT
//
// Logging through GLib's structured log, so that messages of our libraries take the same way: see
// log.h.
#include "common/log.h"

#include "common/escape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    GLogLevelFlags flag;
    const char *colour;
    // Of syslog(3), as text.
    const char *priority;
} levels[] = {
    [DM_LOG_ERROR] = {"error", G_LOG_LEVEL_CRITICAL, "\033[31m", "3"},
    [DM_LOG_WARNING] = {"warning", G_LOG_LEVEL_WARNING, "\033[33m", "4"},
    [DM_LOG_MESSAGE] = {"message", G_LOG_LEVEL_MESSAGE, "", "5"},
    [DM_LOG_INFO] = {"info", G_LOG_LEVEL_INFO, "", "6"},
    [DM_LOG_DEBUG] = {"debug", G_LOG_LEVEL_DEBUG, "\033[2m", "7"},
};

// The log settings: written once by dm_log_init() before the first thread.
static const char *log_program = "dropmill";
static enum dm_log_level log_level = DM_LOG_MESSAGE;
static bool log_to_journal = false;
static bool log_in_colour = false;
static bool log_times = false;

static enum dm_log_level level_of(GLogLevelFlags flags) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (flags & levels[i].flag) {
            return (enum dm_log_level)i;
        }
    }
    return DM_LOG_ERROR;
}

static const char *message_of(const GLogField *fields, gsize count) {
    for (gsize i = 0; i < count; i++) {
        if (strcmp(fields[i].key, "MESSAGE") == 0) {
            return fields[i].value;
        }
    }
    return "";
}

/** "2024-05-31 16:04:07 ", on the clock of this machine. */
static char *now_for_people(void) {
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    return now != NULL ? g_date_time_format(now, "%Y-%m-%d %H:%M:%S ") : g_strdup("");
}

/** One write(2) a line, so that lines of several processes on one stderr do not tear. */
static void write_line(enum dm_log_level level, const char *message) {
    const char *colour = log_in_colour ? levels[level].colour : "";
    const char *word = level <= DM_LOG_WARNING ? levels[level].name : "";
    g_autofree char *shown = dm_escape_for_people(message); // a library's may quote anything
    g_autofree char *time = log_times ? now_for_people() : g_strdup("");
    g_autofree char *line = g_strdup_printf("%s%s%s: %s%s%s%s\n", colour, time, log_program, word,
                                            *word ? ": " : "", shown, *colour ? "\033[0m" : "");
    size_t length = strlen(line);
    for (size_t done = 0; done < length;) {
        ssize_t n = write(STDERR_FILENO, line + done, length - done);
        if (n <= 0) {
            return;
        }
        done += (size_t)n;
    }
}

/** GLib takes what ends the program for a warning, and so would the journal: our own priorities, of
 * syslog(3). */
static bool write_to_journal(enum dm_log_level level, GLogLevelFlags flags, const GLogField *fields,
                             gsize count) {
    g_autofree GLogField *copy = g_memdup2(fields, count * sizeof(*fields));
    for (gsize i = 0; i < count; i++) {
        if (strcmp(copy[i].key, "PRIORITY") == 0) {
            copy[i].value = levels[level].priority;
            copy[i].length = -1;
        }
    }
    return g_log_writer_journald(flags, copy, count, NULL) == G_LOG_WRITER_HANDLED;
}

static GLogWriterOutput write_log(GLogLevelFlags flags, const GLogField *fields, gsize count,
                                  gpointer data) {
    (void)data;
    enum dm_log_level level = level_of(flags);
    if (level > log_level) {
        return G_LOG_WRITER_HANDLED;
    }
    if (log_to_journal && write_to_journal(level, flags, fields, count)) {
        return G_LOG_WRITER_HANDLED;
    }
    write_line(level, message_of(fields, count));
    return G_LOG_WRITER_HANDLED;
}

void dm_log_init(const char *program, enum dm_log_level level) {
    static bool writer_set = false; // GLib takes one writer for the life of a process
    log_program = program;
    log_level = level;
    log_to_journal = g_log_writer_is_journald(STDERR_FILENO);
    log_in_colour = isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL;
    if (!writer_set) {
        g_log_set_writer_func(write_log, NULL, NULL);
        writer_set = true;
    }
}

void dm_log_with_times(void) {
    log_times = true;
}

bool dm_log_level_parse(const char *text, enum dm_log_level *ret_level) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (strcmp(text, levels[i].name) == 0) {
            *ret_level = (enum dm_log_level)i;
            return true;
        }
    }
    return false;
}

void dm_log(enum dm_log_level level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_logv("dropmill", levels[level].flag, format, args);
    va_end(args);
}

/** Send @message, which the journal knows by @id (nullable), and what it is about. */
static void send_to_journal(const char *id, enum dm_log_level level,
                            const struct dm_log_subject *subject, const char *message) {
    g_autofree char *job = g_strdup_printf("%" PRId64, subject->job);
    g_autofree char *rank = g_strdup_printf("%" PRId64, subject->rank ? *subject->rank : 0);
    g_autofree char *duration = g_strdup_printf("%" PRId64, subject->duration_us);
    const GLogField all[] = {
        {"MESSAGE", message, -1},
        {"PRIORITY", levels[level].priority, -1},
        {"GLIB_DOMAIN", "dropmill", -1},
        {"MESSAGE_ID", id, -1},
        {"DROPMILL_FILE", subject->file, -1},
        {"DROPMILL_CHAIN", subject->chain, -1},
        {"DROPMILL_REASON", subject->reason, -1},
        {"DROPMILL_JOB", subject->job > 0 ? job : NULL, -1},
        {"DROPMILL_RANK", subject->rank != NULL ? rank : NULL, -1},
        {"DROPMILL_DURATION_USEC", subject->duration_us > 0 ? duration : NULL, -1},
    };
    GLogField fields[G_N_ELEMENTS(all)];
    gsize count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        const char *value = all[i].value;
        if (value != NULL && *value != '\0') {
            fields[count++] = all[i];
        }
    }
    g_log_structured_array(levels[level].flag, fields, count);
}

void dm_log_about(const struct dm_log_subject *subject, const char *id, enum dm_log_level level,
                  const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    if (log_to_journal) {
        send_to_journal(id, level, subject, message);
    } else { // nobody else knows of ids and fields
        dm_log(level, "%s", message);
    }
}

void dm_log_event(const char *id, enum dm_log_level level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    dm_log_about(&(struct dm_log_subject){0}, id, level, "%s", message);
}
