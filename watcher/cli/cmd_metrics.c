// SPDX-License-Identifier: MIT
//
// dropmill metrics: what the daemon counts, for Prometheus (watcher/metrics.h).
#include "watcher/cli/commands.h"

#include "watcher/control.h"

#include <stdio.h>
#include <sysexits.h>

static const GOptionEntry options[] = {{0}};

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    if (arguments[0] != NULL || cli->json) {
        return dm_cli_usage(&dm_cmd_metrics, "takes no arguments, and no --json");
    }
    if (dm_cli_places(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    g_autofree char *text = dm_control_ask(cli->places->control, "metrics", &error);
    if (text == NULL) {
        return dm_cli_fail_to_ask(cli->places, error);
    }
    return fputs(text, stdout) < 0 ? EX_IOERR : EX_OK;
}

const struct dm_command dm_cmd_metrics = {
    .name = "metrics",
    .usage = "",
    .summary = "Print what the daemon counts, as Prometheus reads it",
    .help = "See dropmill-metrics(7). The setting metrics.file has them written for\n"
            "node_exporter; dropmill-page serves them.\n",
    .options = options,
    .run = run,
};
