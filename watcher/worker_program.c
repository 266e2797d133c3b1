// SPDX-License-Identifier: MIT
//
// Finding the worker program and asking it for its catalogue.
#include "watcher/worker_program.h"

#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WORKER_NAME "dropmill-worker"
#define LIBEXEC_DIR "/usr/libexec/dropmill"

char *dm_find_worker(const struct dm_config *config, GError **error) {
    if (*config->engine.worker) {
        if (access(config->engine.worker, X_OK) == 0) {
            return g_strdup(config->engine.worker);
        }
        dm_fail(error, DM_ERROR_CONFIG, "engine.worker: '%s' cannot be run: %s",
                config->engine.worker, g_strerror(errno));
        return NULL;
    }
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *own_dir = self != NULL ? g_path_get_dirname(self) : g_strdup(LIBEXEC_DIR);
    g_autofree char *prefix = g_path_get_dirname(own_dir); // of PREFIX/bin, PREFIX/sbin
    char *candidates[] = {
        g_build_filename(own_dir, WORKER_NAME, NULL),
        g_build_filename(prefix, "libexec", "dropmill", WORKER_NAME, NULL),
        g_strdup(LIBEXEC_DIR "/" WORKER_NAME),
    };
    char *worker = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(candidates) && worker == NULL; i++) {
        worker = access(candidates[i], X_OK) == 0 ? g_strdup(candidates[i]) : NULL;
    }
    if (worker == NULL) {
        dm_fail(error, DM_ERROR_CONFIG,
                "the worker program is not there, neither '%s' nor '%s' nor '%s'; set "
                "engine.worker",
                candidates[0], candidates[1], candidates[2]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
        g_free(candidates[i]);
    }
    return worker;
}

struct dm_catalogue *dm_read_catalogue(const char *worker, const char *const *args,
                                       GError **error) {
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer)worker);
    g_ptr_array_add(argv, (gpointer) "--catalogue");
    for (; args != NULL && *args != NULL; args++) {
        g_ptr_array_add(argv, (gpointer)*args);
    }
    g_ptr_array_add(argv, NULL);
    g_autofree char *text = NULL;
    g_autofree char *complaint = NULL;
    g_autoptr(GError) why = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &text,
                      &complaint, &status, &why)) {
        dm_fail(error, DM_ERROR_CONFIG, "the worker '%s' cannot be run: %s", worker, why->message);
        return NULL;
    }
    if (!g_spawn_check_wait_status(status, &why)) {
        g_strstrip(complaint);
        complaint[strcspn(complaint, "\n")] = '\0';
        dm_fail(error, DM_ERROR_REMOTE, "the worker '%s' did not print its catalogue: %s%s%s",
                worker, why->message, *complaint ? ": " : "", complaint);
        return NULL;
    }
    return dm_catalogue_parse(text, error);
}
