// SPDX-License-Identifier: MIT
//
// See config_folders.h. The keys are rows of config_keys.c: what may stand in a rule is what has
// its place in struct dm_inbox_waits.
#include "watcher/config_folders.h"

#include "common/error.h"
#include "watcher/config_keys.h"
#include "watcher/units.h"

#include <string.h>

#define WAITS_AT offsetof(struct dm_config, inbox.waits)

void dm_config_complete_waits(struct dm_inbox_waits *waits) {
    waits->moved_unproved_us = MAX(waits->moved_unproved_us, waits->moved_us);
    waits->closed_unproved_us = MAX(waits->closed_unproved_us, waits->closed_us);
    waits->unseen_remote_us = MAX(waits->unseen_remote_us, waits->unseen_us);
    waits->cut_remote_us = MAX(waits->cut_remote_us, waits->cut_us);
}

static void folder_waits_free(void *data) {
    struct dm_inbox_folder_waits *folder = data;
    g_free(folder->glob);
    g_free(folder->waits.trigger);
    g_free(folder);
}

/** The key that @name is of, if it may stand in a rule; or NULL. */
static const struct dm_key *key_of(const char *name) {
    g_autofree char *full = g_strconcat("inbox.", name, NULL);
    const struct dm_key *key = dm_key_find(full);
    bool fits = key != NULL && key->offset >= WAITS_AT &&
                key->offset < WAITS_AT + sizeof(struct dm_inbox_waits);
    return fits ? key : NULL;
}

static bool set_wait(const struct dm_key *key, const char *value, struct dm_inbox_waits *waits,
                     GError **error) {
    void *member = (char *)waits + (key->offset - WAITS_AT);
    if (key->type == DM_KEY_TEXT) {
        g_free(*(char **)member);
        *(char **)member = g_strdup(value);
        return true;
    }
    int64_t us = 0;
    if (!dm_parse_duration(value, &us, error) || !dm_key_check_number(key, us, error)) {
        return false;
    }
    *(int64_t *)member = us;
    return true;
}

/** Read one word of a rule: "settle_closed=10s". */
static bool set_word(const char *rule, const char *word, struct dm_inbox_waits *waits,
                     GError **error) {
    const char *equals = strchr(word, '=');
    g_autofree char *name = g_strndup(word, equals != NULL ? (size_t)(equals - word) : 0);
    const struct dm_key *key = key_of(name);
    if (key == NULL) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'%s' in the rule '%s' is not KEY=VALUE of a key settle_... or trigger",
                       word, rule);
    }
    if (!set_wait(key, equals + 1, waits, error)) {
        g_prefix_error(error, "'%s' in the rule '%s': ", word, rule);
        return false;
    }
    return true;
}

static struct dm_inbox_folder_waits *read_rule(const struct dm_inbox_waits *base, const char *rule,
                                               GError **error) {
    struct dm_inbox_folder_waits *folder = g_new0(struct dm_inbox_folder_waits, 1);
    const char *colon = strstr(rule, ": ");
    folder->glob = g_strndup(rule, (size_t)(colon - rule));
    folder->waits = *base;
    folder->waits.trigger = g_strdup(base->trigger);
    g_auto(GStrv) words = g_strsplit(colon + 2, " ", -1);
    bool good = true;
    for (char **word = words; *word != NULL && good; word++) {
        good = **word == '\0' || set_word(rule, *word, &folder->waits, error);
    }
    if (!good) {
        folder_waits_free(folder);
        return NULL;
    }
    dm_config_complete_waits(&folder->waits);
    return folder;
}

GPtrArray *dm_config_folder_waits(const struct dm_config *config, GError **error) {
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(folder_waits_free);
    for (char **rule = config->inbox.folders; rule != NULL && *rule != NULL; rule++) {
        struct dm_inbox_folder_waits *folder = read_rule(&config->inbox.waits, *rule, error);
        if (folder == NULL) {
            return NULL;
        }
        g_ptr_array_add(all, folder);
    }
    return g_steal_pointer(&all);
}
