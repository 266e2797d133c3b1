// SPDX-License-Identifier: MIT
//
// dropmill retry: what is in failed/ goes back into the inbox, and its note goes away. The daemon
// does that (watcher/orders.h); where none runs we do, by the same function.
#include "watcher/cli/ask.h"
#include "watcher/cli/commands.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/put_back.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static gboolean all_option;
static const GOptionEntry options[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &all_option, "everything that failed", NULL},
    {0},
};

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// ---- without a daemon

/** Both rooms of the share, by no symlink that somebody put in their place. */
struct rooms {
    int failed_fd, inbox_fd;
};

static int open_room(int share_fd, const char *name, GError **error) {
    int fd = dm_open_beneath(share_fd, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot open the directory '%s' of the share", name);
    }
    return fd;
}

static bool open_rooms(const struct dm_places *places, struct rooms *ret, GError **error) {
    DM_AUTO_CLOSE int share_fd = dm_open_root(places->share, error);
    if (share_fd >= 0) {
        ret->failed_fd = open_room(share_fd, DM_DIR_FAILED, error);
    }
    if (ret->failed_fd >= 0) {
        ret->inbox_fd = open_room(share_fd, DM_DIR_INBOX, error);
    }
    return ret->inbox_fd >= 0;
}

static void put_back_under(const struct rooms *rooms, const char *under, struct dm_answer *answer) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    struct dm_failed_walk *walk = dm_failed_walk_new(under);
    while (dm_failed_walk_step(walk, rooms->failed_fd, SIZE_MAX, found)) {
        ;
    }
    dm_failed_walk_free(walk);
    g_ptr_array_sort(found, compare_paths);
    for (guint i = 0; i < found->len; i++) {
        const char *path = found->pdata[i];
        const char *why = dm_put_back(rooms->failed_fd, rooms->inbox_fd, path, path);
        answer->done += why == NULL;
        if (why != NULL) {
            dm_answer_refuse(answer, path, why);
        }
    }
    if (found->len == 0 && *under != '\0') {
        dm_answer_refuse(answer, under, "there is no such file in failed");
    }
}

static bool put_back(const struct dm_places *places, const GPtrArray *paths,
                     struct dm_answer *answer, GError **error) {
    struct rooms rooms = {-1, -1};
    bool open = open_rooms(places, &rooms, error);
    for (guint i = 0; open && i < paths->len; i++) {
        put_back_under(&rooms, paths->pdata[i], answer);
    }
    dm_close_fd(&rooms.failed_fd);
    dm_close_fd(&rooms.inbox_fd);
    return open;
}

// ---- with one

static bool ask_daemon(const struct dm_places *places, const GPtrArray *paths,
                       struct dm_answer *answer, GError **error) {
    for (guint i = 0; i < paths->len; i++) {
        const char *path = paths->pdata[i];
        const char *const arguments[] = {path, NULL};
        bool asked = *path == '\0'
                         ? dm_cli_request(places, "retry-all", NULL, answer, error)
                         : dm_cli_request(places, "retry-under", arguments, answer, error);
        if (!asked) {
            return false;
        }
    }
    return true;
}

// ---- what is meant

/** The file whose note @path is, or @path itself; (transfer full). */
static char *file_of_note(const struct dm_places *places, const char *path) {
    if (g_str_has_suffix(path, ".txt")) {
        g_autofree char *file = g_strndup(path, strlen(path) - strlen(".txt"));
        g_autofree char *whole = g_build_filename(places->share, DM_DIR_FAILED, file, NULL);
        struct stat status;
        if (lstat(whole, &status) == 0 && S_ISREG(status.st_mode)) {
            return g_steal_pointer(&file);
        }
    }
    return g_strdup(path);
}

/** Paths below failed/, "" for all; (transfer full). */
static GPtrArray *wanted_paths(const struct dm_places *places, char **arguments,
                               struct dm_answer *answer) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    if (all_option) {
        g_ptr_array_add(paths, g_strdup(""));
    }
    for (size_t i = 0; arguments[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = dm_cli_room_path(places, arguments[i], &error);
        if (path != NULL) {
            g_ptr_array_add(paths, file_of_note(places, path));
        } else {
            dm_answer_refuse(answer, arguments[i], error->message);
        }
    }
    return paths;
}

/** While the share is away nothing is moved by anybody. Returns an exit code. */
static int retry(struct dm_cli *cli, char **arguments, struct dm_answer *answer) {
    GError *error = NULL;
    g_autoptr(GHashTable) live = dm_cli_ask_daemon(cli->places);
    g_autofree char *problem = dm_cli_share_problem(cli->places, live);
    if (problem != NULL) {
        return dm_cli_say(EX_UNAVAILABLE, "nothing can be moved while the share is away: %s",
                          problem);
    }
    g_autoptr(GPtrArray) paths = wanted_paths(cli->places, arguments, answer);
    bool done = live != NULL ? ask_daemon(cli->places, paths, answer, &error)
                             : put_back(cli->places, paths, answer, &error);
    if (!done) {
        dm_cli_fail(error);
        return EX_UNAVAILABLE;
    }
    return dm_cli_tell(cli, answer, "%s file(s) (is) back in the inbox");
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    if (!all_option && arguments[0] == NULL) {
        return dm_cli_usage(&dm_cmd_retry, "which files? give paths, or --all");
    }
    if (dm_cli_places(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    dm_config_set_umask(cli->config);
    struct dm_answer answer;
    dm_answer_init(&answer);
    int exit_code = retry(cli, arguments, &answer);
    dm_answer_clear(&answer);
    return exit_code;
}

const struct dm_command dm_cmd_retry = {
    .name = "retry",
    .usage = "--all | PATH...",
    .summary = "Try failed files again: move them from failed back into the inbox",
    .help = "PATH is a file or folder below failed, as 'blur-5/a.jpg' or as a path. Nothing in\n"
            "the inbox is overwritten; the note beside the file goes away. Status 65: some\n"
            "files could not be moved.\n",
    .options = options,
    .run = run,
};
