// SPDX-License-Identifier: MIT
//
// dropmill retry: what is in failed/ goes back into the inbox, and its note goes away. That is all
// that trying again means, so no daemon is needed; one that runs is told to look at once.
#include "watcher/cli/commands.h"
#include "watcher/json.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/control.h"
#include "watcher/share/move.h"
#include "watcher/share/note_file.h"
#include "watcher/share/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static gboolean all_option;
static const GOptionEntry options[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &all_option, "everything that failed", NULL},
    {0},
};

/** What one run does. */
struct retry {
    const struct dm_cli *cli;
    int failed_fd, inbox_fd;
    // (nullable)
    struct dm_json *json;
    size_t moved, refused;
};

/** What a walk over failed/ looks for. */
struct search {
    // "" is everything.
    const char *under;
    // Of char *: paths relative to failed/.
    GPtrArray *found;
};

static bool is_regular(int dir_fd, const char *path) {
    struct stat status;
    return fstatat(dir_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

static bool is_under(const char *path, const char *under) {
    size_t length = strlen(under);
    return !length || (strncmp(path, under, length) == 0 && path[length] == '/');
}

/** A note of ours is no file that failed; neither is a temporary. */
static void collect(int dir_fd, const char *dir, GPtrArray *names, void *data) {
    struct search *search = data;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = dm_path_join(dir, name);
        bool ours = dm_note_file_is_ours(dir_fd, name) || g_str_has_prefix(name, ".dropmill-");
        if (is_under(path, search->under) && !ours && is_regular(dir_fd, name)) {
            g_ptr_array_add(search->found, g_steal_pointer(&path));
        }
    }
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *files_under(int failed_fd, const char *under) {
    struct search search = {under, g_ptr_array_new_with_free_func(g_free)};
    struct dm_walk *walk = dm_walk_new();
    while (dm_walk_step(walk, failed_fd, SIZE_MAX, collect, &search)) {
        ;
    }
    dm_walk_free(walk);
    g_ptr_array_sort(search.found, compare_paths);
    return search.found;
}

/** For dm_move(): the inbox must have nothing of that name, and no other name will do. */
static int reserve(int dir_fd, const char *name, void *data) {
    struct stat status;
    bool is_wanted = strcmp(name, data) == 0;
    bool is_free = fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
    return is_wanted && is_free ? 0 : ENOTUNIQ;
}

static void remove_note(const struct retry *retry, const char *path) {
    g_autofree char *dir = dm_path_dir(path);
    int dir_fd = dm_open_beneath(retry->failed_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd < 0) {
        return;
    }
    dm_note_file_remove_stale(dir_fd, dm_path_base(path));
    close(dir_fd);
    dm_remove_empty_dirs(retry->failed_fd, dir);
}

/** Move one file. Returns NULL, or why it stays; a literal or strerror()'s. */
static const char *move_back(const struct retry *retry, const char *path) {
    struct dm_fingerprint fingerprint;
    mode_t mode;
    if (dm_fingerprint_at(retry->failed_fd, path, &fingerprint, &mode) != 0) {
        return g_strerror(errno);
    }
    g_autofree char *temp = dm_temp_name(0, getpid());
    const struct dm_move move = {
        .from_fd = retry->failed_fd,
        .to_fd = retry->inbox_fd,
        .path = path,
        .fingerprint = &fingerprint,
        .temp = temp,
        .reserve = reserve,
        .data = (char *)(uintptr_t)dm_path_base(path),
    };
    g_autofree char *moved_to = NULL;
    switch (dm_move(&move, &moved_to, NULL)) {
    case DM_MOVED:
        remove_note(retry, path);
        return NULL;
    case DM_MOVED_GONE:
    case DM_MOVED_CHANGED:
        return "it is being changed just now";
    case DM_MOVED_REFUSED:
        break;
    }
    return errno == ENOTUNIQ ? "a file of that name is in the inbox already" : g_strerror(errno);
}

static void report(struct retry *retry, const char *path, const char *problem) {
    g_autofree char *shown = dm_path_display(path);
    if (problem != NULL) {
        retry->refused++;
    } else {
        retry->moved++;
    }
    if (retry->json != NULL) {
        dm_json_object(retry->json, NULL);
        dm_json_path(retry->json, path);
        dm_json_bool(retry->json, "moved", problem == NULL);
        dm_json_text(retry->json, "message", problem != NULL ? problem : "");
        dm_json_close(retry->json);
    }
    if (problem != NULL) {
        dm_cli_say(EX_DATAERR, DM_DIR_FAILED "/%s: %s", shown, problem);
    } else if (retry->json == NULL && !retry->cli->quiet) {
        printf(DM_DIR_INBOX "/%s\n", shown);
    }
}

static void retry_under(struct retry *retry, const char *under) {
    GPtrArray *paths = files_under(retry->failed_fd, under);
    for (guint i = 0; i < paths->len; i++) {
        const char *path = g_ptr_array_index(paths, i);
        report(retry, path, move_back(retry, path));
    }
    if (!paths->len && *under) {
        report(retry, under, "there is no such file");
    }
    g_ptr_array_unref(paths);
}

/** The file whose note @path is, or @path itself; (transfer full). */
static char *file_of_note(int failed_fd, const char *path) {
    g_autofree char *file =
        g_str_has_suffix(path, ".txt") ? g_strndup(path, strlen(path) - strlen(".txt")) : NULL;
    return file != NULL && is_regular(failed_fd, file) ? g_steal_pointer(&file) : g_strdup(path);
}

static void retry_argument(struct retry *retry, const char *argument) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = dm_cli_room_path(retry->cli->places, argument, &error);
    if (path == NULL) {
        retry->refused++;
        dm_cli_say(EX_DATAERR, "%s", error->message);
        return;
    }
    g_autofree char *file = file_of_note(retry->failed_fd, path);
    if (is_regular(retry->failed_fd, file)) {
        report(retry, file, move_back(retry, file));
    } else {
        retry_under(retry, path);
    }
}

static void finish(struct retry *retry) {
    if (retry->json != NULL) {
        dm_json_close(retry->json);
        dm_json_print(retry->json);
    } else if (!retry->cli->quiet) {
        printf(retry->moved == 1 ? "%zu file is back in the inbox\n"
                                 : "%zu files are back in the inbox\n",
               retry->moved);
    }
    g_autofree char *answer = dm_control_ask(retry->cli->places->control, "sweep", NULL);
}

/** Open the room @name of the share, by no symlink that somebody put in its place. */
static int open_room(int share_fd, const char *name, GError **error) {
    int fd = dm_open_beneath(share_fd, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot open the directory '%s' of the share", name);
    }
    return fd;
}

static int open_rooms(struct retry *retry, GError **error) {
    const struct dm_places *places = retry->cli->places;
    g_autoptr(GHashTable) live = dm_cli_ask_daemon(places);
    g_autofree char *problem = dm_cli_share_problem(places, live);
    if (problem != NULL) {
        dm_fail(error, DM_ERROR_TRANSIENT, "nothing can be moved while the share is away: %s",
                problem);
        return EX_UNAVAILABLE;
    }
    int share_fd = dm_open_root(places->share, error);
    if (share_fd < 0) {
        return EX_UNAVAILABLE;
    }
    retry->failed_fd = open_room(share_fd, DM_DIR_FAILED, error);
    if (retry->failed_fd >= 0) {
        retry->inbox_fd = open_room(share_fd, DM_DIR_INBOX, error);
    }
    close(share_fd);
    return retry->inbox_fd < 0 ? EX_UNAVAILABLE : EX_OK;
}

static int run_all(struct retry *retry, char **arguments) {
    if (retry->cli->json) {
        retry->json = dm_json_new();
        dm_json_list(retry->json, NULL);
    }
    if (all_option) {
        retry_under(retry, "");
    }
    for (size_t i = 0; arguments[i] != NULL; i++) {
        retry_argument(retry, arguments[i]);
    }
    finish(retry);
    return retry->refused ? EX_DATAERR : EX_OK;
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
    struct retry retry = {.cli = cli, .failed_fd = -1, .inbox_fd = -1};
    int exit_code = open_rooms(&retry, &error);
    if (exit_code == EX_OK) {
        exit_code = run_all(&retry, arguments);
    } else {
        dm_cli_fail(error);
    }
    if (retry.failed_fd >= 0) {
        close(retry.failed_fd);
    }
    if (retry.inbox_fd >= 0) {
        close(retry.inbox_fd);
    }
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
