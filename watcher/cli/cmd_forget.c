// SPDX-License-Identifier: MIT
//
// dropmill forget: delete what is remembered of a share that is watched no more. The share itself
// is not touched; where it is known by its path it is not even looked at, for it may be gone.
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"
#include "watcher/json.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/control.h"
#include "watcher/share/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static gboolean yes_option;
static const GOptionEntry options[] = {
    {"yes", 'y', 0, G_OPTION_ARG_NONE, &yes_option, "do not ask", NULL},
    {0},
};

/** A file or directory that goes. */
struct item {
    char *path;
    // With all that is in it.
    int64_t bytes;
    bool is_dir;
};

static void free_item(void *data) {
    struct item *item = data;
    g_free(item->path);
    g_free(item);
}

static int64_t bytes_below(int dir_fd);

/** Of @name in @dir_fd, following no link. */
static int64_t bytes_of(int dir_fd, const char *name, bool *ret_is_dir) {
    struct stat status;
    if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return 0;
    }
    *ret_is_dir = S_ISDIR(status.st_mode);
    return *ret_is_dir
               ? bytes_below(openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
               : (int64_t)status.st_size;
}

static bool is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/** Takes @dir_fd. */
static int64_t bytes_below(int dir_fd) {
    DIR *dir = dir_fd >= 0 ? fdopendir(dir_fd) : NULL;
    int64_t bytes = 0;
    bool is_dir;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        bytes += is_dots(entry->d_name) ? 0 : bytes_of(dirfd(dir), entry->d_name, &is_dir);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return bytes;
}

/** All that lies in @directory, by name. */
static void list(const char *directory, GPtrArray *items) {
    DM_AUTO_CLOSE int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    g_autoptr(GDir) dir = fd >= 0 ? g_dir_open(directory, 0, NULL) : NULL;
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        struct item *item = g_new0(struct item, 1);
        item->path = g_build_filename(directory, name, NULL);
        item->bytes = bytes_of(fd, name, &item->is_dir);
        g_ptr_array_add(items, item);
    }
}

static int compare_items(const void *a, const void *b) {
    const struct item *const *left = a;
    const struct item *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

/** Everything that goes: of struct item. */
static GPtrArray *find_items(const struct dm_places *places) {
    GPtrArray *items = g_ptr_array_new_with_free_func(free_item);
    g_autofree char *state_dir = g_path_get_dirname(places->ledger);
    list(state_dir, items);
    list(places->runtime_dir, items);
    g_ptr_array_sort(items, compare_items);
    return items;
}

// ---- what is said

static void print_items(const GPtrArray *items) {
    static const char *const headers[] = {">SIZE", "TO BE DELETED", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (guint i = 0; i < items->len; i++) {
        const struct item *item = items->pdata[i];
        g_autofree char *size = dm_human_bytes(item->bytes);
        g_autofree char *shown = dm_path_display(item->path);
        g_autofree char *name = g_strconcat(shown, item->is_dir ? "/" : "", NULL);
        dm_table_add(table, (const char *const[]){size, name});
    }
    dm_table_print(table);
}

/** How many files are remembered, and in which states; nothing where the ledger cannot be read. */
static void print_counts(const struct dm_places *places) {
    int64_t counts[DM_STATE_COUNT];
    struct dm_ledger *ledger = dm_ledger_open(places->ledger, true, NULL);
    if (ledger == NULL) {
        return;
    }
    dm_ledger_count(ledger, counts);
    int64_t under_way = 0;
    for (int state = DM_STATE_SEEN; state < DM_STATE_COUNT; state++) {
        under_way += state != DM_STATE_DONE && state != DM_STATE_FAILED ? counts[state] : 0;
    }
    printf("It remembers %" PRId64 " done, %" PRId64 " failed, %" PRId64 " under way.\n",
           counts[DM_STATE_DONE], counts[DM_STATE_FAILED], under_way);
    dm_ledger_free(ledger);
}

static void print_consequences(const struct dm_places *places) {
    g_autofree char *share = dm_path_display(places->share);
    printf(
        "The share %s is not touched. When it is watched again, it is as one that never was:\n"
        "  every picture that is then in inbox is made, also what was made before\n"
        "  results stay, and a new one beside them gets another name: \"a (jpg).jpg\"\n"
        "  what is in originals is kept for good, since nobody knows any more until when\n"
        "  what is in failed stays, and 'dropmill retry' brings it back\n"
        "  results that wait for the bucket are not sent; 'dropmill s3 audit --fix' finds none\n",
        share);
}

static bool is_agreed(void) {
    char line[16] = "";
    printf("\nDelete it? Type yes: ");
    fflush(stdout);
    return fgets(line, sizeof(line), stdin) != NULL &&
           (g_ascii_strcasecmp(g_strstrip(line), "yes") == 0);
}

static void write_items(const struct dm_places *places, const GPtrArray *items) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "share", places->share);
    dm_json_list(json, "deleted");
    for (guint i = 0; i < items->len; i++) {
        const struct item *item = items->pdata[i];
        dm_json_object(json, NULL);
        dm_json_path(json, item->path);
        dm_json_integer(json, "bytes", item->bytes);
        dm_json_close(json);
    }
    dm_json_finish(json);
}

// ---- what is done

/** The lock is held meanwhile: a daemon that starts now waits for none of it, and finds nothing. */
static int delete_all(const struct dm_places *places) {
    g_autofree char *state_dir = g_path_get_dirname(places->ledger);
    dm_remove_tree(places->runtime_dir);
    dm_remove_tree(state_dir);
    const char *const gone[] = {state_dir, places->runtime_dir};
    for (size_t i = 0; i < G_N_ELEMENTS(gone); i++) {
        if (access(gone[i], F_OK) == 0) {
            return dm_cli_say(EX_NOPERM,
                              "'%s' could not be deleted: call this as root, or as its owner",
                              gone[i]);
        }
    }
    return EX_OK;
}

static int forget(const struct dm_cli *cli, const struct dm_places *places) {
    g_autoptr(GPtrArray) items = find_items(places);
    bool asks = !yes_option && isatty(STDIN_FILENO) && !cli->json;
    if (!cli->json && !cli->quiet) {
        print_items(items);
        print_counts(places);
        print_consequences(places);
    }
    if (!yes_option && !asks) {
        return dm_cli_say(EX_USAGE, "nothing was deleted: give --yes");
    }
    if (asks && !is_agreed()) {
        return dm_cli_say(EX_TEMPFAIL, "nothing was deleted");
    }
    int exit_code = delete_all(places);
    if (exit_code == EX_OK && cli->json) {
        write_items(places, items);
    } else if (exit_code == EX_OK && !cli->quiet) {
        puts("Forgotten.");
    }
    return exit_code;
}

/** Whoever watches the share has its ledger, and answers: both are asked. */
static int forget_if_idle(const struct dm_cli *cli, const struct dm_places *places) {
    GError *error = NULL;
    g_autofree char *answer = dm_control_ask(places->control, "status", NULL);
    DM_AUTO_CLOSE int lock_fd = answer == NULL ? dm_ledger_lock(places->ledger, &error) : -1;
    if (answer != NULL || g_error_matches(error, DM_ERROR, DM_ERROR_TRANSIENT)) {
        g_clear_error(&error);
        return dm_cli_say(EX_TEMPFAIL, "'%s' is being watched: stop its dropmilld first",
                          places->share);
    }
    return lock_fd >= 0 ? forget(cli, places) : dm_cli_fail(error);
}

static struct dm_places *find_places(const struct dm_cli *cli, const char *directory,
                                     GError **error) {
    if (!dm_config_take_option(cli->config, "share", directory, "forget", error)) {
        return NULL;
    }
    struct dm_places *known = dm_places_recall(cli->config);
    return known != NULL ? known : dm_places_find(cli->config, error);
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    const char *directory = arguments[0];
    if (directory == NULL || arguments[1] != NULL) {
        return dm_cli_usage(&dm_cmd_forget, "which share? (it need not be there any more)");
    }
    if (dm_cli_config(cli, &error) == NULL ||
        (cli->places = find_places(cli, directory, &error)) == NULL) {
        return dm_cli_fail(error);
    }
    g_autofree char *state_dir = g_path_get_dirname(cli->places->ledger);
    if (access(state_dir, F_OK) != 0) {
        return dm_cli_say(errno == EACCES ? EX_NOPERM : EX_NOINPUT,
                          errno == EACCES
                              ? "cannot look at '%s': call this as root, or as the daemon's user"
                              : "nothing is remembered of that share: there is no '%s'",
                          state_dir);
    }
    return forget_if_idle(cli, cli->places);
}

const struct dm_command dm_cmd_forget = {
    .name = "forget",
    .usage = "[--yes] DIR",
    .summary = "Delete the ledger of a share that is not watched any more",
    .help = "And what belongs to it: its lock, the logs of jobs, what the page knows of drops.\n"
            "DIR, the share itself, is not touched; it need not be there. Says what is deleted\n"
            "and what that means, and asks; where there is no terminal, --yes must be given.\n"
            "Refused (75) while a dropmilld watches the share.\n",
    .options = options,
    .run = run,
};
