// SPDX-License-Identifier: MIT
//
// Ignore: two tables of patterns and a matcher. To add a pattern: a string in a table and a case in
// tests/unit/watcher/test_ignore.c. The matcher is our own because fnmatch() depends on the locale,
// and names are bytes.
#include "watcher/inbox/ignore.h"

#include "watcher/share/note_file.h"

#include <glib.h>
#include <stddef.h>

// Grouped by who makes them. "?" is one character.
static const char *const ignored_files[] = {
    ".*", // all dotfiles: .DS_Store ._x .localized .apdisk .x.jpg.Ab12Cd (rsync) .nfs*
          // .fuse_hidden* .syncthing.x.tmp .x.swp .~lock.x# .goutputstream-x .smbdeleteX, and our
          // own temporaries
    "Icon\r",
    "Thumbs.db",
    "ehthumbs*.db",
    "desktop.ini", // Finder, Explorer
    "~$*",
    "*~", // office and text editors
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.filepart", // copies under way
    "*.crdownload",
    "*.download",
    "*.opdownload", // browsers
    "~syncthing~*",
    DM_HOWTO_NAME, // ours, but no note
    "*.xmp",
    "*.aae",
    "*.thm",
    "*.dop",
    "*.pp3",                 // what cameras and developers keep beside a picture
    "*.sb-???????\?-??????", // syncthing, macOS safe save ("\?": no trigraph)
    NULL,
};

static const char *const ignored_dirs[] = {
    ".*", // .recycle .stfolder .stversions .Trash* .TemporaryItems .AppleDouble .Spotlight-V100
          // .fseventsd .snapshot .zfs
    "@eaDir",
    "#recycle",
    "@Recycle", // Synology, QNAP
    "Network Trash Folder",
    "__MACOSX", // macOS
    "$RECYCLE.BIN",
    "System Volume Information", // Windows
    "lost+found",
    NULL,
};

static const char *next_character(const char *at) {
    at++;
    while (((unsigned char)*at & 0xC0) == 0x80) {
        at++; // the rest of a UTF-8 character; bytes that are not UTF-8 count as they come
    }
    return at;
}

// Greedy with one point to come back to: the last star. Linear for patterns with one star.
bool dm_ignore_match(const char *pattern, const char *name) {
    const char *star = NULL, *resume = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            resume = name;
        } else if (*pattern == '?') {
            pattern++;
            name = next_character(name);
        } else if (g_ascii_tolower(*pattern) == g_ascii_tolower(*name)) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

static bool match_any(const char *const *patterns, const char *name) {
    for (; patterns != NULL && *patterns != NULL; patterns++) {
        if (dm_ignore_match(*patterns, name)) {
            return true;
        }
    }
    return false;
}

bool dm_ignore_file(const char *name, const char *const *extra) {
    return match_any(ignored_files, name) || match_any(extra, name);
}

bool dm_ignore_dir(const char *name, const char *const *extra) {
    return match_any(ignored_dirs, name) || match_any(extra, name);
}
