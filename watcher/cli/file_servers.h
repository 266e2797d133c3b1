// SPDX-License-Identifier: MIT
//
// What an administrator puts into the configuration of a file server, so that people reach a share:
// printed by `dropmill setup --samba` and `--nfs`, never written into anybody's file. The files in
// examples/ are these texts for /srv/pictures (tests/unit/watcher/test_file_servers.c writes them).
#ifndef DM_WATCHER_CLI_FILE_SERVERS_H
#define DM_WATCHER_CLI_FILE_SERVERS_H

#include <stdbool.h>
#include <sys/types.h>

/** Whose share it is, and where. */
struct dm_served {
    // Absolute.
    const char *path;
    // Who the files belong to, and the people who may work with them.
    const char *user, *group;
    uid_t uid;
    gid_t gid;
    bool for_everyone;
};

/** A section for smb.conf(5) of Samba; (transfer full). */
char *dm_served_by_samba(const struct dm_served *served);

/** A line for exports(5); (transfer full). */
char *dm_served_by_nfs(const struct dm_served *served);

#endif
