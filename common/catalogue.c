// SPDX-License-Identifier: MIT
//
// The catalogue as a structure, and as the text in which it passes from the worker to the watcher:
//
//   dropmill-catalogue TAB version
//   operation TAB name TAB aliases TAB flags TAB summary TAB example TAB group TAB kept aliases
//   param TAB name TAB type TAB forms TAB min TAB max TAB default TAB unit TAB doc TAB rules
//         TAB says
//   format TAB name TAB extensions TAB mime TAB access
//   trouble TAB sentence
//   jail TAB words
//   libraries TAB version of libvips TAB version of MPI
//
// A param belongs to the operation above it; rules are of "required odd". Values are escaped as in
// wire.h; an unset default is "-", an empty one "". See catalogue.h.
#include "common/catalogue.h"

#include "common/error.h"
#include "common/wire.h"

#include <string.h>

struct dm_catalogue {
    GPtrArray *operations; // const struct dm_operation *
    GPtrArray *formats;    // const struct dm_format *
    GPtrArray *troubles;   // char *
    char *jail;            // (nullable) what holds the decoders
    char *vips, *mpi;      // (nullable) versions of the worker's libraries
    GHashTable *words;     // name or alias -> const struct dm_operation *
    GStringChunk *strings; // of a parsed catalogue
    GPtrArray *owned;      // structs of a parsed catalogue
};

static const char *const type_names[] = {
    [DM_PARAM_INT] = "int",   [DM_PARAM_NUMBER] = "number", [DM_PARAM_WORD] = "word",
    [DM_PARAM_SIZE] = "size", [DM_PARAM_COLOUR] = "colour",
};

static const struct {
    const char *name;
    unsigned flag;
} flag_names[] = {
    {"point", DM_OP_POINT},
    {"keeps-size", DM_OP_KEEPS_SIZE},
    {"random-access", DM_OP_RANDOM_ACCESS},
    {"geometry", DM_OP_GEOMETRY},
    {"resamples", DM_OP_RESAMPLES},
    {"shrinks", DM_OP_SHRINKS},
    {"scales", DM_OP_SCALES},
    {"boxes", DM_OP_BOXES},
    {"pads", DM_OP_PADS},
    {"turns", DM_OP_TURNS},
    {"cuts", DM_OP_CUTS},
    {"placed", DM_OP_PLACED},
    {"fine", DM_OP_FINE},
    {"output", DM_OP_OUTPUT},
};

// ---- structure

struct dm_catalogue *dm_catalogue_new(void) {
    struct dm_catalogue *catalogue = g_new0(struct dm_catalogue, 1);
    catalogue->operations = g_ptr_array_new();
    catalogue->formats = g_ptr_array_new();
    catalogue->troubles = g_ptr_array_new_with_free_func(g_free);
    catalogue->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    catalogue->strings = g_string_chunk_new(4096);
    catalogue->owned = g_ptr_array_new_with_free_func(g_free);
    return catalogue;
}

void dm_catalogue_free(struct dm_catalogue *catalogue) {
    if (catalogue == NULL) {
        return;
    }
    g_ptr_array_unref(catalogue->operations);
    g_ptr_array_unref(catalogue->formats);
    g_ptr_array_unref(catalogue->troubles);
    g_free(catalogue->jail);
    g_free(catalogue->vips);
    g_free(catalogue->mpi);
    g_hash_table_unref(catalogue->words);
    g_string_chunk_free(catalogue->strings);
    g_ptr_array_unref(catalogue->owned);
    g_free(catalogue);
}

void dm_catalogue_add_operation(struct dm_catalogue *catalogue,
                                const struct dm_operation *operation) {
    g_ptr_array_add(catalogue->operations, (gpointer)operation);
    g_hash_table_replace(catalogue->words, g_strdup(operation->name), (gpointer)operation);
    g_auto(GStrv) aliases = g_strsplit(operation->aliases, " ", -1);
    for (char **alias = aliases; *alias != NULL; alias++) {
        if (**alias != '\0') {
            g_hash_table_replace(catalogue->words, g_strdup(*alias), (gpointer)operation);
        }
    }
}

void dm_catalogue_add_format(struct dm_catalogue *catalogue, const struct dm_format *format) {
    g_ptr_array_add(catalogue->formats, (gpointer)format);
}

void dm_catalogue_add_trouble(struct dm_catalogue *catalogue, const char *sentence) {
    g_ptr_array_add(catalogue->troubles, g_strdup(sentence));
}

char *dm_catalogue_troubles(const struct dm_catalogue *catalogue) {
    GString *lines = g_string_new(NULL);
    for (guint i = 0; i < catalogue->troubles->len; i++) {
        const char *sentence = g_ptr_array_index(catalogue->troubles, i);
        g_string_append_printf(lines, "%s%s", i > 0 ? "\n" : "", sentence);
    }
    return g_string_free(lines, lines->len == 0);
}

void dm_catalogue_set_jail(struct dm_catalogue *catalogue, const char *words) {
    g_free(catalogue->jail);
    catalogue->jail = g_strdup(words);
}

const char *dm_catalogue_jail(const struct dm_catalogue *catalogue) {
    return catalogue->jail != NULL ? catalogue->jail : "";
}

void dm_catalogue_set_libraries(struct dm_catalogue *catalogue, const char *vips, const char *mpi) {
    g_free(catalogue->vips);
    g_free(catalogue->mpi);
    catalogue->vips = g_strdup(vips);
    catalogue->mpi = g_strdup(mpi);
}

const char *dm_catalogue_vips(const struct dm_catalogue *catalogue) {
    return catalogue->vips != NULL ? catalogue->vips : "";
}

const char *dm_catalogue_mpi(const struct dm_catalogue *catalogue) {
    return catalogue->mpi != NULL ? catalogue->mpi : "";
}

size_t dm_catalogue_operation_count(const struct dm_catalogue *catalogue) {
    return catalogue->operations->len;
}

const struct dm_operation *dm_catalogue_operation(const struct dm_catalogue *catalogue,
                                                  size_t index) {
    return g_ptr_array_index(catalogue->operations, index);
}

size_t dm_catalogue_format_count(const struct dm_catalogue *catalogue) {
    return catalogue->formats->len;
}

const struct dm_format *dm_catalogue_format(const struct dm_catalogue *catalogue, size_t index) {
    return g_ptr_array_index(catalogue->formats, index);
}

bool dm_catalogue_begins_group(const struct dm_catalogue *catalogue, size_t index) {
    return index == 0 || g_strcmp0(dm_catalogue_operation(catalogue, index)->group,
                                   dm_catalogue_operation(catalogue, index - 1)->group) != 0;
}

const struct dm_operation *dm_catalogue_find(const struct dm_catalogue *catalogue,
                                             const char *word) {
    return g_hash_table_lookup(catalogue->words, word);
}

const struct dm_format *dm_catalogue_find_format(const struct dm_catalogue *catalogue,
                                                 const char *name) {
    for (size_t i = 0; i < catalogue->formats->len; i++) {
        const struct dm_format *format = g_ptr_array_index(catalogue->formats, i);
        if (strcmp(format->name, name) == 0) {
            return format;
        }
    }
    return NULL;
}

char *dm_format_extension(const struct dm_format *format) {
    return g_strndup(format->extensions, strcspn(format->extensions, " "));
}

bool dm_format_has_extension(const struct dm_format *format, const char *extension) {
    g_auto(GStrv) extensions = g_strsplit(format->extensions, " ", -1);
    for (char **candidate = extensions; *candidate != NULL; candidate++) {
        if (g_ascii_strcasecmp(*candidate, extension) == 0) {
            return true;
        }
    }
    return false;
}

// ---- writing

static void append(GString *text, const char *value) {
    g_autofree char *escaped = dm_escape(value);
    g_string_append_c(text, '\t');
    g_string_append(text, escaped);
}

static void append_number(GString *text, double value) {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    append(text, g_ascii_formatd(buffer, sizeof(buffer), "%.10g", value));
}

static void print_operation(GString *text, const struct dm_operation *operation) {
    GString *flags = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(flag_names); i++) {
        if (operation->flags & flag_names[i].flag) {
            g_string_append_printf(flags, "%s%s", flags->len > 0 ? " " : "", flag_names[i].name);
        }
    }
    g_string_append(text, "operation");
    append(text, operation->name);
    append(text, operation->aliases);
    append(text, flags->str);
    append(text, operation->summary);
    append(text, operation->example);
    append(text, operation->group);
    append(text, operation->kept_aliases != NULL ? operation->kept_aliases : "");
    g_string_append_c(text, '\n');
    g_string_free(flags, TRUE);
}

static void print_param(GString *text, const struct dm_param *param) {
    g_string_append(text, "param");
    append(text, param->name);
    append(text, type_names[param->type]);
    append(text, param->forms);
    append_number(text, param->min);
    append_number(text, param->max);
    append(text, param->default_text != NULL ? param->default_text : "-");
    append(text, param->unit);
    append(text, param->doc);
    append(text, param->required ? "required" : param->odd ? "odd" : "");
    append(text, param->says != NULL ? param->says : "");
    g_string_append_c(text, '\n');
}

char *dm_catalogue_print(const struct dm_catalogue *catalogue) {
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "dropmill-catalogue\t%d\n", DM_CATALOGUE_VERSION);
    for (size_t i = 0; i < catalogue->operations->len; i++) {
        const struct dm_operation *operation = g_ptr_array_index(catalogue->operations, i);
        print_operation(text, operation);
        for (size_t j = 0; j < operation->param_count; j++) {
            print_param(text, &operation->params[j]);
        }
    }
    for (size_t i = 0; i < catalogue->formats->len; i++) {
        const struct dm_format *format = g_ptr_array_index(catalogue->formats, i);
        g_string_append(text, "format");
        append(text, format->name);
        append(text, format->extensions);
        append(text, format->mime);
        append(text, format->reads && format->writes ? "rw" : format->reads ? "r" : "w");
        g_string_append_c(text, '\n');
    }
    for (size_t i = 0; i < catalogue->troubles->len; i++) {
        g_string_append(text, "trouble");
        append(text, g_ptr_array_index(catalogue->troubles, i));
        g_string_append_c(text, '\n');
    }
    if (catalogue->jail != NULL) {
        g_string_append(text, "jail");
        append(text, catalogue->jail);
        g_string_append_c(text, '\n');
    }
    if (catalogue->vips != NULL) {
        g_string_append(text, "libraries");
        append(text, catalogue->vips);
        append(text, catalogue->mpi);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

// ---- reading

/** What is being read: the catalogue, and the operation whose parameters come in. */
struct reader {
    struct dm_catalogue *catalogue;
    struct dm_operation *operation;
    GArray *params; // struct dm_param, of `operation`
};

/** The parameters of the last operation are complete: hand them over, and the operation with them.
 */
static void finish_operation(struct reader *reader) {
    if (reader->operation == NULL) {
        return;
    }
    reader->operation->param_count = reader->params->len;
    reader->operation->params = (struct dm_param *)(void *)g_array_free(reader->params, FALSE);
    g_ptr_array_add(reader->catalogue->owned, (gpointer)reader->operation->params);
    dm_catalogue_add_operation(reader->catalogue, reader->operation);
    reader->operation = NULL;
    reader->params = NULL;
}

static unsigned read_flags(const char *text) {
    unsigned flags = 0;
    g_auto(GStrv) names = g_strsplit(text, " ", -1);
    for (char **name = names; *name != NULL; name++) {
        for (size_t i = 0; i < G_N_ELEMENTS(flag_names); i++) {
            flags |= strcmp(*name, flag_names[i].name) == 0 ? flag_names[i].flag : 0;
        }
    }
    return flags;
}

static bool read_operation(struct reader *reader, const char *const *v) {
    finish_operation(reader);
    struct dm_operation *operation = g_new0(struct dm_operation, 1);
    g_ptr_array_add(reader->catalogue->owned, operation);
    *operation = (struct dm_operation){.name = v[0],
                                       .aliases = v[1],
                                       .flags = read_flags(v[2]),
                                       .summary = v[3],
                                       .example = v[4],
                                       .group = v[5],
                                       .kept_aliases = v[6]};
    reader->operation = operation;
    reader->params = g_array_new(FALSE, TRUE, sizeof(struct dm_param));
    return true;
}

static bool read_param(struct reader *reader, const char *const *v) {
    size_t type = 0;
    while (type < G_N_ELEMENTS(type_names) && strcmp(v[1], type_names[type]) != 0) {
        type++;
    }
    if (reader->operation == NULL || type == G_N_ELEMENTS(type_names)) {
        return false;
    }
    struct dm_param param = {
        .name = v[0],
        .type = (enum dm_param_type)type,
        .forms = v[2],
        .min = g_ascii_strtod(v[3], NULL),
        .max = g_ascii_strtod(v[4], NULL),
        .default_text = strcmp(v[5], "-") == 0 ? NULL : v[5],
        .unit = v[6],
        .doc = v[7],
        .required = strstr(v[8], "required") != NULL,
        .odd = strstr(v[8], "odd") != NULL,
        .says = v[9],
    };
    g_array_append_val(reader->params, param);
    return true;
}

static bool read_format(struct reader *reader, const char *const *v) {
    struct dm_format *format = g_new0(struct dm_format, 1);
    g_ptr_array_add(reader->catalogue->owned, format);
    *format = (struct dm_format){.name = v[0],
                                 .extensions = v[1],
                                 .mime = v[2],
                                 .reads = strchr(v[3], 'r') != NULL,
                                 .writes = strchr(v[3], 'w') != NULL};
    dm_catalogue_add_format(reader->catalogue, format);
    return true;
}

static bool read_trouble(struct reader *reader, const char *const *v) {
    dm_catalogue_add_trouble(reader->catalogue, v[0]);
    return true;
}

static bool read_jail(struct reader *reader, const char *const *v) {
    dm_catalogue_set_jail(reader->catalogue, v[0]);
    return true;
}

static bool read_libraries(struct reader *reader, const char *const *v) {
    dm_catalogue_set_libraries(reader->catalogue, v[0], v[1]);
    return true;
}

static const struct {
    const char *verb;
    guint values; // at least so many; a newer worker may add more
    bool (*read)(struct reader *reader, const char *const *values);
} line_kinds[] = {
    {"operation", 6, read_operation}, {"param", 9, read_param}, {"format", 4, read_format},
    {"trouble", 1, read_trouble},     {"jail", 1, read_jail},   {"libraries", 2, read_libraries},
};

/** @line is not empty. */
static bool read_line(struct reader *reader, const char *line) {
    g_auto(GStrv) parts = g_strsplit(line, "\t", -1);
    const char *values[16] = {NULL};
    guint count = 0;
    for (char **part = parts + 1; *part != NULL && count < 16; part++) {
        g_autofree char *plain = dm_unescape(*part, strlen(*part));
        if (plain == NULL) {
            return false;
        }
        values[count++] = g_string_chunk_insert_const(reader->catalogue->strings, plain);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(line_kinds); i++) {
        if (strcmp(parts[0], line_kinds[i].verb) == 0) {
            return count >= line_kinds[i].values && line_kinds[i].read(reader, values);
        }
    }
    return true; // a kind of line of a newer worker
}

struct dm_catalogue *dm_catalogue_parse(const char *text, GError **error) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *first = g_strdup_printf("dropmill-catalogue\t%d", DM_CATALOGUE_VERSION);
    if (lines[0] == NULL || strcmp(lines[0], first) != 0) {
        dm_fail(error, DM_ERROR_REMOTE,
                "malformed catalogue: it begins with '%.40s', expected '%s'",
                lines[0] != NULL ? lines[0] : "", first);
        return NULL;
    }
    struct reader reader = {.catalogue = dm_catalogue_new()};
    for (size_t i = 1; lines[i] != NULL; i++) {
        if (*lines[i] != '\0' && !read_line(&reader, lines[i])) {
            dm_fail(error, DM_ERROR_REMOTE, "malformed catalogue: line %zu: '%.60s'", i + 1,
                    lines[i]);
            finish_operation(&reader);
            dm_catalogue_free(reader.catalogue);
            return NULL;
        }
    }
    finish_operation(&reader);
    return reader.catalogue;
}
