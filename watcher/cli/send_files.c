// SPDX-License-Identifier: MIT
//
// See send_files.h.
#include "watcher/cli/send_files.h"

#include "common/path.h"
#include "watcher/inbox/ignore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

/** What stays the same while directories are read. */
struct search {
    struct dm_send *send;
    // Names that are taken -> what was given.
    GHashTable *names;
    // Of --get.
    struct stat output;
};

static void report(const struct search *search, const char *given, const char *problem) {
    g_autofree char *shown = dm_path_display(given);
    search->send->problems++;
    dm_cli_say(EX_NOINPUT, "%s: %s", shown, problem);
}

static void leave_out(const struct search *search, const char *given, const char *why) {
    g_autofree char *shown = dm_path_display(given);
    if (!search->send->cli->quiet) {
        fprintf(stderr, "%s: left out: %s\n", shown, why);
    }
}

const char *dm_send_bad_name(const char *name) {
    for (const char *c = name; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            return "its name has control characters: rename it";
        }
    }
    return g_utf8_validate(name, -1, NULL) ? NULL : "its name is no UTF-8: rename it";
}

static void add_file(const struct search *search, const char *given, const char *name,
                     const struct stat *status) {
    const char *bad = dm_send_bad_name(name);
    const char *rival = g_hash_table_lookup(search->names, name);
    if (bad != NULL) {
        report(search, given, bad);
    } else if (status->st_size == 0) {
        report(search, given, "it is empty");
    } else if (rival != NULL) {
        g_autofree char *shown = dm_path_display(rival);
        g_autofree char *problem = g_strdup_printf(
            "'%s' has the same name: send it by itself, or the directories of both", shown);
        report(search, given, problem);
    } else {
        struct dm_send_file *file = dm_send_file_new(given, name, status->st_size);
        file->dev = status->st_dev;
        file->ino = status->st_ino;
        g_hash_table_insert(search->names, file->name, file->path);
        g_ptr_array_add(search->send->files, file);
        search->send->counts[DM_SEND_FOUND]++;
        search->send->bytes += file->bytes;
    }
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** The names in a directory, sorted; NULL after a report. */
static GPtrArray *read_names(const struct search *search, const char *path) {
    g_autoptr(GError) error = NULL;
    GDir *dir = g_dir_open(path, 0, &error);
    if (dir == NULL) {
        report(search, path, error->message);
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_ptr_array_add(names, g_strdup(name));
    }
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    return names;
}

static void add_directory(const struct search *search, const char *path, const char *name);

static bool is_output(const struct search *search, const struct stat *status) {
    return search->send->get_fd >= 0 && status->st_dev == search->output.st_dev &&
           status->st_ino == search->output.st_ino;
}

/** Something in a directory. */
static void add_found(const struct search *search, const char *path, const char *name) {
    const char *base = dm_path_base(path);
    struct stat status;
    if (lstat(path, &status) != 0) {
        report(search, path, g_strerror(errno));
    } else if (S_ISREG(status.st_mode) && !dm_ignore_file(base, NULL)) {
        add_file(search, path, name, &status);
    } else if (S_ISDIR(status.st_mode) && is_output(search, &status)) {
        leave_out(search, path, "results go there");
    } else if (S_ISDIR(status.st_mode) && !dm_ignore_dir(base, NULL)) {
        add_directory(search, path, name);
    } else if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
        leave_out(search, path, "dropmill leaves such names alone");
    } else {
        leave_out(search, path, "neither a file nor a directory");
    }
}

static void add_directory(const struct search *search, const char *path, const char *name) {
    g_autoptr(GPtrArray) names = read_names(search, path);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        g_autofree char *below = g_build_filename(path, names->pdata[i], NULL);
        g_autofree char *below_name = dm_path_join(name, names->pdata[i]);
        add_found(search, below, below_name);
    }
}

/** What the files of a directory are below: its own name, if it was called by one. */
static char *name_of_directory(const char *argument) {
    g_autofree char *name = g_path_get_basename(argument);
    bool is_name = strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "/") != 0;
    return is_name ? g_steal_pointer(&name) : g_strdup("");
}

static void add_argument(const struct search *search, const char *argument) {
    struct stat status;
    if (stat(argument, &status) != 0) {
        report(search, argument, g_strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        g_autofree char *name = name_of_directory(argument);
        add_directory(search, argument, name);
    } else if (!S_ISREG(status.st_mode)) {
        report(search, argument, "neither a file nor a directory");
    } else if (dm_ignore_file(dm_path_base(argument), NULL)) {
        report(search, argument, "dropmill leaves such names alone: rename it");
    } else {
        add_file(search, argument, dm_path_base(argument), &status);
    }
}

void dm_send_find_files(struct dm_send *send, char **arguments) {
    struct search search = {.send = send, .names = g_hash_table_new(g_str_hash, g_str_equal)};
    if (send->get_fd >= 0 && fstat(send->get_fd, &search.output) != 0) {
        search.output = (struct stat){0};
    }
    for (size_t i = 0; arguments[i] != NULL; i++) {
        add_argument(&search, arguments[i]);
    }
    g_hash_table_unref(search.names);
}
