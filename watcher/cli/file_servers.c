// SPDX-License-Identifier: MIT
//
// The texts for file servers: see file_servers.h.
#include "watcher/cli/file_servers.h"

#include <glib.h>
#include <string.h>

/** The last part of the path, as a name of a share: letters, digits, - and _. */
static char *share_name(const char *path) {
    char *name = g_path_get_basename(path);
    return g_strcanon(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
                      '-');
}

char *dm_served_by_samba(const struct dm_served *served) {
    g_autofree char *name = share_name(served->path);
    const char *file_mode = served->for_everyone ? "0664" : "0660";
    const char *dir_mode = served->for_everyone ? "2775" : "2770";
    return g_strdup_printf(
        "# For /etc/samba/smb.conf; then 'smbcontrol all reload-config'. For each person, once:\n"
        "#\n"
        "#     adduser --no-create-home --disabled-login anna\n"
        "#     adduser anna %s\n"
        "#     smbpasswd -a anna\n"
        "#\n"
        "# Everything that people drop and get belongs to their group, so that each of them may\n"
        "# take it away, and dropmill may move it.\n"
        "[%s]\n"
        "    comment = Drop pictures into inbox, take results from outbox\n"
        "    path = %s\n"
        "    valid users = @%s\n"
        "    read only = no\n"
        "    force group = %s\n"
        "    create mask = %s\n"
        "    force create mode = %s\n"
        "    directory mask = %s\n"
        "    force directory mode = %s\n"
        "    # Macs: names as they write them, their second forks in no files of their own. "
        "Without\n"
        "    # the package samba-vfs-modules nobody can connect.\n"
        "    vfs objects = catia fruit streams_xattr\n"
        "    fruit:encoding = native\n"
        "    fruit:metadata = stream\n"
        "    # What a file is kept open for must not keep dropmill from seeing it finished.\n"
        "    oplocks = no\n"
        "    level2 oplocks = no\n"
        "    # The service's own.\n"
        "    hide files = /.dropmill/\n",
        served->group, name, served->path, served->group, served->group, file_mode, file_mode,
        dir_mode, dir_mode);
}

/** Octal escapes for what would end a path in exports(5). */
static char *quote_export(const char *path) {
    GString *text = g_string_new(NULL);
    for (const char *c = path; *c != '\0'; c++) {
        if (g_ascii_isspace(*c) || strchr("\"\\#", *c) != NULL) {
            g_string_append_printf(text, "\\%03o", (unsigned)(unsigned char)*c);
        } else {
            g_string_append_c(text, *c);
        }
    }
    return g_string_free(text, FALSE);
}

char *dm_served_by_nfs(const struct dm_served *served) {
    g_autofree char *quoted = quote_export(served->path);
    return g_strdup_printf(
        "# For /etc/exports; then 'exportfs -ra'. Put your network in the place of "
        "192.168.1.0/24:\n"
        "# whoever is in it may read and write here. Everybody is the user %s (%u) there, so that\n"
        "# results can be taken away by everyone, whoever dropped what.\n"
        "%s 192.168.1.0/24(rw,sync,no_subtree_check,all_squash,anonuid=%u,anongid=%u)\n",
        served->user, (unsigned)served->uid, quoted, (unsigned)served->uid, (unsigned)served->gid);
}
