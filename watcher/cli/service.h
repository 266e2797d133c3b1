// SPDX-License-Identifier: MIT
//
// The service that watches a share where dropmill is installed as one: its user, its units, and the
// files that tell it of the share. Only `dropmill setup`, and only of root, has to do with it.
//
//   ETC/conf.d/share.conf                       the share of dropmilld.service
//   ETC/NAME.conf                               that of dropmilld@NAME.service
//   SYSTEM/UNIT.d/share.conf                    what that unit may write, and which mounts it needs;
//                                               so for the page, of which there is one
//
// ETC is dm_config_dir(), SYSTEM is /etc/systemd/system.
#ifndef DM_WATCHER_CLI_SERVICE_H
#define DM_WATCHER_CLI_SERVICE_H

#include "watcher/config.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct dm_service {
    // "dropmilld.service".
    char *unit;
    // The configuration file that names its share.
    char *config_file;
    // That is all its configuration, and the administrator's: of dropmilld@NAME.service.
    bool is_instance;
    // Who it is, and whose group the share gets.
    uid_t uid;
    gid_t gid;
    // (nullable) Which group that is, if not the service's own.
    char *group;
    // Which share it is told of so far, "": none; and whether its jobs want a network of their own.
    char *share;
    bool wants_own_network;
};

/**
 * Find the service that a share is for; NULL without @error: we are not root, or no service is
 * installed beside this program.
 *
 * @instance  (nullable) NAME of a further share.
 * @group     (nullable) the people of the share.
 * Errors: DM_ERROR_CONFIG.
 */
struct dm_service *dm_service_find(const char *instance, const char *group, GError **error);
void dm_service_free(struct dm_service *service);

/** Read what its files tell it so far. Errors: DM_ERROR_CONFIG. */
bool dm_service_read(struct dm_service *service, GError **error);

/** Say whether it can have the share @path. Errors: DM_ERROR_CONFIG, which says what to do. */
bool dm_service_may_have(const struct dm_service *service, const char *path, GError **error);

/** Make the directory @path the service's if it is new or empty. Errors: DM_ERROR_SYSTEM. */
bool dm_service_give(const struct dm_service *service, const char *path, bool for_everyone,
                     GError **error);

/** Be the service's user from here on: for a child process. */
bool dm_service_become(const struct dm_service *service, GError **error);

/** Write the files that tell the service of the share @path. Errors: DM_ERROR_SYSTEM. */
bool dm_service_write(const struct dm_service *service, const char *path, GError **error);

/** Say whether a systemd runs here. */
bool dm_service_can_start(void);

/** Let it start with the machine, and start it now. Errors: DM_ERROR_REMOTE. */
bool dm_service_start(const struct dm_service *service, GError **error);

/** @path as a unit file has it: in quotes, with its own escapes; (transfer full). Pure. */
char *dm_service_quote(const char *path);

#endif
