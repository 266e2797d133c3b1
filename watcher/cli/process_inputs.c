// SPDX-License-Identifier: MIT
//
// Finding the inputs: see process_inputs.h.
#include "watcher/cli/process_inputs.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

/** What stays the same while directories are read. */
struct search {
    struct dm_inputs *inputs;
    bool recursive;
    dev_t output_dev;
    ino_t output_ino;
};

static void input_free(void *data) {
    struct dm_input *input = data;
    g_free(input->path);
    g_free(input->given);
    g_free(input);
}

static void report(struct dm_inputs *inputs, const char *given, const char *problem) {
    g_autofree char *shown = dm_path_display(given);
    inputs->problems++;
    dm_cli_say(EX_NOINPUT, "%s: %s", shown, problem);
}

static void add_file(struct dm_inputs *inputs, const char *given) {
    struct dm_fingerprint fingerprint;
    char *real = realpath(given, NULL);
    if (real == NULL || dm_fingerprint_at(AT_FDCWD, real, &fingerprint, NULL) != 0) {
        report(inputs, given, g_strerror(errno));
    } else if (!g_hash_table_contains(inputs->by_path, real + 1)) {
        struct dm_input *input = g_new0(struct dm_input, 1);
        g_autofree char *stem = dm_name_stem(dm_path_base(real));
        input->path = g_strdup(real + 1);
        input->given = g_strdup(given);
        input->fingerprint = fingerprint;
        input->earlier = g_hash_table_lookup(inputs->by_stem, stem);
        g_hash_table_insert(inputs->by_stem, g_steal_pointer(&stem), input);
        g_hash_table_insert(inputs->by_path, input->path, input);
        g_ptr_array_add(inputs->list, input);
    }
    free(real);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** The names in a directory that are not hidden, sorted. */
static GPtrArray *read_names(GDir *dir) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while ((name = g_dir_read_name(dir)) != NULL) {
        if (name[0] != '.') {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

static void add_directory(const struct search *search, const char *top);

/** Something in a directory: what is neither file nor wanted directory is passed over in silence.
 */
static void add_found(const struct search *search, const char *path) {
    struct stat status;
    if (lstat(path, &status) != 0) {
        return;
    }
    bool is_output = status.st_dev == search->output_dev && status.st_ino == search->output_ino;
    if (S_ISREG(status.st_mode)) {
        add_file(search->inputs, path);
    } else if (S_ISDIR(status.st_mode) && search->recursive && !is_output) {
        add_directory(search, path);
    }
}

static void add_directory(const struct search *search, const char *top) {
    g_autoptr(GError) error = NULL;
    GDir *dir = g_dir_open(top, 0, &error);
    if (dir == NULL) {
        report(search->inputs, top, error->message);
        return;
    }
    GPtrArray *names = read_names(dir);
    g_dir_close(dir);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(top, g_ptr_array_index(names, i), NULL);
        add_found(search, path);
    }
    g_ptr_array_unref(names);
}

static void add_argument(const struct search *search, const char *argument) {
    struct stat status;
    if (stat(argument, &status) != 0) {
        report(search->inputs, argument, g_strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        add_directory(search, argument);
    } else if (S_ISREG(status.st_mode)) {
        add_file(search->inputs, argument);
    } else {
        report(search->inputs, argument, "neither a file nor a directory");
    }
}

struct dm_inputs *dm_inputs_find(char **arguments, bool recursive, const char *output_dir) {
    struct stat output = {0};
    struct dm_inputs *inputs = g_new0(struct dm_inputs, 1);
    inputs->list = g_ptr_array_new_with_free_func(input_free);
    inputs->by_path = g_hash_table_new(g_str_hash, g_str_equal);
    inputs->by_stem = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct search search = {.inputs = inputs, .recursive = recursive};
    if (stat(output_dir, &output) == 0) {
        search.output_dev = output.st_dev;
        search.output_ino = output.st_ino;
    }
    for (size_t i = 0; arguments[i] != NULL; i++) {
        add_argument(&search, arguments[i]);
    }
    return inputs;
}

void dm_inputs_free(struct dm_inputs *inputs) {
    if (inputs == NULL) {
        return;
    }
    g_hash_table_unref(inputs->by_path);
    g_hash_table_unref(inputs->by_stem);
    g_ptr_array_unref(inputs->list);
    g_free(inputs);
}

bool dm_inputs_contain(const struct dm_inputs *inputs, uint64_t dev, uint64_t ino) {
    for (guint i = 0; i < inputs->list->len; i++) {
        const struct dm_input *input = g_ptr_array_index(inputs->list, i);
        if (input->fingerprint.dev == dev && input->fingerprint.ino == ino) {
            return true;
        }
    }
    return false;
}
