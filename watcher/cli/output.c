// SPDX-License-Identifier: MIT
//
// Output for people: see output.h.
#include "watcher/cli/output.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define WIDTH_MAX 60

const char *dm_paint(FILE *stream, enum dm_paint paint) {
    static const char *const sequences[] = {
        [DM_PAINT_OFF] = "\033[0m",  [DM_PAINT_BOLD] = "\033[1m",   [DM_PAINT_DIM] = "\033[2m",
        [DM_PAINT_RED] = "\033[31m", [DM_PAINT_GREEN] = "\033[32m", [DM_PAINT_YELLOW] = "\033[33m",
    };
    const char *no_color = g_getenv("NO_COLOR");
    bool wanted = isatty(fileno(stream)) && !(no_color != NULL && *no_color);
    return wanted ? sequences[paint] : "";
}

char *dm_human_bytes(int64_t bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
    if (bytes < 1000) {
        return g_strdup_printf("%" G_GINT64_FORMAT " B", bytes);
    }
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1000;
        unit++;
    }
    return g_strdup_printf("%.*f %s", value < 9.95 ? 1 : 0, value, units[unit]);
}

char *dm_human_duration(int64_t us) {
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    int64_t seconds = MAX((us + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC, 0);
    size_t unit = 0;
    while (unit + 1 < G_N_ELEMENTS(units) && seconds < 2 * units[unit].seconds) {
        unit++;
    }
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", seconds / units[unit].seconds,
                           units[unit].name);
}

char *dm_human_time(int64_t utc_us) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(utc_us / G_USEC_PER_SEC);
    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("?");
}

struct dm_table {
    const char *const *headers;
    size_t columns;
    // Of char **.
    GPtrArray *rows;
};

struct dm_table *dm_table_new(const char *const *headers) {
    struct dm_table *table = g_new0(struct dm_table, 1);
    table->headers = headers;
    table->columns = g_strv_length((char **)(uintptr_t)headers);
    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    return table;
}

void dm_table_add(struct dm_table *table, const char *const *texts) {
    char **row = g_new0(char *, table->columns + 1);
    for (size_t i = 0; i < table->columns; i++) {
        row[i] = g_strdup(texts[i]);
    }
    g_ptr_array_add(table->rows, row);
}

/** How many columns of a terminal @text takes. */
static size_t width_of(const char *text) {
    size_t width = 0;
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);
        width += g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

static bool is_right(const struct dm_table *table, size_t column) {
    return table->headers[column][0] == '>';
}

static const char *header_text(const struct dm_table *table, size_t column) {
    return table->headers[column] + (is_right(table, column) ? 1 : 0);
}

/** Cells wider than WIDTH_MAX stand out of their column: one long path is not to widen all rows. */
static size_t column_width(const struct dm_table *table, size_t column) {
    size_t width = width_of(header_text(table, column));
    for (size_t i = 0; i < table->rows->len; i++) {
        char **row = g_ptr_array_index(table->rows, i);
        size_t cell = width_of(row[column]);
        width = cell <= WIDTH_MAX ? MAX(width, cell) : width;
    }
    return width;
}

static void add_cell(GString *line, bool right, size_t width, const char *text) {
    size_t taken = width_of(text);
    int padding = taken < width ? (int)(width - taken) : 0;
    g_string_append_printf(line, "%*s%s%*s", right ? padding : 0, "", text,
                           (right ? 0 : padding) + 2, "");
}

/** One line, (transfer full), with nothing but text at its end. */
static char *line_of(const struct dm_table *table, const size_t *widths, const char *const *texts) {
    GString *line = g_string_new(NULL);
    for (size_t i = 0; i < table->columns; i++) {
        add_cell(line, is_right(table, i), widths[i], texts[i]);
    }
    return g_strchomp(g_string_free(line, FALSE));
}

static void print_header(const struct dm_table *table, const size_t *widths) {
    g_autofree const char **texts = g_new0(const char *, table->columns);
    for (size_t i = 0; i < table->columns; i++) {
        texts[i] = header_text(table, i);
    }
    g_autofree char *line = line_of(table, widths, texts);
    printf("%s%s%s\n", dm_paint(stdout, DM_PAINT_BOLD), line, dm_paint(stdout, DM_PAINT_OFF));
}

void dm_table_print(struct dm_table *table) {
    g_autofree size_t *widths = g_new(size_t, table->columns);
    for (size_t i = 0; i < table->columns; i++) {
        widths[i] = column_width(table, i);
    }
    if (table->rows->len) {
        print_header(table, widths);
    }
    for (size_t r = 0; r < table->rows->len; r++) {
        const char *const *row = g_ptr_array_index(table->rows, r);
        g_autofree char *line = line_of(table, widths, row);
        puts(line);
    }
    g_ptr_array_unref(table->rows);
    g_free(table);
}
