// SPDX-License-Identifier: MIT
//
// Chains in words: what people read below a folder name.
#include "watcher/describe.h"

static const struct dm_param size_params[] = {
    {.name = "size", .type = DM_PARAM_SIZE, .forms = "WxH xH W Npct", .min = 1, .max = 65535},
    {.name = "gravity", .type = DM_PARAM_WORD, .forms = "center smart", .default_text = "center"},
};
static const struct dm_param percent_params[] = {
    {.name = "percent", .type = DM_PARAM_NUMBER, .forms = "N", .max = 100, .unit = "%"},
};
static const struct dm_param quality_params[] = {
    {.name = "quality", .type = DM_PARAM_INT, .forms = "N", .max = 100, .unit = ""},
};

static const struct dm_operation operations[] = {
    {.name = "gray", .aliases = "", .summary = "Takes the colour away"},
    {.name = "fill",
     .aliases = "",
     .summary = "Fills a box; small print",
     .params = size_params,
     .param_count = 2},
    {.name = "contrast",
     .aliases = "",
     .summary = "Raises the contrast",
     .params = percent_params,
     .param_count = 1},
    {.name = "jpeg",
     .aliases = "",
     .summary = "Writes JPEG",
     .params = quality_params,
     .param_count = 1},
};

static const struct {
    const char *name, *words;
} cases[] = {
    {"gray", "Takes the colour away"},
    {"fill-1600", "Fills a box: a square of 1600 px"},
    {"fill-x900_gray", "Fills a box: 900 px high; takes the colour away"},
    {"fill-50pct", "Fills a box: 50 percent of what it was"},
    {"gray_fill-400x300-smart", "Takes the colour away; fills a box: 400 x 300 px, smart"},
    {"contrast-2.5_jpeg-85", "Raises the contrast: 2.5 %; writes JPEG: quality 85"},
    {"jpeg", "Writes JPEG"},
};

static void test_words(void) {
    struct dm_catalogue *catalogue = dm_catalogue_new();
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        dm_catalogue_add_operation(catalogue, &operations[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_chain *chain = NULL;
        g_autoptr(GError) error = NULL;
        dm_chain_parse(catalogue, NULL, cases[i].name, &chain, NULL, &error);
        g_assert_no_error(error);
        g_autofree char *words = dm_describe_chain(chain);
        g_assert_cmpstr(words, ==, cases[i].words);
        dm_chain_free(chain);
    }
    dm_catalogue_free(catalogue);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/describe/words", test_words);
    return g_test_run();
}
