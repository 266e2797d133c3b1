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
    g_free(input->relative);
    g_free(input);
}

static void no_input_free(void *data) {
    struct dm_no_input *no_input = data;
    g_free(no_input->given);
    g_free(no_input->why);
    g_free(no_input);
}

static void report(struct dm_inputs *inputs, const char *given, const char *problem) {
    g_autofree char *shown = dm_path_display(given);
    struct dm_no_input *no_input = g_new0(struct dm_no_input, 1);
    no_input->given = g_strdup(given);
    no_input->why = g_strdup(problem);
    g_ptr_array_add(inputs->problems, no_input);
    dm_cli_say(EX_NOINPUT, "%s: %s", shown, problem);
}

/** @path (transfer full), @fingerprint: of the file itself. */
static void add_input(struct dm_inputs *inputs, char *path, const char *given, const char *relative,
                      const struct dm_fingerprint *fingerprint) {
    struct dm_input *input = g_new0(struct dm_input, 1);
    g_autofree char *dir = dm_path_dir(relative);
    g_autofree char *stem = dm_name_stem(dm_path_base(relative));
    g_autofree char *key = dm_path_join(dir, stem);
    input->path = path;
    input->given = g_strdup(given);
    input->relative = g_strdup(relative);
    input->fingerprint = *fingerprint;
    input->earlier = g_hash_table_lookup(inputs->by_stem, key);
    g_hash_table_insert(inputs->by_stem, g_steal_pointer(&key), input);
    g_hash_table_insert(inputs->by_path, input->path, input);
    g_ptr_array_add(inputs->list, input);
}

/** The same file once more: silence would hide a link that has no result under its own name. */
static void say_again(struct dm_inputs *inputs, const char *given, const struct dm_input *input) {
    g_autofree char *shown = dm_path_display(given);
    g_autofree char *first = dm_path_display(input->given);
    inputs->again++;
    if (strcmp(given, input->given) != 0) {
        dm_cli_say(EX_OK, "%s: the same file as '%s', it is processed once", shown, first);
    }
}

static void add_file(struct dm_inputs *inputs, const char *given, const char *relative) {
    struct dm_fingerprint fingerprint;
    char *real = realpath(given, NULL);
    const struct dm_input *known =
        real != NULL ? g_hash_table_lookup(inputs->by_path, real + 1) : NULL;
    if (known != NULL) {
        say_again(inputs, given, known);
    } else if (real == NULL || dm_fingerprint_at(AT_FDCWD, real, &fingerprint, NULL) != 0) {
        report(inputs, given, g_strerror(errno));
    } else {
        add_input(inputs, g_strdup(real + 1), given, relative, &fingerprint);
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

static void add_directory(const struct search *search, const char *top, const char *relative);

/** Something in a directory: what is neither file nor wanted directory is passed over in silence.
 */
static void add_found(const struct search *search, const char *path, const char *relative) {
    struct stat status;
    if (lstat(path, &status) != 0) {
        return;
    }
    bool is_output = status.st_dev == search->output_dev && status.st_ino == search->output_ino;
    if (S_ISREG(status.st_mode)) {
        add_file(search->inputs, path, relative);
    } else if (S_ISDIR(status.st_mode) && search->recursive && !is_output) {
        add_directory(search, path, relative);
    }
}

static void add_directory(const struct search *search, const char *top, const char *relative) {
    g_autoptr(GError) error = NULL;
    GDir *dir = g_dir_open(top, 0, &error);
    if (dir == NULL) {
        report(search->inputs, top, error->message);
        return;
    }
    GPtrArray *names = read_names(dir);
    g_dir_close(dir);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = g_build_filename(top, name, NULL);
        g_autofree char *below = dm_path_join(relative, name);
        add_found(search, path, below);
    }
    g_ptr_array_unref(names);
}

static void add_argument(const struct search *search, const char *argument) {
    struct stat status;
    if (strcmp(argument, "-") == 0) {
        report(search->inputs, argument, "pictures are not read from stdin: give files");
    } else if (stat(argument, &status) != 0) {
        report(search->inputs, argument, g_strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        add_directory(search, argument, "");
    } else if (S_ISREG(status.st_mode)) {
        add_file(search->inputs, argument, dm_path_base(argument));
    } else {
        report(search->inputs, argument, "neither a file nor a directory");
    }
}

struct dm_inputs *dm_inputs_find(char **arguments, bool recursive, const char *output_dir) {
    struct stat output = {0};
    struct dm_inputs *inputs = g_new0(struct dm_inputs, 1);
    inputs->list = g_ptr_array_new_with_free_func(input_free);
    inputs->problems = g_ptr_array_new_with_free_func(no_input_free);
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
    g_ptr_array_unref(inputs->problems);
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
