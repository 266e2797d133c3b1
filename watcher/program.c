// SPDX-License-Identifier: MIT
//
// See program.h.
#include "watcher/program.h"

#include "common/error.h"
#include "common/log.h"

#include <sysexits.h>

struct dm_config *dm_program_configure(const char *name, const char *path, const char *share,
                                       GError **error) {
    struct dm_config *config = dm_config_load(path, error);
    if (config == NULL || !dm_config_take_option(config, "share", share, "--share", error)) {
        dm_config_free(config);
        return NULL;
    }
    dm_config_set_umask(config);
    enum dm_log_level level = DM_LOG_MESSAGE;
    dm_log_level_parse(config->log_level, &level);
    dm_log_init(name, level);
    for (guint i = 0; i < config->warnings->len; i++) {
        dm_log_warning("%s", (const char *)config->warnings->pdata[i]);
    }
    return config;
}

int dm_program_end(GError *error) {
    if (error == NULL) {
        return EX_OK;
    }
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        dm_log_error("%s", *line);
    }
    int code = error->domain == G_OPTION_ERROR ? EX_USAGE : dm_error_exit_code(error);
    g_error_free(error);
    return code;
}
