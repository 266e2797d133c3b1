// SPDX-License-Identifier: MIT
//
// The service that watches a share: see service.h.
#include "watcher/cli/service.h"

#include "common/error.h"
#include "common/path.h"
#include "watcher/config_files.h"
#include "watcher/engine/engine.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER "dropmill"
#define UNIT_DIR "/etc/systemd/system"
#define DAEMON_UNIT "dropmilld.service"
#define PAGE_UNIT "dropmill-page.service"
#define WRITTEN "# Written by `dropmill setup`, and written anew by the next one.\n"

/** Whether @name stands where a unit of the program that we are would have been installed. */
static bool is_installed(const char *name) {
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = self != NULL ? g_path_get_dirname(self) : NULL;
    g_autofree char *prefix = bin != NULL ? g_path_get_dirname(bin) : g_strdup("");
    g_autofree char *unit = g_build_filename(prefix, "lib", "systemd", "system", name, NULL);
    return g_file_test(unit, G_FILE_TEST_EXISTS);
}

/** What may stand in the name of a unit, and of a file. */
static bool is_instance(const char *name) {
    return *name != '\0' && *name != '-' && *name != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               strlen(name) &&
           strcmp(name, USER) != 0;
}

static bool find_people(struct dm_service *service, const char *group, GError **error) {
    const struct passwd *user = getpwnam(USER);
    if (user == NULL) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "there is no user '" USER "' for the service: run 'systemd-sysusers', or "
                       "give --no-service");
    }
    service->uid = user->pw_uid;
    service->gid = user->pw_gid;
    if (group == NULL) {
        return true;
    }
    const struct group *people = getgrnam(group);
    if (people == NULL) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "--group: there is no group '%s': make it with 'addgroup %s'", group, group);
    }
    service->gid = people->gr_gid;
    service->group = g_strdup(group);
    return true;
}

struct dm_service *dm_service_find(const char *instance, const char *group, GError **error) {
    if (geteuid() != 0 || !is_installed(DAEMON_UNIT)) {
        return NULL;
    }
    if (instance != NULL && !is_instance(instance)) {
        dm_fail(error, DM_ERROR_CONFIG,
                "--instance: '%s' is no name for a service, expected letters, digits, - and _",
                instance);
        return NULL;
    }
    g_autofree char *dir = dm_config_dir();
    g_autofree char *file = instance != NULL ? g_strconcat(instance, ".conf", NULL)
                                             : g_strdup(DM_CONFIG_PARTS "/share.conf");
    struct dm_service *service = g_new0(struct dm_service, 1);
    service->is_instance = instance != NULL;
    service->unit = instance != NULL ? g_strconcat("dropmilld@", instance, ".service", NULL)
                                     : g_strdup(DAEMON_UNIT);
    service->config_file = g_build_filename(dir, file, NULL);
    if (!find_people(service, group, error)) {
        g_clear_pointer(&service, dm_service_free);
    }
    return service;
}

void dm_service_free(struct dm_service *service) {
    if (service != NULL) {
        g_free(service->unit);
        g_free(service->config_file);
        g_free(service->group);
        g_free(service->share);
        g_free(service);
    }
}

static bool lies_below(const char *path, const char *dir) {
    size_t length = strlen(dir);
    return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool dm_service_read(struct dm_service *service, GError **error) {
    const char *file = service->is_instance ? service->config_file : NULL;
    if (file != NULL && !g_file_test(file, G_FILE_TEST_EXISTS)) {
        service->share = g_strdup("");
        return true;
    }
    struct dm_config *own = dm_config_load_files(file, error);
    if (own == NULL) {
        return false;
    }
    service->share = g_strdup(own->share);
    service->wants_own_network = dm_engine_wants_own_network(&own->engine);
    dm_config_free(own);
    return true;
}

bool dm_service_may_have(const struct dm_service *service, const char *path, GError **error) {
    if (lies_below(path, "/tmp") || lies_below(path, "/var/tmp")) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'%s': the service has a temporary directory of its own and sees nothing "
                       "there; take another, or give --no-service",
                       path);
    }
    if (*service->share != '\0' && strcmp(service->share, path) != 0) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "%s watches '%s': for a further share give '--instance NAME', for one "
                       "without a service '--no-service'; to give that up, remove %s first",
                       service->unit, service->share, service->config_file);
    }
    return true;
}

/** Whether there is nothing in @path yet, or what is made on each file system. */
static bool is_empty(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL &&
           strcmp(name, "lost+found") == 0) {
    }
    return dir != NULL && name == NULL;
}

bool dm_service_give(const struct dm_service *service, const char *path, bool for_everyone,
                     GError **error) {
    struct stat status;
    if (stat(path, &status) != 0) {
        return dm_fail_errno(error, errno, "cannot use '%s'", path);
    }
    if (status.st_uid == service->uid) {
        return true;
    }
    if (!is_empty(path)) {
        return dm_fail(error, DM_ERROR_SYSTEM,
                       "'%s' does not belong to the service: give it what is in there, with 'chown "
                       "-R " USER ":%s %s'",
                       path, service->group != NULL ? service->group : USER, path);
    }
    if (chown(path, service->uid, service->gid) != 0 ||
        chmod(path, for_everyone ? 02755 : 02750) != 0) {
        return dm_fail_errno(error, errno, "cannot give '%s' to the user " USER, path);
    }
    return true;
}

bool dm_service_become(const struct dm_service *service, GError **error) {
    if (initgroups(USER, service->gid) != 0 ||
        setresgid(service->gid, service->gid, service->gid) != 0 ||
        setresuid(service->uid, service->uid, service->uid) != 0) {
        return dm_fail_errno(error, errno, "cannot become the user " USER);
    }
    return true;
}

char *dm_service_quote(const char *path) {
    GString *text = g_string_new("\"");
    for (const char *c = path; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\') {
            g_string_append_printf(text, "\\x%02x", (unsigned)(unsigned char)*c);
        } else {
            g_string_append(text, *c == '%' ? "%%" : (char[]){*c, '\0'});
        }
    }
    g_string_append_c(text, '"');
    return g_string_free(text, FALSE);
}

static bool write_file(const char *path, const char *text, GError **error) {
    g_autofree char *dir = g_path_get_dirname(path);
    g_autoptr(GError) why = NULL;
    if (g_mkdir_with_parents(dir, 0755) != 0) {
        return dm_fail_errno(error, errno, "cannot make the directory '%s'", dir);
    }
    if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &why)) {
        return dm_fail(error, DM_ERROR_SYSTEM, "%s", why->message);
    }
    return true;
}

/** What the sandbox of a unit must let through of the share @path: @written may be changed. */
static GString *drop_in(const struct dm_service *service, const char *path, const char *written) {
    g_autofree char *quoted = dm_service_quote(path);
    g_autofree char *quoted_written = dm_service_quote(written);
    GString *text = g_string_new(WRITTEN);
    g_string_append_printf(text, "[Unit]\nRequiresMountsFor=%s\n\n[Service]\nReadWritePaths=%s\n",
                           quoted, quoted_written);
    if (service->group != NULL) {
        g_string_append_printf(text, "SupplementaryGroups=%s\n", service->group);
    }
    if (lies_below(path, "/home") || lies_below(path, "/root") || lies_below(path, "/run/user")) {
        g_string_append(text, "ProtectHome=read-only\n");
    }
    return text;
}

/** @path as libconfig has it; (transfer full). */
static char *quote_for_config(const char *path) {
    g_auto(GStrv) at_backslash = g_strsplit(path, "\\", -1);
    g_autofree char *escaped = g_strjoinv("\\\\", at_backslash);
    g_auto(GStrv) at_quote = g_strsplit(escaped, "\"", -1);
    return g_strjoinv("\\\"", at_quote);
}

static bool write_drop_in(const char *unit, const GString *text, GError **error) {
    g_autofree char *file = g_strconcat(UNIT_DIR "/", unit, ".d/share.conf", NULL);
    return write_file(file, text->str, error);
}

static bool write_for_daemon(const struct dm_service *service, const char *path, GError **error) {
    g_autoptr(GString) text = drop_in(service, path, path);
    if (service->wants_own_network) {
        g_string_append(
            text, "# Several ranks here (engine.ranks): mpirun is put into a network of its own.\n"
                  "RestrictNamespaces=user net\n");
    }
    return write_drop_in(service->unit, text, error);
}

/** The page serves the share of the machine, installed or not yet. */
static bool write_for_page(const struct dm_service *service, const char *path, GError **error) {
    g_autofree char *inbox = g_build_filename(path, DM_DIR_INBOX, NULL);
    g_autoptr(GString) text = drop_in(service, path, inbox);
    return service->is_instance || write_drop_in(PAGE_UNIT, text, error);
}

bool dm_service_write(const struct dm_service *service, const char *path, GError **error) {
    g_autofree char *share = quote_for_config(path);
    g_autofree char *config_text = g_strdup_printf(WRITTEN "share = \"%s\";\n", share);
    bool is_theirs = service->is_instance && g_file_test(service->config_file, G_FILE_TEST_EXISTS);
    mode_t mask = umask(0022); // no secrets, and for the service to read
    bool written = (is_theirs || write_file(service->config_file, config_text, error)) &&
                   write_for_daemon(service, path, error) && write_for_page(service, path, error);
    umask(mask);
    return written;
}

bool dm_service_can_start(void) {
    return g_file_test("/run/systemd/system", G_FILE_TEST_IS_DIR);
}

static bool systemctl(const char *verb, const char *unit, GError **error) {
    const char *argv[] = {"systemctl", verb, unit, NULL};
    g_autofree char *complaint = NULL;
    g_autoptr(GError) why = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &complaint,
                      &status, &why) ||
        !g_spawn_check_wait_status(status, NULL)) {
        g_strstrip(complaint != NULL ? complaint : why->message);
        return dm_fail(error, DM_ERROR_REMOTE, "systemctl %s %s: %s", verb,
                       unit != NULL ? unit : "", complaint != NULL ? complaint : why->message);
    }
    return true;
}

static bool start(const char *unit, GError **error) {
    return systemctl("enable", unit, error) && systemctl("restart", unit, error);
}

bool dm_service_start(const struct dm_service *service, GError **error) {
    bool has_page = !service->is_instance && is_installed(PAGE_UNIT);
    return systemctl("daemon-reload", NULL, error) && start(service->unit, error) &&
           (!has_page || start(PAGE_UNIT, error));
}
