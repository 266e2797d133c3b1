// SPDX-License-Identifier: MIT
//
// Finding the places. A share is told by its marker .dropmill/root.id; the id in it names the state
// directory, so a share that is mounted elsewhere keeps its ledger, and an empty mount point is
// never taken for a share.
#include "watcher/places.h"

#include "common/error.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/known_shares.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_MIN 8
#define ID_MAX 64

/** The first line of what somebody wrote, for a message. */
static void cut_to_line(char *text) {
    g_strstrip(text);
    text[strcspn(text, "\n")] = '\0';
}

/** An id becomes the name of a directory, so only harmless ones are taken. */
static bool id_is_legal(const char *id) {
    size_t length = strlen(id);
    return length >= ID_MIN && length <= ID_MAX && g_ascii_isalnum(id[0]) &&
           strspn(id, G_CSET_DIGITS G_CSET_A_2_Z G_CSET_a_2_z "-") == length;
}

static char *read_share_id(const char *share, GError **error) {
    g_autofree char *path = g_build_filename(share, DM_ROOT_ID, NULL);
    g_autofree char *id = NULL;
    g_autoptr(GError) why = NULL;
    if (!g_file_get_contents(path, &id, NULL, &why)) {
        if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
            g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)) {
            dm_fail(error, DM_ERROR_CONFIG,
                    "cannot use '%s': it is no share (no " DM_ROOT_ID
                    "): if it should be mounted, mount it; to make a new share run 'dropmill setup "
                    "%s'",
                    share, share);
        } else {
            dm_fail(error, DM_ERROR_SYSTEM, "share '%s': %s", share, why->message);
        }
        return NULL;
    }
    g_strstrip(id);
    if (!id_is_legal(id)) {
        dm_fail(error, DM_ERROR_CONFIG, "share '%s': " DM_ROOT_ID " does not hold an id", share);
        return NULL;
    }
    return g_steal_pointer(&id);
}

static char *state_top(const struct dm_config *config) {
    return *config->state_dir ? g_strdup(config->state_dir) : dm_default_state_dir();
}

static char *runtime_top(const struct dm_config *config) {
    return *config->runtime_dir ? g_strdup(config->runtime_dir) : dm_default_runtime_dir();
}

static bool is_or_was_share(const char *directory, const char *state_dir) {
    g_autofree char *marker = g_build_filename(directory, DM_ROOT_ID, NULL);
    g_autofree char *known = dm_known_share_find(state_dir, directory, NULL);
    return known != NULL || g_file_test(marker, G_FILE_TEST_EXISTS);
}

/** The nearest directory from the working directory upwards that is a share; NULL: none. */
static char *share_around_here(const struct dm_config *config) {
    g_autofree char *state_dir = state_top(config);
    g_autofree char *directory = g_get_current_dir();
    while (true) {
        if (is_or_was_share(directory, state_dir)) {
            return g_steal_pointer(&directory);
        }
        char *parent = g_path_get_dirname(directory);
        bool at_top = strcmp(parent, directory) == 0;
        g_free(directory);
        directory = parent;
        if (at_top) {
            return NULL;
        }
    }
}

/** The directory that is meant, as it was written; NULL: none. */
static char *meant_share(const struct dm_config *config, const char *share) {
    if (share != NULL && *share) {
        return g_strdup(share);
    }
    return *config->share ? g_strdup(config->share) : share_around_here(config);
}

/** (transfer full) of @share and @id, too. */
static struct dm_places *new_places(const struct dm_config *config, char *share, char *id,
                                    const char *meant) {
    g_autofree char *state_dir = state_top(config);
    g_autofree char *runtime_dir = runtime_top(config);
    struct dm_places *places = g_new0(struct dm_places, 1);
    places->share = share;
    places->share_id = id;
    places->meant = g_canonicalize_filename(meant, NULL);
    places->ledger = g_build_filename(state_dir, id, "ledger.db", NULL);
    places->runtime_dir = g_build_filename(runtime_dir, id, NULL);
    places->control = g_build_filename(runtime_dir, id, "control.sock", NULL);
    return places;
}

/** Without links and dots; NULL with errno when it is not there. */
static char *real_path(const char *path) {
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real);
    free(real);
    return copy;
}

struct dm_places *dm_places_find(const struct dm_config *config, const char *share,
                                 GError **error) {
    g_autofree char *meant = meant_share(config, share);
    if (meant == NULL) {
        dm_fail(
            error, DM_ERROR_CONFIG,
            "no share is configured and this directory is not in one, give --share DIR, or make "
            "a share with 'dropmill setup DIR'");
        return NULL;
    }
    g_autofree char *real = real_path(meant);
    if (real == NULL) {
        dm_fail(error, DM_ERROR_CONFIG, "share '%s': %s", meant, g_strerror(errno));
        return NULL;
    }
    char *id = read_share_id(real, error);
    return id != NULL ? new_places(config, g_steal_pointer(&real), id, meant) : NULL;
}

struct dm_places *dm_places_recall(const struct dm_config *config, const char *share) {
    g_autofree char *meant = meant_share(config, share);
    if (meant == NULL) {
        return NULL;
    }
    g_autofree char *state_dir = state_top(config);
    g_autofree char *canonical = g_canonicalize_filename(meant, NULL);
    char *known_share = NULL;
    char *id = dm_known_share_find(state_dir, canonical, &known_share);
    return id != NULL ? new_places(config, known_share, id, meant) : NULL;
}

void dm_places_free(struct dm_places *places) {
    if (places == NULL) {
        return;
    }
    g_free(places->share);
    g_free(places->share_id);
    g_free(places->meant);
    g_free(places->away);
    g_free(places->ledger);
    g_free(places->runtime_dir);
    g_free(places->control);
    g_free(places);
}

void dm_places_sign_lock(int lock_fd) {
    g_autofree char *line = g_strdup_printf("%d %s\n", (int)getpid(), g_get_user_name());
    size_t length = strlen(line);
    if (ftruncate(lock_fd, 0) != 0 || pwrite(lock_fd, line, length, 0) != (ssize_t)length) {
        dm_log_debug("cannot sign the lock file: %s", g_strerror(errno));
    }
}

static bool is_locked(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/** "123 tester" in the first line, but anybody who may write there may have written it. */
static char *read_signature(int fd, int64_t *ret_pid) {
    char text[256];
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    text[MAX(length, 0)] = '\0';
    cut_to_line(text);
    char *user;
    int64_t pid = g_ascii_strtoll(text, &user, 10);
    bool is_signed = pid > 0 && *user == ' ' && user[1];
    *ret_pid = is_signed ? pid : 0;
    return is_signed ? dm_path_display(user + 1) : g_strdup("");
}

char *dm_places_watcher(const struct dm_places *places, int64_t *ret_pid) {
    g_autofree char *path = g_build_filename(places->share, DM_LOCK_FILE, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return NULL;
    }
    char *user = is_locked(fd) ? read_signature(fd, ret_pid) : NULL;
    close(fd);
    return user;
}

/**
 * Make @path for us alone. In /tmp anybody may have made it before us: a directory (or a symlink)
 * that somebody else owns is refused. Root's may be used, it can read everything anyway.
 */
static bool make_private(const char *path, GError **error) {
    struct stat status;
    if (g_mkdir_with_parents(path, 0700) != 0) {
        return dm_fail_errno(error, errno, "cannot make the directory '%s'", path);
    }
    if (lstat(path, &status) != 0) {
        return dm_fail_errno(error, errno, "cannot use the directory '%s'", path);
    }
    if (!S_ISDIR(status.st_mode) || (status.st_uid != geteuid() && status.st_uid != 0)) {
        return dm_fail(error, DM_ERROR_SYSTEM, "cannot use '%s': it belongs to somebody else",
                       path);
    }
    return true;
}

static bool make_share_dir(const char *path, GError **error) {
    g_autofree char *parent = g_path_get_dirname(path);
    if (!make_private(parent, error) || !make_private(path, error)) {
        return false;
    }
    if (chmod(path, 0700) != 0) {
        return dm_fail_errno(error, errno, "cannot use the directory '%s'", path);
    }
    return true;
}

bool dm_places_make(const struct dm_places *places, GError **error) {
    g_autofree char *state_dir = g_path_get_dirname(places->ledger);
    g_autofree char *top = g_path_get_dirname(state_dir);
    bool is_link = strcmp(places->share, places->meant) != 0;
    const char *const paths[] = {places->share, is_link ? places->meant : NULL, NULL};
    return make_share_dir(state_dir, error) && make_share_dir(places->runtime_dir, error) &&
           dm_known_share_set(top, places->share_id, paths, error);
}

char *dm_default_state_dir(void) {
    if (geteuid() == 0) {
        return g_strdup("/var/lib/dropmill");
    }
    const char *xdg = g_getenv("XDG_STATE_HOME");
    if (xdg != NULL && g_path_is_absolute(xdg)) {
        return g_build_filename(xdg, "dropmill", NULL);
    }
    return g_build_filename(g_get_home_dir(), ".local", "state", "dropmill", NULL);
}

char *dm_default_runtime_dir(void) {
    if (geteuid() == 0) {
        return g_strdup("/run/dropmill");
    }
    const char *xdg = g_getenv("XDG_RUNTIME_DIR");
    if (xdg != NULL && g_path_is_absolute(xdg)) {
        return g_build_filename(xdg, "dropmill", NULL);
    }
    return g_strdup_printf("/tmp/dropmill-%u", (unsigned)geteuid());
}
