// SPDX-License-Identifier: MIT
//
// Ignore: names and whether they are left where they are.
#include "watcher/inbox/ignore.h"

#include <glib.h>
#include <stdio.h>

struct name {
    const char *name;
    bool ignored;
};

static const struct name files[] = {
    {".DS_Store", true},
    {"._a.jpg", true},
    {".localized", true},
    {"Icon\r", true},
    {"icon", false},
    {".apdisk", true},
    {"Thumbs.db", true},
    {"THUMBS.DB", true},
    {"ehthumbs.db", true},
    {"ehthumbs_vista.db", true},
    {"desktop.ini", true},
    {"Desktop.INI", true},
    {"~$letter.docx", true},
    {".~lock.a.odt#", true},
    {"a.jpg~", true},
    {".a.jpg.swp", true},
    {"a.tmp", true},
    {"IMG_1.XMP", true},
    {"IMG_1.aae", true},
    {"MVI_1.THM", true},
    {"a.cr2.dop", true},
    {"a.nef.pp3", true},
    {"_How to name folders.html", true},
    {"xmp", false},
    {"a.xmp.jpg", false},
    {"a.jpg.TEMP", true},
    {"a.jpg.part", true},
    {"a.partial", true},
    {"a.jpg.filepart", true},
    {"a.jpg.crdownload", true},
    {"a.download", true},
    {"a.opdownload", true},
    {".a.jpg.Xy12Zq", true},
    {".nfs0001", true},
    {".fuse_hidden0001", true},
    {".syncthing.a.jpg.tmp", true},
    {"~syncthing~a.jpg.tmp", true},
    {"~syncthing~a.jpg", true},
    {"a.jpg.sb-1a2b3c4d-5e6f7g", true},
    {"a.jpg.sb-1a2b3c4-5e6f7g", false},
    {".smbdelete1", true},
    {".goutputstream-AB", true},
    {".dropmill-1-1.tmp", true},
    {".hidden.jpg", true},
    // what must pass
    {"a.jpg", false},
    {"A.JPG", false},
    {"party.jpeg", false},
    {"temp.jpg", false},
    {"a.part.jpg", false},
    {"a", false},
    {"a.xyz", false},
    {"~a.jpg", false},
    {"$a.jpg", false},
    {"a b.jpg", false},
    {"\xff\xfe.jpg", false},
    {"a\nb.jpg", false},
    {"Thumbs.db.jpg", false},
    {"-rf", false},
    {"*", false},
    {"?", false},
    {"#recycle", false},
    {"__MACOSX", false},
};

static const struct name dirs[] = {
    {"@eaDir", true},
    {"@EADIR", true},
    {"#recycle", true},
    {"@Recycle", true},
    {".recycle", true},
    {".stfolder", true},
    {".stversions", true},
    {".Trash-1000", true},
    {".TemporaryItems", true},
    {".AppleDouble", true},
    {"Network Trash Folder", true},
    {".Spotlight-V100", true},
    {".fseventsd", true},
    {"__MACOSX", true},
    {"lost+found", true},
    {"$RECYCLE.BIN", true},
    {"$Recycle.Bin", true},
    {"System Volume Information", true},
    {".snapshot", true},
    {".zfs", true},
    {"Holiday 2024", false},
    {"a.part", false},
    {"recycle", false},
    {"tmp", false},
    {"lost", false},
    {"New folder", false},
};

struct match {
    const char *pattern, *name;
    bool matches;
};

static const struct match matches[] = {
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"**", "abc", true},
    {"?", "", false},
    {"?", "a", true},
    {"?", "ab", false},
    {"?", "\xc3\xa4", true},
    {"?", "\xc3\xa4\xa4", true},
    {"?", "\xff", true},
    {"a*c", "abbc", true},
    {"a*c", "abcb", false},
    {"a*b*c", "axbxbxc", true},
    {"*.jpg", ".jpg", true},
    {"*.jpg", "a.jpg.jpg", true},
    {"*aab", "aaaab", true},
    {"A?C", "abc", true},
    {"\xc3\x84", "\xc3\xa4", false},
    {"[a]", "a", false},
    {"[a]", "[A]", true},
};

typedef bool (*ignore_fn)(const char *name, const char *const *extra);

static void check(const struct name *names, size_t count, ignore_fn ignored) {
    for (size_t i = 0; i < count; i++) {
        if (ignored(names[i].name, NULL) != names[i].ignored) {
            g_test_message("'%s' should be %s", names[i].name,
                           names[i].ignored ? "ignored" : "taken");
            g_test_fail();
        }
    }
}

static void test_files(void) {
    check(files, G_N_ELEMENTS(files), dm_ignore_file);
}

static void test_dirs(void) {
    check(dirs, G_N_ELEMENTS(dirs), dm_ignore_dir);
}

static void test_match(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(matches); i++) {
        if (dm_ignore_match(matches[i].pattern, matches[i].name) != matches[i].matches) {
            g_test_message("'%s' and '%s'", matches[i].pattern, matches[i].name);
            g_test_fail();
        }
    }
}

static void test_extra(void) {
    static const char *const extra[] = {"*.abc", "proof-*", NULL};
    g_assert_true(dm_ignore_file("a.ABC", extra));
    g_assert_true(dm_ignore_dir("proof-1", extra));
    g_assert_true(dm_ignore_file(".DS_Store", extra));
    g_assert_false(dm_ignore_file("a.jpg", extra));
    g_assert_false(dm_ignore_file("a.abc", NULL));
}

// A hostile pattern and name must not take for ever.
static void test_effort(void) {
    g_autofree char *name = g_strnfill(255, 'a');
    g_assert_false(dm_ignore_match("*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ignore/files", test_files);
    g_test_add_func("/ignore/dirs", test_dirs);
    g_test_add_func("/ignore/match", test_match);
    g_test_add_func("/ignore/extra", test_extra);
    g_test_add_func("/ignore/effort", test_effort);
    return g_test_run();
}
