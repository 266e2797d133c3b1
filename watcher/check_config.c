// SPDX-License-Identifier: MIT
//
// See check_config.h. Mistakes are of the files, and the same on every machine; warnings are of
// this machine, now.
#include "watcher/check_config.h"

#include "common/error.h"
#include "common/log.h"
#include "watcher/config.h"
#include "watcher/engine/engine.h"
#include "watcher/notices/notices.h"
#include "watcher/places.h"
#include "watcher/recipes.h"
#include "watcher/store/store_open.h"
#include "watcher/worker_program.h"

#include <stdio.h>
#include <string.h>

static void add_lines(GPtrArray *mistakes, const char *lines) {
    g_auto(GStrv) parts = g_strsplit(lines, "\n", -1);
    for (char **part = parts; *part != NULL; part++) {
        g_ptr_array_add(mistakes, g_strdup(*part));
    }
}

/** @mistake of the key @name, with the place where that was written. */
static void add_located(const struct dm_config *config, const char *name, const char *mistake,
                        GPtrArray *mistakes) {
    const char *origin = g_hash_table_lookup(config->origins, name);
    g_ptr_array_add(mistakes, g_strdup_printf("%s%s%s", origin != NULL ? origin : "",
                                              origin != NULL ? ": " : "", mistake));
}

/** "watermark 'logo': why" with the place where the logo was written. */
static void add_trouble(const struct dm_config *config, const char *trouble, GPtrArray *mistakes) {
    g_auto(GStrv) parts = g_strsplit(trouble, "'", 3);
    g_autofree char *key = g_strconcat("watermarks.", parts[1], NULL);
    add_located(config, key, trouble, mistakes);
}

/** What the worker knows of: recipes, which name its operations, and watermarks, which it reads. */
static void check_worker(const struct dm_config *config, GPtrArray *mistakes) {
    g_autoptr(GError) error = NULL;
    g_autofree char *worker = dm_find_worker(config, &error);
    const char *const *args = (const char *const *)config->worker_args;
    struct dm_catalogue *catalogue =
        worker != NULL ? dm_read_catalogue(worker, args, &error) : NULL;
    if (catalogue == NULL) {
        add_lines(mistakes, error->message);
        return;
    }
    if (!dm_recipes_check(catalogue, config->recipes, config->origins, &error)) {
        add_lines(mistakes, error->message);
    }
    g_autofree char *troubles = dm_catalogue_troubles(catalogue);
    g_auto(GStrv) lines = g_strsplit(troubles != NULL ? troubles : "", "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        add_trouble(config, *line, mistakes);
    }
    dm_catalogue_free(catalogue);
}

/** The settings alone: whether they work is what `dropmill s3 check` asks. */
static void check_store(const struct dm_config *config, GPtrArray *mistakes) {
    g_autoptr(GError) error = NULL;
    if (!dm_store_is_named(&config->store)) {
        return;
    }
    struct dm_store *store = dm_store_open(&config->store, &error);
    if (store == NULL) {
        add_lines(mistakes, error->message);
    }
    dm_store_free(store);
}

/** Who is to be told. That the program is good as it is now is asked for, too: else nobody would be
 * told that nobody is told. */
static void check_notices(const struct dm_config *config, GPtrArray *mistakes) {
    g_autoptr(GError) address = NULL;
    g_autoptr(GError) program = NULL;
    const struct dm_notices_settings *notices = &config->notices;
    if (!dm_notices_check(notices, &address)) {
        add_located(config, "hooks.webhook", address->message, mistakes);
    }
    if (!dm_notices_check_program(notices, &program)) {
        add_located(config, "hooks.exec", program->message, mistakes);
    }
    if ((*notices->exec != '\0' || *notices->webhook != '\0') && !dm_notices_are_wanted(notices)) {
        dm_log_warning("hooks: nobody is told anything: hooks.done, hooks.failed and hooks.trouble "
                       "are all false");
    }
}

static void warn(const GError *error) {
    if (error != NULL) {
        dm_log_warning("%s", error->message);
    }
}

/** What the command line says over it, and what may be a slip in it. */
static void add_option(struct dm_config *config, const struct dm_options *options,
                       GPtrArray *mistakes) {
    g_autoptr(GError) error = NULL;
    if (!dm_config_take_option(config, "share", options->share, "--share", &error)) {
        add_lines(mistakes, error->message);
    }
    for (guint i = 0; i < config->warnings->len; i++) {
        dm_log_warning("%s", (const char *)config->warnings->pdata[i]);
    }
}

/** What may be otherwise tomorrow. */
static void check_machine(const struct dm_config *config) {
    g_autoptr(GError) away = NULL;
    g_autoptr(GError) programs = NULL;
    if (*config->share != '\0') {
        dm_places_free(dm_places_find(config, &away));
    }
    dm_engine_check(&config->engine, &programs);
    warn(away);
    warn(programs);
}

bool dm_check_config(const struct dm_options *options, GError **error) {
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    struct dm_config *config = dm_config_read(options->config, mistakes);
    add_option(config, options, mistakes);
    check_store(config, mistakes);
    check_notices(config, mistakes);
    check_worker(config, mistakes);
    check_machine(config);
    dm_config_free(config);
    if (mistakes->len > 0) {
        g_ptr_array_add(mistakes, NULL);
        g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);
        return dm_fail(error, DM_ERROR_CONFIG, "%s", all);
    }
    puts("the configuration is good");
    return true;
}
