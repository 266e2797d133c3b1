// SPDX-License-Identifier: MIT
//
// dropmill ops: the operations, as a table, one by one, as names for completion, as the section of
// dropmill-folders(7) (ops_man.c).
#include "watcher/cli/commands.h"
#include "watcher/cli/ops_man.h"
#include "watcher/cli/output.h"

#include "common/chain.h"
#include "common/suggest.h"
#include "watcher/catalogue_json.h"
#include "watcher/describe.h"

#include <stdio.h>
#include <sysexits.h>

static gboolean names_option, man_option;
static const GOptionEntry options[] = {
    {"names", 0, 0, G_OPTION_ARG_NONE, &names_option, "print names only, one a line", NULL},
    {"man", 0, 0, G_OPTION_ARG_NONE, &man_option, "print the section of dropmill-folders(7)", NULL},
    {0},
};

static void print_names(const struct dm_catalogue *catalogue) {
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        puts(dm_catalogue_operation(catalogue, i)->name);
    }
}

static void print_table(const struct dm_catalogue *catalogue) {
    static const char *const headers[] = {"OPERATION", "GROUP", "FOLDER", "WHAT IT DOES", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(catalogue, i);
        dm_table_add(table, (const char *const[]){operation->name, operation->group,
                                                  operation->example, operation->summary});
    }
    dm_table_print(table);
}

static void print_operation(const struct dm_operation *operation) {
    static const char *const headers[] = {"PARAMETER", "VALUES", "DEFAULT", "MEANS", NULL};
    printf("%s%s%s  %s\n", dm_paint(stdout, DM_PAINT_BOLD), operation->name,
           dm_paint(stdout, DM_PAINT_OFF), operation->summary);
    g_autofree char *aliases = dm_describe_aliases(operation);
    if (*aliases) {
        printf("Also called: %s\n", aliases);
    }
    printf("Example: %s\n", operation->example);
    if (operation->param_count) {
        putchar('\n');
    }
    struct dm_table *table = dm_table_new(headers);
    bool colours = false;
    for (size_t i = 0; i < operation->param_count; i++) {
        const struct dm_param *param = &operation->params[i];
        g_autofree char *values = dm_describe_values(param);
        const char *fallback = param->default_text != NULL ? param->default_text : "-";
        dm_table_add(table, (const char *const[]){param->name, values, fallback, param->doc});
        colours = colours || param->type == DM_PARAM_COLOUR;
    }
    dm_table_print(table);
    if (colours) {
        g_autofree char *told = dm_describe_colours();
        printf("\n%s.\n", told);
    }
}

static void write_all(const struct dm_catalogue *catalogue) {
    struct dm_json *json = dm_json_new_list("operations");
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        dm_json_operation(json, dm_catalogue_operation(catalogue, i));
    }
    dm_json_finish(json);
}

/** The name or alias that was probably meant; (transfer full), or NULL. */
static char *nearest_word(const struct dm_catalogue *catalogue, const char *word) {
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        const struct dm_operation *operation = dm_catalogue_operation(catalogue, i);
        g_autofree char *all = g_strconcat(operation->name, " ", operation->aliases, NULL);
        g_auto(GStrv) names = g_strsplit(all, " ", -1);
        for (size_t n = 0; names[n] != NULL; n++) {
            g_ptr_array_add(words, g_strdup(names[n]));
        }
    }
    return g_strdup(dm_nearest(word, (const char *const *)words->pdata, words->len));
}

static int unknown_operation(const struct dm_catalogue *catalogue, const char *name) {
    g_autofree char *near = nearest_word(catalogue, name);
    if (near != NULL) {
        return dm_cli_say(EX_DATAERR, "there is no operation '%s'; did you mean '%s'?", name, near);
    }
    return dm_cli_say(EX_DATAERR, "there is no operation '%s'; see 'dropmill ops'", name);
}

static int show_one(const struct dm_cli *cli, const struct dm_catalogue *catalogue,
                    char **arguments) {
    g_autofree char *word = g_strjoinv("-", arguments);
    g_autofree char *lower = g_ascii_strdown(word, -1);
    const struct dm_operation *operation = dm_catalogue_find(catalogue, lower);
    if (operation == NULL) {
        return unknown_operation(catalogue, lower);
    }
    if (!cli->json) {
        print_operation(operation);
        return EX_OK;
    }
    struct dm_json *json = dm_json_new();
    dm_json_operation(json, operation);
    dm_json_print(json);
    return EX_OK;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    const struct dm_catalogue *catalogue = dm_cli_catalogue(cli, &error);
    if (catalogue == NULL) {
        return dm_cli_fail(error);
    }
    if (arguments[0] != NULL) {
        return show_one(cli, catalogue, arguments);
    }
    if (names_option) {
        print_names(catalogue);
    } else if (man_option) {
        dm_ops_man_print(catalogue);
    } else if (cli->json) {
        write_all(catalogue);
    } else {
        print_table(catalogue);
    }
    return EX_OK;
}

const struct dm_command dm_cmd_ops = {
    .name = "ops",
    .usage = "[NAME | --names]",
    .summary = "List the operations that a folder name can ask for",
    .help = "With NAME (or any of its other names): its parameters with ranges and defaults.\n",
    .options = options,
    .run = run,
};
