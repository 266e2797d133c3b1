// SPDX-License-Identifier: MIT
//
// Naming the results of `dropmill process`: see process_publish.h.
#include "watcher/cli/process_publish.h"

#include "common/error.h"
#include "common/path.h"
#include "watcher/outbox/output_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool may_replace(const struct dm_publisher *publisher, const struct stat *there) {
    return (publisher->force || publisher->update) && S_ISREG(there->st_mode) &&
           !dm_inputs_contain(publisher->inputs, there->st_dev, there->st_ino);
}

/** Whose result asks for a name, in is_free(). */
struct asker {
    const struct dm_publisher *publisher;
    struct dm_input *input;
};

static bool is_there(const struct dm_publisher *publisher, const char *name) {
    struct stat there;
    return fstatat(publisher->output_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           !may_replace(publisher, &there);
}

/** For dm_output_name(), which asks for the input's own name first: remember who has that. */
static bool is_free(const char *name, void *data) {
    const struct asker *asker = data;
    const struct dm_input *rival = g_hash_table_lookup(asker->publisher->taken, name);
    if (rival == NULL && !is_there(asker->publisher, name)) {
        return true;
    }
    if (!asker->input->renamed) {
        asker->input->renamed = true;
        asker->input->rival = rival;
    }
    return false;
}

/** Rename; without --force never over a file, even one that came a moment ago (EEXIST). */
static int give_name(const struct dm_publisher *publisher, const char *temp, const char *name) {
    int fd = publisher->output_fd;
    if (publisher->force || publisher->update) {
        return renameat(fd, temp, fd, name);
    }
    int status = renameat2(fd, temp, fd, name, RENAME_NOREPLACE);
    // Some network file systems cannot promise that; the name was free a moment ago.
    if (status != 0 && (errno == EINVAL || errno == ENOSYS)) {
        return renameat(fd, temp, fd, name);
    }
    return status;
}

/** Make the directories that @relative lies in. */
static bool make_dirs(const struct dm_publisher *publisher, const char *relative, GError **error) {
    for (const char *slash = strchr(relative, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        g_autofree char *dir = g_strndup(relative, (size_t)(slash - relative));
        if (mkdirat(publisher->output_fd, dir, 0777) != 0 && errno != EEXIST) {
            return dm_fail_errno(error, errno, "cannot make the directory '%s'", dir);
        }
    }
    return true;
}

bool dm_publish_result(struct dm_publisher *publisher, struct dm_row *row, GError **error) {
    const struct dm_format *format = dm_catalogue_find_format(publisher->catalogue, row->format);
    if (format == NULL) {
        return dm_fail(error, DM_ERROR_REMOTE, "the worker reports the unknown format '%s'",
                       row->format);
    }
    struct asker asker = {
        .publisher = publisher,
        .input = g_hash_table_lookup(publisher->inputs->by_path, row->path),
    };
    if (!make_dirs(publisher, asker.input->relative, error)) {
        return false;
    }
    g_autofree char *name = NULL;
    int status;
    do {
        g_free(name);
        name = dm_output_name(asker.input->relative, format, is_free, &asker);
        status = give_name(publisher, row->temp, name);
    } while (status != 0 && errno == EEXIST);
    if (status != 0) {
        return dm_fail_errno(error, errno, "cannot give the result its name '%s'", name);
    }
    dm_row_set(&row->output, name);
    dm_row_set(&row->temp, "");
    g_hash_table_insert(publisher->taken, g_steal_pointer(&name), asker.input);
    return true;
}

/** Say whether @name is there and was written after the input. */
static bool is_newer(const struct dm_publisher *publisher, const char *name,
                     struct dm_input *input) {
    struct stat there;
    if (fstatat(publisher->output_fd, name, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(there.st_mode) ||
        dm_inputs_contain(publisher->inputs, there.st_dev, there.st_ino)) {
        return false;
    }
    int64_t there_ns = (int64_t)there.st_mtim.tv_sec * 1000000000 + there.st_mtim.tv_nsec;
    if (there_ns < input->fingerprint.mtime_ns) {
        return false;
    }
    g_hash_table_insert(publisher->taken, g_strdup(name), input); // nobody else's to replace
    return true;
}

/** For dm_output_name(): @data, an int, says how many names are others'. */
static bool is_next_free(const char *name, void *data) {
    int *taken = data;
    (void)name;
    return (*taken)-- <= 0;
}

/** By the name that the result gets in @format; an earlier input of the same stem has the first. */
static bool has_newer(const struct dm_publisher *publisher, struct dm_input *input,
                      const struct dm_format *format) {
    int taken = input->earlier != NULL ? 1 : 0;
    g_autofree char *name = dm_output_name(input->relative, format, is_next_free, &taken);
    return is_newer(publisher, name, input);
}

bool dm_publish_is_up_to_date(const struct dm_publisher *publisher, struct dm_input *input,
                              const struct dm_format *format) {
    if (format != NULL) {
        return has_newer(publisher, input, format);
    }
    if (is_newer(publisher, input->relative, input)) {
        return true;
    }
    // What cannot be written gets another format, which the worker chooses.
    const char *extension = dm_name_extension(dm_path_base(input->relative));
    bool any = false;
    for (size_t i = 0; i < dm_catalogue_format_count(publisher->catalogue); i++) {
        const struct dm_format *other = dm_catalogue_format(publisher->catalogue, i);
        if (other->writes && dm_format_has_extension(other, extension)) {
            return false;
        }
        any |= other->writes && has_newer(publisher, input, other);
    }
    return any;
}

void dm_publish_discard(const struct dm_publisher *publisher, struct dm_row *row) {
    if (*row->temp) {
        unlinkat(publisher->output_fd, row->temp, 0);
    }
    dm_row_set(&row->temp, "");
}
