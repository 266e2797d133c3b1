// SPDX-License-Identifier: MIT
//
// Folders: which names are understood and how, when a note is due, and what it says.
#include "common/unnamed.h"
#include "tests/unit/watcher/support/inbox_world.h"

static GHashTable *some_recipes(void) {
    GHashTable *recipes = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(recipes, (gpointer) "web-large", (gpointer) "rotate-90_blur-2");
    return recipes;
}

struct reading {
    const char *name;
    bool recipes_only;
    const char *chain;      // NULL: not understood
    const char *suggestion; // (nullable)
};

static const struct reading readings[] = {
    {"rotate-90", false, "rotate-90", NULL},
    {"Rotate 90", false, "rotate-90", NULL},
    {"rotate-90 (Anna)", false, "rotate-90", NULL},
    {"web-large_gray", false, "rotate-90_blur-2_gray", NULL},
    {"rotat-90", false, NULL, "rotate-90"},
    {"holiday", false, NULL, NULL},
    {"\xff\xfe", false, NULL, NULL},
    {"New folder", false, NULL, NULL},
    {"web-large", true, "rotate-90_blur-2", NULL},
    {"web-large_web-large", true, "rotate-90_blur-2_rotate-90_blur-2", NULL},
    {"web-large_gray", true, NULL, NULL},
    {"rotate-90", true, NULL, NULL},
    {"web-larg", true, NULL, "web-large"},
};

static void test_reading(void) {
    struct dm_catalogue *catalogue = world_catalogue();
    GHashTable *recipes = some_recipes();
    for (size_t i = 0; i < G_N_ELEMENTS(readings); i++) {
        const struct dm_folder_rules rules = {
            .catalogue = catalogue, .recipes = recipes, .recipes_only = readings[i].recipes_only};
        struct dm_folders *folders = dm_folders_new(&rules);
        const struct dm_folder *folder = dm_folders_add(folders, readings[i].name, 0);
        g_test_message("%s: %s", folder->name, folder->reason);
        g_assert_cmpstr(folder->chain, ==, readings[i].chain);
        g_assert_cmpstr(folder->suggestion, ==, readings[i].suggestion);
        g_assert_true((folder->reason == NULL) == (folder->chain != NULL));
        g_assert_cmpint(dm_folders_count(folders), ==, folder->chain != NULL);
        g_assert_true(dm_folders_find(folders, readings[i].name) == folder);
        dm_folders_remove(folders, readings[i].name);
        g_assert_null(dm_folders_find(folders, readings[i].name));
        dm_folders_free(folders);
    }
    g_hash_table_destroy(recipes);
    dm_catalogue_free(catalogue);
}

static const struct {
    const char *name;
    bool unnamed;
} names[] = {
    {"New folder", true},
    {"New Folder (2)", true},
    {"new folder 12", true},
    {"untitled folder", true},
    {"untitled folder 2", true},
    {"Neuer Ordner", true},
    {"Nouveau dossier (3)", true},
    {"Nueva carpeta", true},
    {"Nuova cartella", true},
    {"Nova pasta", true},
    {"Nieuwe map", true},
    {"Nowy folder", true},
    {"Новая папка", true},
    {"НОВАЯ ПАПКА (2)", true},
    {"新しいフォルダー", true},
    {"新建文件夹 (2)", true},
    {"carpeta sin título", true},
    {"carpeta sin ti\xcc\x81tulo", true}, // as Finder writes it
    {"", false},
    {"2", false},
    {" (2)", false},
    {"(2)", false},
    {"New folder (x)", false},
    {"New folder2", false},
    {"New folders", false},
    {"rotat-90", false},
    {"New folder \xff", false},
};

static void test_unnamed(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (dm_name_is_unnamed(names[i].name) != names[i].unnamed) {
            g_test_message("'%s'", names[i].name);
            g_test_fail();
        }
    }
}

static void test_grace(void) {
    struct dm_catalogue *catalogue = world_catalogue();
    const struct dm_folder_rules rules = {.catalogue = catalogue, .grace_us = 10 * SECOND};
    struct dm_folders *folders = dm_folders_new(&rules);
    g_assert_cmpint(dm_folders_add(folders, "rotat-90", 5 * SECOND)->note_us, ==, 15 * SECOND);
    g_assert_cmpint(dm_folders_add(folders, "rotat-90", 9 * SECOND)->note_us, ==, 15 * SECOND);
    g_assert_cmpint(dm_folders_add(folders, "New folder", 5 * SECOND)->note_us, ==, 125 * SECOND);
    dm_folders_free(folders);
    dm_catalogue_free(catalogue);
}

static void expect_text(char *text, const char *const *parts) {
    g_test_message("%s", text);
    for (; *parts != NULL; parts++) {
        if (strstr(text, *parts) == NULL) {
            g_test_message("'%s' is not in it", *parts);
            g_test_fail();
        }
    }
    g_free(text);
}

static void test_notes(void) {
    static const char *const near[] = {"\"rotat-90\"",
                                       "Rename this folder to: rotate-90",
                                       "    rotate-90",
                                       "_How to name folders.html",
                                       "Nothing in this folder has been touched",
                                       NULL};
    static const char *const far[] = {"\"holi\\x0aday\"", "for example", "    rotate-90", NULL};
    static const char *const job[] = {
        "nothing in this name says", "    inbox/rotate-90/Smith Wedding 2024\n",
        "    outbox/rotate-90/Smith Wedding 2024\n", "Its name and what is in it stay", NULL};
    static const char *const part[] = {"    'anna' is not understood, 'rotate-90' is\n",
                                       "rotate-90 (my remark)", NULL};
    static const char *const only[] = {"your administrator", "    web-large\n", NULL};
    static const char *const loose[] = {"in no folder", "    rotate-90", NULL};
    struct dm_catalogue *catalogue = world_catalogue();
    GHashTable *recipes = some_recipes();
    struct dm_folder_rules rules = {.catalogue = catalogue, .recipes = recipes};
    struct dm_folders *folders = dm_folders_new(&rules);
    expect_text(dm_folders_note(folders, dm_folders_add(folders, "rotat-90", 0)), near);
    expect_text(dm_folders_note(folders, dm_folders_add(folders, "holi\nday", 0)), far);
    expect_text(dm_folders_note(folders, dm_folders_add(folders, "Smith Wedding 2024", 0)), job);
    expect_text(dm_folders_note(folders, dm_folders_add(folders, "Rotate 90 Anna", 0)), part);
    expect_text(dm_folders_loose_note(folders), loose);
    dm_folders_free(folders);
    rules.recipes_only = true;
    folders = dm_folders_new(&rules);
    expect_text(dm_folders_note(folders, dm_folders_add(folders, "gray", 0)), only);
    dm_folders_free(folders);
    g_hash_table_destroy(recipes);
    dm_catalogue_free(catalogue);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folders/reading", test_reading);
    g_test_add_func("/folders/unnamed", test_unnamed);
    g_test_add_func("/folders/grace", test_grace);
    g_test_add_func("/folders/notes", test_notes);
    return g_test_run();
}
