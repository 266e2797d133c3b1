// SPDX-License-Identifier: MIT
//
// Putting the configuration together: defaults, files, environment, options, each over those before
// it; every mistake in any of them is reported at once. The map: config.h.
#include "watcher/config.h"

#include "common/error.h"
#include "watcher/config_document.h"
#include "watcher/config_environment.h"
#include "watcher/config_folders.h"
#include "watcher/config_keys.h"
#include "watcher/config_value.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

const char *dm_config_origin(const struct dm_config *config, const char *name) {
    const char *origin = g_hash_table_lookup(config->origins, name);
    return origin != NULL ? origin : DM_CONFIG_DEFAULT;
}

/** What is put into the bucket must not be found there as input. */
static void check_s3_inbox(const struct dm_config *config, GPtrArray *mistakes) {
    const char *inputs = config->s3_inbox.prefix, *results = config->mirror.prefix;
    g_autofree char *mistake = NULL;
    g_assert(inputs != NULL && results != NULL); // defaults were read
    if (*inputs == '\0') {
        return;
    }
    if (*config->store.bucket == '\0' && *config->store.directory == '\0') {
        mistake = g_strdup_printf("'%s' is of no bucket, expected s3.bucket or "
                                  "s3.directory, too",
                                  inputs);
    } else if (!g_str_has_suffix(inputs, "/") || *inputs == '.') {
        mistake = g_strdup_printf("'%s' is not the name of a folder, expected one "
                                  "that ends in a slash, such as \"inbox/\"",
                                  inputs);
    } else if (g_str_has_prefix(inputs, results) || g_str_has_prefix(results, inputs)) {
        mistake = g_strdup_printf("'%s' and s3.prefix '%s' lie in each other, so "
                                  "that results would be taken for inputs, expected two of their "
                                  "own, such as \"inbox/\" and \"results/\"",
                                  inputs, results);
    }
    if (mistake != NULL) {
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: s3_inbox.prefix: %s",
                                        dm_config_origin(config, "s3_inbox.prefix"), mistake));
    }
}

/** What the worker must know beyond its job's size; the same for a session and for a catalogue. */
static char **worker_args(const struct dm_config *config) {
    GPtrArray *args = g_ptr_array_new();
    if (!config->engine.limits.jail) {
        g_ptr_array_add(args, g_strdup("--no-jail"));
    }
    g_ptr_array_add(args, g_strdup_printf("--sandbox-pictures=%" PRId64,
                                          config->engine.limits.sandbox_pictures));
    g_ptr_array_add(args, g_strdup_printf("--background=%s", config->output.background));
    if (g_strcmp0(config->output.time, "source") == 0) {
        g_ptr_array_add(args, g_strdup("--source-time"));
    }
    g_autofree const char **names = dm_key_map_names(config->watermarks);
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *path = g_hash_table_lookup(config->watermarks, names[i]);
        g_ptr_array_add(args, g_strdup_printf("--watermark=%s=%s", names[i], path));
    }
    g_ptr_array_add(args, NULL);
    return (char **)g_ptr_array_free(args, FALSE);
}

/** The defaults alone, not completed. */
static struct dm_config *new_config(void) {
    struct dm_config *config = g_new0(struct dm_config, 1);
    config->origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    config->warnings = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < dm_key_count; i++) {
        dm_config_value_set_default(config, &dm_keys[i]);
    }
    return config;
}

/** What follows from what was read. */
static void complete(struct dm_config *config) {
    config->worker_args = worker_args(config);
    dm_config_complete_waits(&config->inbox.waits);
    config->inbox.folder_waits = dm_config_folder_waits(config, NULL);
}

struct dm_config *dm_config_defaults(void) {
    struct dm_config *config = new_config();
    complete(config);
    return config;
}

static void read_files(struct dm_config *config, const char *path, GPtrArray *mistakes) {
    g_auto(GStrv) files = dm_config_files(path);
    g_auto(GStrv) recipes = dm_config_recipe_files(path);
    for (char **file = files; *file != NULL; file++) {
        dm_config_document_read(config, *file, mistakes);
    }
    for (char **file = recipes; *file != NULL; file++) {
        dm_config_document_read_recipes(config, *file, mistakes);
    }
}

struct dm_config *dm_config_read(const char *path, GPtrArray *mistakes) {
    g_auto(GStrv) environment = g_get_environ();
    struct dm_config *config = new_config();
    read_files(config, path, mistakes);
    dm_config_environment_read(config, environment, mistakes);
    check_s3_inbox(config, mistakes);
    complete(config);
    return config;
}

/** @config, or NULL with @error when there are @mistakes in it. */
static struct dm_config *unless(GPtrArray *mistakes, struct dm_config *config, GError **error) {
    if (mistakes->len == 0) {
        return config;
    }
    g_ptr_array_add(mistakes, NULL);
    g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);
    dm_fail(error, DM_ERROR_CONFIG, "%s", all);
    dm_config_free(config);
    return NULL;
}

struct dm_config *dm_config_load(const char *path, GError **error) {
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    return unless(mistakes, dm_config_read(path, mistakes), error);
}

struct dm_config *dm_config_load_files(const char *path, GError **error) {
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    struct dm_config *config = new_config();
    read_files(config, path, mistakes);
    complete(config);
    return unless(mistakes, config, error);
}

bool dm_config_take_option(struct dm_config *config, const char *name, const char *text,
                           const char *option, GError **error) {
    const struct dm_key *key = dm_key_find(name);
    g_assert(key != NULL);
    if (text == NULL || (key->type == DM_KEY_PATH && *text == '\0')) {
        return true;
    }
    bool is_relative = key->type == DM_KEY_PATH && !g_path_is_absolute(text);
    g_autofree char *here = g_get_current_dir();
    g_autofree char *value = is_relative ? g_build_filename(here, text, NULL) : g_strdup(text);
    if (!dm_config_value_set_text(config, key, value, error)) {
        g_prefix_error(error, "%s: ", option);
        return false;
    }
    g_hash_table_replace(config->origins, g_strdup(name), g_strdup(option));
    return true;
}

void dm_config_free(struct dm_config *config) {
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < dm_key_count; i++) {
        dm_config_value_clear(config, &dm_keys[i]);
    }
    g_strfreev(config->worker_args);
    g_clear_pointer(&config->origins, g_hash_table_unref);
    g_clear_pointer(&config->warnings, g_ptr_array_unref);
    g_clear_pointer(&config->inbox.folder_waits, g_ptr_array_unref);
    g_free(config);
}

bool dm_config_is_for_everyone(const struct dm_config *config) {
    return strcmp(config->share_mode, "everyone") == 0;
}

void dm_config_set_umask(const struct dm_config *config) {
    umask(dm_config_is_for_everyone(config) ? 0002 : 0007);
}
