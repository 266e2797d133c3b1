// SPDX-License-Identifier: MIT
//
// dropmill: the command line. This file has the table of commands, the options that stand
// everywhere, and the help; each command is a cmd_<name>.c. Shared: cli.c (looking things up),
// output.c, json.c.
#include "common/chain.h"
#include "common/suggest.h"
#include "watcher/cli/cli.h"
#include "watcher/cli/commands.h"
#include "watcher/config_files.h"
#include "watcher/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

// Adding a command: cmd_<name>.c with its struct dm_command, its line in commands.h, a line here,
// its section in dropmill(1).
static const struct dm_command *const commands[] = {
    &dm_cmd_setup,   &dm_cmd_status, &dm_cmd_watch,   &dm_cmd_ls,     &dm_cmd_retry,
    &dm_cmd_history, &dm_cmd_stop,   &dm_cmd_pause,   &dm_cmd_resume, &dm_cmd_folder,
    &dm_cmd_process, &dm_cmd_send,   &dm_cmd_explain, &dm_cmd_ops,    &dm_cmd_s3,
    &dm_cmd_metrics, &dm_cmd_doctor, &dm_cmd_forget,
};

static const struct dm_command *find_command(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int unknown_command(const char *name) {
    const char *names[G_N_ELEMENTS(commands)];
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        names[i] = commands[i]->name;
    }
    const char *near = dm_nearest(name, names, G_N_ELEMENTS(commands));
    if (near != NULL) {
        return dm_cli_say(EX_USAGE, "there is no command '%s'; did you mean '%s'?", name, near);
    }
    return dm_cli_say(EX_USAGE, "there is no command '%s'; see 'dropmill --help'", name);
}

/** The options that stand before or behind any command. */
static void global_options(struct dm_cli *cli, GOptionEntry ret[static 7]) {
    const GOptionEntry entries[7] = {
        {"share", 's', 0, G_OPTION_ARG_FILENAME, &cli->share_option,
         "the share; without it: the configured one, else the one that we are in", "DIR"},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &cli->config_option, "instead of " DM_CONFIG_PATH,
         "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &cli->json, "print JSON", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &cli->quiet, "print errors only", NULL},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &cli->help, "print help", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &cli->version, "print the version", NULL},
    };
    memcpy(ret, entries, sizeof(entries));
}

static void print_options(const GOptionEntry *options) {
    for (const GOptionEntry *option = options; option != NULL && option->long_name != NULL;
         option++) {
        if (option->flags & G_OPTION_FLAG_HIDDEN) {
            continue;
        }
        g_autofree char *letter =
            option->short_name ? g_strdup_printf("-%c, ", option->short_name) : g_strdup("    ");
        g_autofree char *name = g_strdup_printf(
            "%s--%s%s%s", letter, option->long_name, option->arg_description != NULL ? " " : "",
            option->arg_description != NULL ? option->arg_description : "");
        printf("  %-22s  %s\n", name, option->description);
    }
}

static int help_all(const GOptionEntry *globals) {
    puts("Usage: dropmill [OPTION...] COMMAND [ARGUMENT...]\n\n"
         "Drop images into a folder called rotate-90_resize-1600, get them back rotated\n"
         "and resized. This program sets up and looks after the shared folder that\n"
         "dropmilld watches.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
    }
    puts("\n  help COMMAND says more about one of them; so does dropmill(1)\n");
    print_options(globals);
    return EX_OK;
}

static int help_command(const struct dm_command *command) {
    printf("Usage: dropmill %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (*command->help) {
        printf("\n%s", command->help);
    }
    if (command->options != NULL && command->options->long_name != NULL) {
        putchar('\n');
    }
    print_options(command->options);
    puts("\nAlso --share DIR, --config FILE, --json, --quiet: see 'dropmill --help'.");
    return EX_OK;
}

/** `dropmill help`, `dropmill help COMMAND`. */
static int run_help(char **arguments, const GOptionEntry *globals) {
    if (arguments[0] == NULL) {
        return help_all(globals);
    }
    const struct dm_command *command = find_command(arguments[0]);
    return command != NULL ? help_command(command) : unknown_command(arguments[0]);
}

/** Parse @globals and (nullable) @own options; @ret_rest is what is no option. */
static bool parse_options(char **argv, const GOptionEntry *globals, const GOptionEntry *own,
                          bool stop_at_command, char ***ret_rest, GError **error) {
    g_auto(GStrv) rest = NULL;
    const GOptionEntry remaining[] = {
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
        {0},
    };
    GOptionContext *context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_strict_posix(context, stop_at_command);
    g_option_context_add_main_entries(context, globals, NULL);
    if (own != NULL) {
        g_option_context_add_main_entries(context, own, NULL);
    }
    g_option_context_add_main_entries(context, remaining, NULL);
    g_auto(GStrv) copy = g_strdupv(argv);
    bool good = g_option_context_parse_strv(context, &copy, error);
    g_option_context_free(context);
    if (good) {
        *ret_rest = rest != NULL ? g_steal_pointer(&rest) : g_new0(char *, 1);
    }
    return good;
}

static int run_command(struct dm_cli *cli, const struct dm_command *command, char **argv,
                       const GOptionEntry *globals) {
    g_auto(GStrv) arguments = NULL;
    g_autoptr(GError) error = NULL;
    if (!parse_options(argv, globals, command->options, false, &arguments, &error)) {
        return dm_cli_usage(command, "%s", error->message);
    }
    if (cli->help) {
        return help_command(command);
    }
    return command->run(cli, arguments);
}

static int run(struct dm_cli *cli, char **argv) {
    GOptionEntry globals[7];
    global_options(cli, globals);
    g_auto(GStrv) rest = NULL;
    g_autoptr(GError) error = NULL;
    if (!parse_options(argv, globals, NULL, true, &rest, &error)) {
        return dm_cli_say(EX_USAGE, "%s; see 'dropmill --help'", error->message);
    }
    if (cli->version) {
        return puts("dropmill " DM_VERSION) < 0 ? EX_IOERR : EX_OK;
    }
    if (rest[0] == NULL || cli->help) {
        help_all(globals);
        return cli->help ? EX_OK : EX_USAGE;
    }
    if (strcmp(rest[0], "help") == 0) {
        return run_help(rest + 1, globals);
    }
    const struct dm_command *command = find_command(rest[0]);
    return command != NULL ? run_command(cli, command, rest, globals) : unknown_command(rest[0]);
}

/** Who asked for JSON gets an object in any case: what went wrong, in words, and the exit status.
 */
static void write_error(char **argv, int exit_code) {
    bool wanted = g_strv_contains((const char *const *)argv, "--json");
    if (!wanted || exit_code == EX_OK || dm_json_was_printed()) {
        return;
    }
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "error", dm_cli_said());
    dm_json_integer(json, "status", exit_code);
    dm_json_finish(json);
}

int main(int argc, char **argv) {
    (void)argc;
    struct dm_cli cli = {0};
    g_set_prgname("dropmill");
    int exit_code = run(&cli, argv);
    write_error(argv, exit_code);
    dm_cli_clear(&cli);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return dm_cli_say(EX_IOERR, "cannot write the output: %s", g_strerror(errno));
    }
    return exit_code;
}
