// SPDX-License-Identifier: MIT
//
// dropmill stop: what waits below a path is not made (watcher/orders.h).
#include "watcher/cli/ask.h"
#include "watcher/cli/commands.h"

static const GOptionEntry options[] = {{0}};

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    if (arguments[0] == NULL || arguments[1] != NULL) {
        return dm_cli_usage(&dm_cmd_stop, "which folder or file? one at a time");
    }
    if (dm_cli_places(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    g_autofree char *path = dm_cli_room_path(cli->places, arguments[0], &error);
    if (path == NULL) {
        return dm_cli_fail(error);
    }
    if (*path == '\0') {
        return dm_cli_usage(&dm_cmd_stop, "give a folder of the inbox; for all of it there is "
                                          "'dropmill pause'");
    }
    const char *const request[] = {path, NULL};
    return dm_cli_ask(cli, "stop", request, "%s file(s) that waited (is) stopped");
}

const struct dm_command dm_cmd_stop = {
    .name = "stop",
    .usage = "PATH",
    .summary = "Do not make what still waits in a folder of the inbox",
    .help = "The files go to failed, with a note; 'dropmill retry' brings them back. What runs\n"
            "already ends as it does.\n",
    .options = options,
    .run = run,
};
