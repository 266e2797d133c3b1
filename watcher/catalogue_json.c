// SPDX-License-Identifier: MIT
#include "watcher/catalogue_json.h"

#include "common/value.h"
#include "watcher/describe.h"

static void write_param(struct dm_json *json, const struct dm_param *param) {
    g_autofree char *values = dm_describe_values(param);
    dm_json_object(json, NULL);
    dm_json_text(json, "name", param->name);
    dm_json_text(json, "forms", param->forms);
    dm_json_text(json, "values", values);
    dm_json_number(json, "min", param->min);
    dm_json_number(json, "max", param->max);
    if (param->default_text != NULL) {
        dm_json_text(json, "default", param->default_text);
    }
    dm_json_bool(json, "required", param->required);
    dm_json_bool(json, "whole", param->type == DM_PARAM_INT);
    dm_json_bool(json, "odd", param->odd);
    dm_json_text(json, "unit", param->unit);
    dm_json_text(json, "doc", param->doc);
    dm_json_close(json);
}

void dm_json_operation(struct dm_json *json, const struct dm_operation *operation) {
    g_auto(GStrv) aliases = g_strsplit(operation->aliases, " ", -1);
    dm_json_object(json, NULL);
    dm_json_text(json, "name", operation->name);
    dm_json_text(json, "group", operation->group);
    dm_json_text(json, "summary", operation->summary);
    dm_json_text(json, "example", operation->example);
    dm_json_list(json, "aliases");
    for (size_t i = 0; aliases[i] != NULL; i++) {
        dm_json_text(json, NULL, aliases[i]);
    }
    dm_json_close(json);
    dm_json_list(json, "parameters");
    for (size_t i = 0; i < operation->param_count; i++) {
        write_param(json, &operation->params[i]);
    }
    dm_json_close(json);
    dm_json_close(json);
}

static char *value_text(const struct dm_param *param, const struct dm_value *value) {
    return value->set ? dm_value_print(param, value) : g_strdup("");
}

static void write_step(struct dm_json *json, const struct dm_step *step) {
    dm_json_object(json, NULL);
    dm_json_text(json, "operation", step->operation->name);
    dm_json_text(json, "text", step->text);
    dm_json_list(json, "parameters");
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        g_autofree char *text = value_text(param, &step->values[i]);
        dm_json_object(json, NULL);
        dm_json_text(json, "name", param->name);
        dm_json_text(json, "value", text);
        dm_json_text(json, "unit", param->unit);
        dm_json_bool(json, "given", step->values[i].given);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_close(json);
}

void dm_json_chain(struct dm_json *json, const struct dm_chain *chain) {
    dm_json_bool(json, "understood", true);
    dm_json_text(json, "canonical", chain->written);
    dm_json_text(json, "expanded", chain->expanded);
    dm_json_list(json, "steps");
    for (size_t i = 0; i < chain->step_count; i++) {
        write_step(json, &chain->steps[i]);
    }
    dm_json_close(json);
}
