// SPDX-License-Identifier: MIT
//
// dropmill folder add, dropmill folder rename: folders of the inbox, for those who do not see it.
#include "watcher/cli/ask.h"
#include "watcher/cli/commands.h"

#include <string.h>

static const GOptionEntry options[] = {{0}};

static int run(struct dm_cli *cli, char **arguments) {
    guint count = g_strv_length(arguments);
    if (count == 2 && strcmp(arguments[0], "add") == 0) {
        const char *const request[] = {arguments[1], NULL};
        return dm_cli_ask(cli, "make-folder", request, "%s folder(s) made");
    }
    if (count == 3 && strcmp(arguments[0], "rename") == 0) {
        const char *const request[] = {arguments[1], arguments[2], NULL};
        return dm_cli_ask(cli, "rename", request, "%s folder(s) renamed");
    }
    return dm_cli_usage(&dm_cmd_folder, "what is to be done?");
}

const struct dm_command dm_cmd_folder = {
    .name = "folder",
    .usage = "add NAME | rename FROM TO",
    .summary = "Make a folder in the inbox, or rename one whose name is not understood",
    .help = "Nothing is replaced: a folder that is there already is left as it is.\n",
    .options = options,
    .run = run,
};
