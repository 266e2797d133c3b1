// SPDX-License-Identifier: MIT
//
// Folders: names, grace, and the texts of the notes. A note is read by somebody who knows nothing
// of dropmill: what is wrong, what to do, and that nothing has happened to the files. Read first:
// folders.h.
#include "watcher/inbox/folders.h"

#include "common/chain.h"
#include "common/error.h"
#include "common/path.h"
#include "common/suggest.h"
#include "common/unnamed.h"
#include "watcher/share/note_file.h"

#include <inttypes.h>
#include <string.h>

// Somebody who has just made a folder is given so long to name it.
#define UNNAMED_GRACE_US (2 * 60 * G_USEC_PER_SEC)

struct dm_folders {
    struct dm_folder_rules rules;
    // char * (the folder's own) -> struct dm_folder, owned.
    GHashTable *by_name;
};

static void folder_free(void *data) {
    struct dm_folder *folder = data;
    g_free(folder->name);
    g_free(folder->chain);
    g_free(folder->reason);
    g_free(folder->suggestion);
    g_free(folder);
}

static void chain_free(struct dm_chain **chain) {
    dm_chain_free(*chain);
}

bool dm_folders_is_note(const char *name) {
    return strcmp(name, DM_FOLDER_NOTE) == 0 || strcmp(name, DM_LOOSE_NOTE) == 0 ||
           strcmp(name, DM_FULL_NOTE) == 0 || strcmp(name, DM_LATE_NOTE) == 0;
}

static gint compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** The names of the recipes, sorted; borrowed from the table. */
static GPtrArray *recipe_names(const struct dm_folders *folders) {
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;
    if (folders->rules.recipes != NULL) {
        g_hash_table_iter_init(&iter, folders->rules.recipes);
        while (g_hash_table_iter_next(&iter, &name, NULL)) {
            g_ptr_array_add(names, name);
        }
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

/** Where recipes only are allowed: refuse any other step of @chain. */
static bool check_recipes_only(const struct dm_folders *folders, const struct dm_chain *chain,
                               char **ret_suggestion, GError **error) {
    g_auto(GStrv) steps = g_strsplit(chain->written, "_", -1);
    g_autoptr(GPtrArray) names = recipe_names(folders);
    for (char **step = steps; *step != NULL; step++) {
        if (folders->rules.recipes != NULL &&
            g_hash_table_contains(folders->rules.recipes, *step)) {
            continue;
        }
        *ret_suggestion =
            g_strdup(dm_nearest(*step, (const char *const *)names->pdata, names->len));
        return dm_fail(error, DM_ERROR_INPUT,
                       "'%s': only the names that your administrator has set up work here", *step);
    }
    return true;
}

static void understand(const struct dm_folders *folders, struct dm_folder *folder) {
    __attribute__((cleanup(chain_free))) struct dm_chain *chain = NULL;
    g_autoptr(GError) error = NULL;
    if (dm_chain_parse(folders->rules.catalogue, folders->rules.recipes, folder->name, &chain,
                       &folder->suggestion, &error) &&
        (!folders->rules.recipes_only ||
         check_recipes_only(folders, chain, &folder->suggestion, &error))) {
        folder->chain = g_strdup(chain->expanded);
    } else {
        folder->reason = g_strdup(error->message);
    }
}

char *dm_folders_objection(const struct dm_folders *folders, const char *name) {
    struct dm_folder *folder = g_new0(struct dm_folder, 1);
    folder->name = g_strdup(name);
    understand(folders, folder);
    bool is_near = folder->suggestion != NULL;
    char *objection =
        folder->reason == NULL
            ? NULL
            : g_strdup_printf("%s%s%s%s", folder->reason, is_near ? "; did you mean '" : "",
                              is_near ? folder->suggestion : "", is_near ? "'?" : "");
    folder_free(folder);
    return objection;
}

struct dm_folders *dm_folders_new(const struct dm_folder_rules *rules) {
    struct dm_folders *folders = g_new0(struct dm_folders, 1);
    folders->rules = *rules;
    folders->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, folder_free);
    return folders;
}

void dm_folders_free(struct dm_folders *folders) {
    if (folders == NULL) {
        return;
    }
    g_hash_table_destroy(folders->by_name);
    g_free(folders);
}

struct dm_folder *dm_folders_add(struct dm_folders *folders, const char *name, int64_t now_us) {
    struct dm_folder *folder = dm_folders_find(folders, name);
    if (folder != NULL) {
        return folder;
    }
    folder = g_new0(struct dm_folder, 1);
    folder->name = g_strdup(name);
    understand(folders, folder);
    folder->note_us =
        now_us + (dm_name_is_unnamed(name) ? UNNAMED_GRACE_US : folders->rules.grace_us);
    g_hash_table_insert(folders->by_name, folder->name, folder);
    return folder;
}

struct dm_folder *dm_folders_find(const struct dm_folders *folders, const char *name) {
    return g_hash_table_lookup(folders->by_name, name);
}

const char *dm_folders_chain(const struct dm_folders *folders, const char *path) {
    g_autofree char *name = g_strndup(path, strcspn(path, "/"));
    const struct dm_folder *folder = dm_folders_find(folders, name);
    return folder != NULL ? folder->chain : NULL;
}

void dm_folders_remove(struct dm_folders *folders, const char *name) {
    g_hash_table_remove(folders->by_name, name);
}

GPtrArray *dm_folders_list(const struct dm_folders *folders) {
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iter;
    gpointer folder;
    g_hash_table_iter_init(&iter, folders->by_name);
    while (g_hash_table_iter_next(&iter, NULL, &folder)) {
        g_ptr_array_add(list, folder);
    }
    return list;
}

unsigned dm_folders_size(const struct dm_folders *folders) {
    return g_hash_table_size(folders->by_name);
}

int64_t dm_folders_count(const struct dm_folders *folders) {
    g_autoptr(GPtrArray) list = dm_folders_list(folders);
    int64_t count = 0;
    for (guint i = 0; i < list->len; i++) {
        count += ((const struct dm_folder *)g_ptr_array_index(list, i))->chain != NULL;
    }
    return count;
}

// ---- notes

static const char help[] = "\nAll names: see \"" DM_HOWTO_NAME "\", beside the folders.\n";

/** The commonest wishes, in the order in which people have them. */
static const struct {
    const char *name, *does;
} wishes[] = {
    {"resize-1600", "smaller: the longest side at most 1600 pixels"},
    {"rotate-90", "turned a quarter to the right"},
    {"gray", "black and white"},
    {"jpeg-80", "saved as JPEG, small files"},
    {"strip", "without place, camera and date"},
};

/** A few names that work: of recipes where only those do. */
static void add_examples(const struct dm_folders *folders, GString *text) {
    if (folders->rules.recipes_only) {
        g_autoptr(GPtrArray) names = recipe_names(folders);
        for (guint i = 0; i < names->len; i++) {
            g_string_append_printf(text, "    %s\n", (const char *)g_ptr_array_index(names, i));
        }
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(wishes); i++) {
        g_autofree char *word = g_strndup(wishes[i].name, strcspn(wishes[i].name, "-"));
        if (dm_catalogue_find(folders->rules.catalogue, word) != NULL) {
            g_string_append_printf(text, "    %-14s %s\n", wishes[i].name, wishes[i].does);
        }
    }
}

/** A name that works, for a path that is written out. */
static const char *first_example(const struct dm_folders *folders) {
    g_autoptr(GPtrArray) names = recipe_names(folders);
    return folders->rules.recipes_only && names->len > 0 ? g_ptr_array_index(names, 0)
           : dm_catalogue_find(folders->rules.catalogue, "resize") != NULL ? "resize-1600"
                                                                           : "rotate-90";
}

/** It may be somebody's own folder, which shall keep its name. */
static void add_move(const struct dm_folders *folders, const char *name, GString *text) {
    const char *into = first_example(folders);
    g_string_append_printf(
        text,
        "Is this a folder of your own? Then leave its name as it is, and move the whole\n"
        "folder into one that says what to do. It would then lie in, for example\n\n"
        "    " DM_DIR_INBOX "/%s/%s\n\n"
        "Its name and what is in it stay as they are; the results will be in\n\n"
        "    " DM_DIR_OUTBOX "/%s/%s\n\n",
        into, name, into, name);
}

/** What is to be done about a name that is understood in parts or not at all. */
static void add_advice(const struct dm_folders *folders, const struct dm_folder *folder,
                       const struct dm_advice *advice, const char *name, GString *text) {
    if (folder->suggestion != NULL) {
        g_string_append_printf(text, "Rename this folder to: %s\n\nOther names that work:\n\n",
                               folder->suggestion);
        return;
    }
    if (advice->is_job) {
        add_move(folders, name, text);
        g_string_append(text, "Or rename this folder to what you want done:\n\n");
        return;
    }
    if (advice->understood != NULL && advice->unknown != NULL) {
        g_string_append_printf(
            text, "Is the rest only a remark? Put it in brackets at the end: %s (my remark)\n\n",
            advice->understood);
    }
    g_string_append(text, "Rename this folder to what you want done, for example:\n\n");
}

/** Append a paragraph that a window of any program shows whole. */
static void append_wrapped(GString *text, const char *paragraph) {
    enum { WIDTH = 78 };
    g_auto(GStrv) words = g_strsplit(paragraph, " ", -1);
    size_t column = WIDTH;
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t length = (size_t)g_utf8_strlen(words[i], -1);
        bool fits = column + 1 + length <= WIDTH;
        g_string_append_printf(text, "%s%s", fits ? " " : i > 0 ? "\n    " : "    ", words[i]);
        column = fits ? column + 1 + length : strlen("    ") + length;
    }
    g_string_append(text, "\n\n");
}

char *dm_folders_note(const struct dm_folders *folders, const struct dm_folder *folder) {
    g_autofree char *name = dm_path_display(folder->name);
    g_autofree char *reason = dm_path_display(folder->reason);
    struct dm_advice advice;
    dm_chain_advise(folders->rules.catalogue, folders->rules.recipes, folder->name, &advice);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, DM_FOLDER_NOTE_TITLE "\"%s\" is not understood:\n\n", name);
    append_wrapped(text, reason);
    add_advice(folders, folder, &advice, name, text);
    add_examples(folders, text);
    g_string_append(text, help);
    g_string_append(text, "\nNothing in this folder has been touched. Once its name is understood, "
                          "the pictures\nin it are processed and this note disappears.\n");
    dm_advice_clear(&advice);
    return g_string_free(text, FALSE);
}

char *dm_folders_loose_note(const struct dm_folders *folders) {
    GString *text = g_string_new(
        DM_LOOSE_NOTE_TITLE "\nMove them into a folder whose name says what you want done, for "
                            "example:\n\n");
    add_examples(folders, text);
    g_string_append(text, help);
    g_string_append(text, "\nIf there is no such folder yet, make one. Nothing has been done to "
                          "the files; this\nnote disappears when they are gone from here.\n");
    return g_string_free(text, FALSE);
}

char *dm_folders_late_note(const char *lines) {
    return g_strconcat(
        DM_LATE_NOTE_TITLE "\n", lines,
        "\n"
        "They have not changed for an hour. Nothing has happened to them, and as soon as\n"
        "one is complete it is processed.\n"
        "\n"
        "What you can do\n"
        "Copy the file here again from where it came from, close the program that has it\n"
        "open, or delete it.\n"
        "This note goes away by itself.\n",
        NULL);
}

char *dm_folders_full_note(int64_t max) {
    return g_strdup_printf(
        DM_FULL_NOTE_TITLE
        "\nIn all folders of the inbox together there may be %" PRId64
        " of them, one in another counts too.\nThe others are left alone, and so "
        "are the files in them. Remove folders that you need\nno more; this note "
        "disappears when there are few enough. An administrator can raise\n"
        "the limit: inbox.max_folders.\n",
        max);
}
