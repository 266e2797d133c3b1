// SPDX-License-Identifier: MIT
//
// What can be done, and how a folder name is read: what the builder is made of.
#include "watcher/page/answers.h"

#include "watcher/catalogue_json.h"
#include "watcher/config_keys.h"
#include "watcher/describe.h"

#include <string.h>

#define NAME_MAX_BYTES 400

/** What people want most often. */
static const struct {
    const char *name, *chain;
} ready_made[] = {
    {"Smaller", "resize-1600"},
    {"Turn right", "rotate-90"},
    {"Thumbnails", "fill-400_jpeg-80"},
    {"Black and white", "gray"},
    {"Old photograph", "sepia_vignette-30"},
    {"Crisper", "sharpen"},
};

static bool add_chain(struct dm_json *json, const struct dm_page *page, const char *name,
                      const char *text) {
    struct dm_chain *chain = NULL;
    if (!dm_chain_parse(page->catalogue, page->config->recipes, text, &chain, NULL, NULL)) {
        return false;
    }
    dm_json_object(json, NULL);
    dm_json_text(json, "name", name);
    dm_json_text(json, "chain", chain->written);
    dm_json_text(json, "expanded", chain->expanded);
    dm_json_close(json);
    dm_chain_free(chain);
    return true;
}

static void write_recipes(struct dm_json *json, const struct dm_page *page) {
    g_autofree const char **names = dm_key_map_names(page->config->recipes);
    dm_json_list(json, "recipes");
    for (const char **name = names; *name != NULL; name++) {
        add_chain(json, page, *name, *name);
    }
    dm_json_close(json);
    dm_json_list(json, "ready_made");
    for (size_t i = 0; i < G_N_ELEMENTS(ready_made); i++) {
        add_chain(json, page, ready_made[i].name, ready_made[i].chain);
    }
    dm_json_close(json);
}

static void write_formats(struct dm_json *json, const struct dm_catalogue *catalogue) {
    dm_json_list(json, "extensions");
    for (size_t i = 0; i < dm_catalogue_format_count(catalogue); i++) {
        const struct dm_format *format = dm_catalogue_format(catalogue, i);
        g_auto(GStrv) extensions = g_strsplit(format->extensions, " ", -1);
        for (char **extension = extensions; format->reads && *extension != NULL; extension++) {
            dm_json_text(json, NULL, *extension);
        }
    }
    dm_json_close(json);
}

void dm_answer_catalogue(struct dm_page *page, struct dm_request *request) {
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_list(json, "operations");
    for (size_t i = 0; i < dm_catalogue_operation_count(page->catalogue); i++) {
        dm_json_operation(json, dm_catalogue_operation(page->catalogue, i));
    }
    dm_json_close(json);
    write_recipes(json, page);
    write_formats(json, page->catalogue);
    dm_json_close(json);
    dm_request_answer_json(request, 200, json);
}

void dm_answer_explain(struct dm_page *page, struct dm_request *request) {
    const char *name = dm_request_query(request, "name");
    struct dm_chain *chain = NULL;
    g_autofree char *suggestion = NULL;
    g_autoptr(GError) error = NULL;
    if (name == NULL || strlen(name) > NAME_MAX_BYTES) {
        const struct dm_trouble trouble = {
            .status = 400, .code = "name", .what = "Which name? Say ?name=..."};
        dm_request_refuse(request, &trouble);
        return;
    }
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "name", name);
    if (dm_chain_parse(page->catalogue, page->config->recipes, name, &chain, &suggestion, &error)) {
        g_autofree char *words = dm_describe_chain(chain);
        dm_json_chain(json, chain);
        dm_json_text(json, "words", words);
        dm_chain_free(chain);
    } else {
        dm_json_bool(json, "understood", false);
        dm_json_text(json, "why", error->message);
        dm_json_text(json, "suggestion", suggestion != NULL ? suggestion : "");
    }
    dm_json_close(json);
    dm_request_answer_json(request, 200, json);
}
