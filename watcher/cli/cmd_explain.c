// SPDX-License-Identifier: MIT
//
// dropmill explain: how a folder name is read.
#include "watcher/cli/commands.h"
#include "watcher/cli/output.h"

#include "common/chain.h"
#include "common/path.h"
#include "common/value.h"
#include "watcher/catalogue_json.h"
#include "watcher/describe.h"
#include "watcher/recipes.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const GOptionEntry options[] = {{0}};

static char *value_text(const struct dm_param *param, const struct dm_value *value) {
    return value->set ? dm_value_print(param, value) : g_strdup("");
}

static void print_step(size_t number, const struct dm_step *step) {
    printf("%zu. %s%s%s  %s\n", number, dm_paint(stdout, DM_PAINT_BOLD), step->text,
           dm_paint(stdout, DM_PAINT_OFF), step->operation->summary);
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        const struct dm_value *value = &step->values[i];
        g_autofree char *text = value_text(param, value);
        // Not "k15 px" and "50pct px": only a plain number or size has the unit.
        bool has_unit = *param->unit && strspn(text, "0123456789.x") == strlen(text);
        if (value->set && param->type == DM_PARAM_SIZE) {
            g_autofree char *words = dm_describe_size(step->operation, &value->size);
            printf("     %s %s: %s\n", param->name, text, words);
        } else if (value->set) {
            printf("     %s %s%s%s%s  (%s)\n", param->name, text, has_unit ? " " : "",
                   has_unit ? param->unit : "", value->given ? "" : ", not given", param->doc);
        }
    }
}

static void print_chain(const struct dm_chain *chain) {
    printf("%s\n", chain->written);
    if (strcmp(chain->written, chain->expanded) != 0) {
        printf("= %s\n", chain->expanded);
    }
    for (size_t i = 0; i < chain->step_count; i++) {
        print_step(i + 1, &chain->steps[i]);
    }
}

static void print_json(const char *name, const struct dm_chain *chain) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "name", name);
    dm_json_chain(json, chain);
    dm_json_close(json);
    dm_json_print(json);
}

static void write_problem(const char *name, const char *message, const char *suggestion) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "name", name);
    dm_json_bool(json, "understood", false);
    dm_json_text(json, "message", message);
    dm_json_text(json, "suggestion", suggestion != NULL ? suggestion : "");
    dm_json_close(json);
    dm_json_print(json);
}

static int explain(struct dm_cli *cli, const struct dm_catalogue *catalogue, const char *name) {
    struct dm_chain *chain = NULL;
    g_autofree char *suggestion = NULL;
    g_autoptr(GError) error = NULL;
    if (!dm_chain_parse(catalogue, cli->config->recipes, name, &chain, &suggestion, &error)) {
        if (cli->json) {
            write_problem(name, error->message, suggestion);
        }
        dm_cli_say(EX_DATAERR, "%s", error->message);
        return suggestion != NULL ? dm_cli_say(EX_DATAERR, "a name that works: '%s'", suggestion)
                                  : EX_DATAERR;
    }
    if (cli->json) {
        print_json(name, chain);
    } else if (!cli->quiet) {
        print_chain(chain);
    }
    dm_chain_free(chain);
    return EX_OK;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    if (arguments[0] == NULL) {
        return dm_cli_usage(&dm_cmd_explain, "which folder name?");
    }
    const struct dm_catalogue *catalogue = dm_cli_catalogue(cli, &error);
    if (catalogue == NULL ||
        !dm_recipes_check(catalogue, cli->config->recipes, cli->config->origins, &error)) {
        return dm_cli_fail(error);
    }
    g_autofree char *name = g_strjoinv(" ", arguments);
    return explain(cli, catalogue, name);
}

const struct dm_command dm_cmd_explain = {
    .name = "explain",
    .usage = "NAME",
    .summary = "Say how a folder name is read",
    .help = "Prints the name as dropmill stores it, then each step with its values. A name\n"
            "that is not understood ends with status 65 and, where there is one, the nearest\n"
            "name that is.\n",
    .options = options,
    .run = run,
};
