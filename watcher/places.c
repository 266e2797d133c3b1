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
#include "watcher/share/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEDGER_FILE "ledger.db"
// Of root, and of the service of the machine.
#define SYSTEM_STATE "/var/lib/dropmill"
#define SYSTEM_RUNTIME "/run/dropmill"

static char *state_top(const struct dm_config *config) {
    return *config->state_dir ? g_strdup(config->state_dir) : dm_default_state_dir();
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
static char *meant_share(const struct dm_config *config) {
    return *config->share ? g_strdup(config->share) : share_around_here(config);
}

/**
 * Say whether the share @id is the machine's service's, and not ours: then the service's places are
 * meant. People of its group may look there, and the page has directories of its own.
 */
static bool is_services(const struct dm_config *config, const char *id) {
    g_autofree char *own = state_top(config);
    g_autofree char *own_ledger = g_build_filename(own, id, LEDGER_FILE, NULL);
    g_autofree char *ledger = g_build_filename(SYSTEM_STATE, id, LEDGER_FILE, NULL);
    return *config->state_dir == '\0' && *config->runtime_dir == '\0' &&
           access(own_ledger, F_OK) != 0 && access(ledger, F_OK) == 0;
}

struct dm_places *dm_places_new(const struct dm_config *config, const char *share, const char *id,
                                const char *meant) {
    bool services = is_services(config, id);
    g_autofree char *state_dir = services ? g_strdup(SYSTEM_STATE) : state_top(config);
    g_autofree char *runtime_dir = services ? g_strdup(SYSTEM_RUNTIME) : dm_runtime_top(config);
    struct dm_places *places = g_new0(struct dm_places, 1);
    places->share = g_strdup(share);
    places->share_id = g_strdup(id);
    places->meant = g_canonicalize_filename(meant, NULL);
    places->ledger = g_build_filename(state_dir, id, LEDGER_FILE, NULL);
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

/** What was a share when it was watched last is away, and may come back; else nobody has one. */
static void blame(const struct dm_config *config, const GError *why, GError **error) {
    struct dm_places *known = dm_places_recall(config);
    const char *origin = dm_config_origin(config, "share");
    if (known != NULL) {
        dm_fail(error, DM_ERROR_TRANSIENT, "%s; it was a share, and may be away: is it mounted?",
                why->message);
    } else {
        g_propagate_error(error, g_error_copy(why));
    }
    if (*origin != '-' && strcmp(origin, DM_CONFIG_DEFAULT) != 0) { // an option was typed just now
        g_prefix_error(error, "%s: ", origin);
    }
    dm_places_free(known);
}

struct dm_places *dm_places_find(const struct dm_config *config, GError **error) {
    g_autofree char *meant = meant_share(config);
    if (meant == NULL) {
        dm_fail(
            error, DM_ERROR_CONFIG,
            "no share is configured and this directory is not in one, give --share DIR, or make "
            "a share with 'dropmill setup DIR'");
        return NULL;
    }
    g_autoptr(GError) why = NULL;
    g_autofree char *real = real_path(meant);
    g_autofree char *id = NULL;
    if (real == NULL) {
        dm_fail(&why, DM_ERROR_CONFIG, "share '%s': %s", meant, g_strerror(errno));
    } else {
        id = dm_identity_share_id(real, &why);
    }
    if (id == NULL) {
        blame(config, why, error);
        return NULL;
    }
    return dm_places_new(config, real, id, meant);
}

struct dm_places *dm_places_recall(const struct dm_config *config) {
    g_autofree char *meant = meant_share(config);
    if (meant == NULL) {
        return NULL;
    }
    g_autofree char *state_dir = state_top(config);
    g_autofree char *canonical = g_canonicalize_filename(meant, NULL);
    g_autofree char *known_share = NULL;
    g_autofree char *id = dm_known_share_find(state_dir, canonical, &known_share);
    if (id == NULL && *config->state_dir == '\0') {
        id = dm_known_share_find(SYSTEM_STATE, canonical, &known_share);
    }
    return id != NULL ? dm_places_new(config, known_share, id, meant) : NULL;
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

/**
 * Make @path for us, and for our group to look into. In /tmp anybody may have made it before us: a
 * directory (or a symlink) that somebody else owns is refused. Root's may be used, it can read
 * everything anyway.
 */
static bool make_private(const char *path, GError **error) {
    struct stat status;
    if (g_mkdir_with_parents(path, 0750) != 0) {
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
    if (chmod(path, 0750) != 0) {
        return dm_fail_errno(error, errno, "cannot use the directory '%s'", path);
    }
    return true;
}

bool dm_places_make(const struct dm_places *places, GError **error) {
    g_autofree char *state_dir = g_path_get_dirname(places->ledger);
    return make_share_dir(state_dir, error) && make_share_dir(places->runtime_dir, error);
}

bool dm_places_remember(const struct dm_places *places, GError **error) {
    g_autofree char *state_dir = g_path_get_dirname(places->ledger);
    g_autofree char *top = g_path_get_dirname(state_dir);
    bool is_link = strcmp(places->share, places->meant) != 0;
    const char *const paths[] = {places->share, is_link ? places->meant : NULL, NULL};
    return dm_known_share_set(top, places->share_id, paths, error);
}

/**
 * The first of the directories that the service manager names in @variable; NULL: none. (transfer
 * full)
 */
static char *managed_dir(const char *variable) {
    const char *paths = g_getenv(variable);
    return paths != NULL && g_path_is_absolute(paths) ? g_strndup(paths, strcspn(paths, ":"))
                                                      : NULL;
}

char *dm_default_state_dir(void) {
    char *managed = managed_dir("STATE_DIRECTORY");
    if (managed != NULL) {
        return managed;
    }
    if (geteuid() == 0) {
        return g_strdup(SYSTEM_STATE);
    }
    const char *xdg = g_getenv("XDG_STATE_HOME");
    if (xdg != NULL && g_path_is_absolute(xdg)) {
        return g_build_filename(xdg, "dropmill", NULL);
    }
    return g_build_filename(g_get_home_dir(), ".local", "state", "dropmill", NULL);
}

/** Whether anybody but us, or root, has made @path: in /tmp everybody may. */
static bool is_somebodys(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 &&
           (!S_ISDIR(status.st_mode) || (status.st_uid != geteuid() && status.st_uid != 0));
}

/** Once it was needed it stays in use, so that `dropmill` looks where the daemon is. */
static char *tmp_or_state(const struct dm_config *config) {
    g_autofree char *tmp = g_strdup_printf("/tmp/dropmill-%u", (unsigned)geteuid());
    g_autofree char *state_dir = state_top(config);
    char *run = g_build_filename(state_dir, "run", NULL);
    if (is_somebodys(tmp) || g_file_test(run, G_FILE_TEST_IS_DIR)) {
        return run;
    }
    g_free(run);
    return g_steal_pointer(&tmp);
}

char *dm_runtime_top(const struct dm_config *config) {
    const char *xdg = g_getenv("XDG_RUNTIME_DIR");
    char *managed =
        *config->runtime_dir ? g_strdup(config->runtime_dir) : managed_dir("RUNTIME_DIRECTORY");
    if (managed != NULL) {
        return managed;
    }
    if (geteuid() == 0) {
        return g_strdup(SYSTEM_RUNTIME);
    }
    return xdg != NULL && g_path_is_absolute(xdg) ? g_build_filename(xdg, "dropmill", NULL)
                                                  : tmp_or_state(config);
}
