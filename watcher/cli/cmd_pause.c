// SPDX-License-Identifier: MIT
//
// dropmill pause, dropmill resume: whether work is handed out (watcher/gate.h).
#include "watcher/cli/ask.h"
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"

#include "watcher/units.h"

#include <sysexits.h>

static char *for_option;
static const GOptionEntry pause_options[] = {
    {"for", 0, 0, G_OPTION_ARG_STRING, &for_option, "so long, such as 2h; else until resumed",
     "TIME"},
    {0},
};
static const GOptionEntry no_options[] = {{0}};

static int run_pause(struct dm_cli *cli, char **arguments) {
    g_autoptr(GError) error = NULL;
    int64_t for_us = INT64_MAX;
    if (arguments[0] != NULL) {
        return dm_cli_usage(&dm_cmd_pause, "takes no arguments but --for");
    }
    if (for_option != NULL && !dm_parse_endless_duration(for_option, &for_us, &error)) {
        return dm_cli_usage(&dm_cmd_pause, "--for: %s", error->message);
    }
    if (for_us < (int64_t)G_USEC_PER_SEC) {
        return dm_cli_usage(&dm_cmd_pause, "--for: expected at least 1s");
    }
    if (for_us == INT64_MAX) {
        return dm_cli_ask(cli, "pause", NULL,
                          "paused: files wait until 'dropmill resume'; what runs ends");
    }
    int64_t until_s = (g_get_real_time() + for_us) / (int64_t)G_USEC_PER_SEC + 1;
    g_autofree char *until = g_strdup_printf("%" G_GINT64_FORMAT, until_s);
    g_autofree char *shown = dm_human_time(until_s * (int64_t)G_USEC_PER_SEC);
    g_autofree char *text = g_strdup_printf("paused: files wait until %s; what runs ends", shown);
    const char *const request[] = {until, NULL};
    return dm_cli_ask(cli, "pause", request, text);
}

static int run_resume(struct dm_cli *cli, char **arguments) {
    if (arguments[0] != NULL) {
        return dm_cli_usage(&dm_cmd_resume, "takes no arguments");
    }
    return dm_cli_ask(cli, "resume", NULL, "not paused any more");
}

const struct dm_command dm_cmd_pause = {
    .name = "pause",
    .usage = "[--for TIME]",
    .summary = "Let files wait; what runs ends. It outlives the daemon",
    .help = "",
    .options = pause_options,
    .run = run_pause,
};

const struct dm_command dm_cmd_resume = {
    .name = "resume",
    .usage = "",
    .summary = "Hand out work again after 'dropmill pause'",
    .help = "Quiet hours and min_free go on to hold, see dropmill.conf(5).\n",
    .options = no_options,
    .run = run_resume,
};
