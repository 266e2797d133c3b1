// SPDX-License-Identifier: MIT
//
// The grammar of folder names: every row of the product's table, every liberty, every refusal; and
// that the canonical text is its own canonical text, over 20,000 generated names.
#include "common/chain.h"
#include "common/spelling.h"

#include "common/error.h"
#include "tests/unit/common/small_catalogue.h"

#include <string.h>

static struct dm_catalogue *catalogue;
static GHashTable *recipes;

static void add_recipe(const char *name, const char *text) {
    g_hash_table_insert(recipes, g_strdup(name), g_strdup(text));
}

static const struct {
    const char *typed, *written, *expanded; // expanded NULL: the same
} understood[] = {
    // the product's table
    {"Blur 2,5", "blur-2.5", NULL},
    {"Rotate 90°", "rotate-90", NULL},
    {"rotate_90", "rotate-90", NULL},
    {"Rotate 90 + Resize 1600", "rotate-90_resize-1600", NULL},
    {"Grayscale", "gray", NULL},
    {"blur-5 (Anna)", "blur-5", NULL},
    {"blur-5 - Copy", "blur-5", NULL},
    {"resize 800 x 600", "resize-800x600", NULL},
    {"Resize 50%", "resize-50pct", NULL},
    {"Resize 1600 then Sharpen", "resize-1600_sharpen", NULL},
    {"gray_blur-3_jpeg-80", "gray_blur-3_jpeg-80", NULL},
    {"web-large_gray", "web-large_gray", "resize-2048_jpeg-82_gray"},
    // spellings
    {"rotate90", "rotate-90", NULL},
    {"ROTATE-90", "rotate-90", NULL},
    {"rotate 090", "rotate-90", NULL},
    {"rotate 90 degrees", "rotate-90", NULL},
    {"rotate-30-left-keep", "rotate-30-left-keep", NULL},
    {"rotate left keep 30", "rotate-30-left-keep", NULL},
    {"rotate", "rotate", NULL},
    {"resize 1600 px", "resize-1600", NULL},
    {"resize 1600x", "resize-1600x", NULL},
    {"resize x 900", "resize-x900", NULL},
    {"resize_x900", "resize-x900", NULL},
    {"resize800×600", "resize-800x600", NULL},
    {"Resize 50 percent", "resize-50pct", NULL},
    {"darken 10 %", "darken-10", NULL},
    {"blur k15", "blur-k15", NULL},
    {"blur", "blur", NULL},
    {"blur-.5", "blur-0.5", NULL},
    {"jpeg-q80", "jpeg-80", NULL},
    {"jpg 80", "jpeg-80", NULL},
    {"Color Inversion", "invert", NULL},
    {"color_inversion", "invert", NULL},
    {"Black and White", "gray", NULL},
    {"black and white and invert", "gray_invert", NULL},
    {"color-inversion & gray", "invert_gray", NULL},
    {"gray and invert", "gray_invert", NULL},
    {"crop 800x600 10 20", "crop-800x600-10-20", NULL},
    {"crop-800x600-north", "crop-800x600-north", NULL},
    {"convert to jpeg", "jpeg", NULL},
    {"gray and save as jpeg 80", "gray_jpeg-80", NULL},
    {"resize.1600", "resize-1600", NULL},
    {"gray.", "gray", NULL},
    {"gray!", "gray", NULL},
    // free reading
    {"rotate-90-gray", "rotate-90_gray", NULL},
    {"resize longest side 1600", "resize-1600", NULL},
    {"1600px, b&w", "resize-1600_gray", NULL},
    {"fit 800x600", "fit-800x600", NULL}, // the name that it has kept
    {"fit-800x600", "fit-800x600", NULL},
    {"pad 5 Red", "pad-5-red", NULL},
    {"pad-FF0000", "pad-red", NULL},
    {"pad-5-012345", "pad-5-012345", NULL},
    {"pad-transparent", "pad-transparent", NULL},
    {"tint-ff8800", "tint-ff8800", NULL},
    {"tint_ff8800", "tint-ff8800", NULL},
    {"tint_0f8800", "tint-0f8800", NULL},
    {"  gray  ", "gray", NULL},
    {"__gray__", "gray", NULL},
    // labels
    {"gray (2)", "gray", NULL},
    {"gray (Anna) (2)", "gray", NULL},
    {"gray - Copy (2)", "gray", NULL},
    {"gray copy", "gray", NULL},
    {"gray copy 2", "gray", NULL},
    {"gray - Kopie", "gray", NULL},
    {"copy", "copy", NULL},
    {"copy - Copy", "copy", NULL},
    {"gray then copy", "gray_copy", NULL},
    {"gray + copy", "gray_copy", NULL},
    // recipes
    {"Web Large", "web-large", "resize-2048_jpeg-82"},
    {"outer", "outer", "resize-2048_jpeg-82_gray"},
};

static void test_understood(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(understood); i++) {
        struct dm_chain *chain = NULL;
        GError *error = NULL;
        bool good = dm_chain_parse(catalogue, recipes, understood[i].typed, &chain, NULL, &error);
        g_test_message("%s: %s", understood[i].typed, good ? chain->written : error->message);
        g_assert_cmpstr(good ? chain->written : NULL, ==, understood[i].written);
        if (good) {
            const char *expanded = understood[i].expanded;
            g_assert_cmpstr(chain->expanded, ==, expanded ? expanded : understood[i].written);
        }
        dm_chain_free(chain);
        g_clear_error(&error);
    }
}

static const struct {
    const char *typed, *message, *suggestion; // message: a part of it
} refused[] = {
    {"rotat-90", "did you mean 'rotate'?", "rotate-90"},
    {"rotat90", "did you mean 'rotate'?", "rotate-90"},
    {"rotat-90_shrpen", "did you mean 'rotate'?", "rotate-90_sharpen"},
    {"greyscal", "did you mean 'greyscale'?", "gray"},
    {"colour inversion", "did you mean 'color'?", "invert"},
    {"web-larg_gray", "did you mean 'web-large'?", "web-large_gray"},
    {"crop-10x10-nort", "'nort' is not understood, did you mean 'north'?", "crop-10x10-north"},
    {"tint-yelow", "did you mean 'yellow'?", "tint-yellow"},
    {"sharpen-stong", "did you mean 'strong'?", "sharpen-strong"},
    {"tint-transparent", "'transparent' is not understood", NULL},
    {"tint-ff880", "'ff' is not understood", NULL},
    {"tint", "tint: its colour is missing", NULL},
    {"rotate -90", "negative number: '-90'", NULL},
    {"rotate--90", "negative number: '-90'", NULL},
    {"rotate - 90", "negative number", NULL},
    {"rotate −90", "negative number", NULL},
    {"darken_-10", "negative number: '-10'", NULL},
    {"rotate-400", "rotate-400: takes 0 to 360 degrees", NULL},
    {"median-4", "median-4: takes 3 to 255 pixels, in odd numbers", NULL},
    {"median-2.5", "median-2.5: takes 3 to 255 pixels, in odd numbers", NULL},
    {"blur-0", "blur-0: takes 0.1 to 100 pixels", NULL},
    {"blur-k4", "blur-k4: takes the letter k and 1 to 255 pixels, in odd numbers", NULL},
    {"resize", "resize: its size is missing", NULL},
    {"resize-0", "resize-0: takes a size such as 1600, 1600x1200, 1600x, x1200 or 50pct", NULL},
    {"resize-70000x5", "with 1 to 65535 pixels a side", NULL},
    {"resize-2000pct", "resize-2000pct: takes 1 to 1000 percent", NULL},
    {"gray-5", "gray: '5' is one thing too many", NULL},
    {"rotate-90-91", "'91' is not understood", NULL},
    {"sharpen-soft-soft", "'soft' is not understood", NULL},
    {"sharpen-hard", "'hard' is not understood", NULL},
    {"holiday pictures", "nothing in this name says", NULL},
    {"gray\nblur", "a control character' has no meaning", NULL},
    {"gr\xff"
     "ay",
     "not readable as text", NULL},
    {"", "says nothing that can be done", NULL},
    {"()", "says nothing that can be done", NULL},
    {"90", "a number alone says too little", NULL},
    {"gray_gray_gray_gray_gray_gray_gray_gray_gray", "more than 8 things", NULL},
    {"circle", "recipe 'circle': it contains itself", NULL},
    {"blur-1234567890", "is not understood", NULL},
};

static void test_refused(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct dm_chain *chain = NULL;
        char *suggestion = NULL;
        GError *error = NULL;
        bool good =
            dm_chain_parse(catalogue, recipes, refused[i].typed, &chain, &suggestion, &error);
        g_test_message("%s: %s (%s)", refused[i].typed, good ? chain->written : error->message,
                       suggestion);
        g_assert_false(good);
        g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
        g_assert_nonnull(strstr(error->message, refused[i].message));
        g_assert_cmpstr(suggestion, ==, refused[i].suggestion);
        g_free(suggestion);
        g_error_free(error);
    }
}

static void test_too_long(void) {
    g_autofree char *name = g_strnfill(DM_SPELLING_MAX_LENGTH + 1, 'a');
    GError *error = NULL;
    g_assert_false(dm_chain_parse(catalogue, NULL, name, NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "at most 100 work"));
    g_error_free(error);
    g_autofree char *labelled = g_strdup_printf("gray (%s)", name);
    struct dm_chain *chain = NULL;
    g_assert_true(dm_chain_parse(catalogue, NULL, labelled, &chain, NULL, NULL));
    dm_chain_free(chain);
}

/** Put a name together from pieces that people and machines might type. */
static void generate(GRand *random, GString *name) {
    static const char *const pieces[] = {"rotate",
                                         "blur",
                                         "gray",
                                         "resize",
                                         "median",
                                         "crop",
                                         "web-large",
                                         "sharpen",
                                         "jpeg",
                                         "darken",
                                         "Rotate",
                                         " ",
                                         "-",
                                         "_",
                                         "+",
                                         "&",
                                         " then ",
                                         " and ",
                                         "90",
                                         "2,5",
                                         "800x600",
                                         "x900",
                                         "1600x",
                                         "50%",
                                         "k15",
                                         "q80",
                                         "left",
                                         "keep",
                                         "strong",
                                         "°",
                                         " px",
                                         " (Anna)",
                                         " - Copy",
                                         "5",
                                         ".5",
                                         "-3",
                                         "×",
                                         "é",
                                         "center",
                                         "10 20",
                                         "negative",
                                         "copy",
                                         "color inversion"};
    g_string_truncate(name, 0);
    for (int count = g_rand_int_range(random, 1, 9); count > 0; count--) {
        g_string_append(name, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
    }
}

// A sanitizer looks at each allocation, of which a name makes many.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NAMES 2000
#else
#define NAMES 20000
#endif

static void test_idempotent(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_autoptr(GString) name = g_string_new(NULL);
    int understood_count = 0;
    for (int i = 0; i < NAMES; i++) {
        generate(random, name);
        struct dm_chain *first = NULL, *second = NULL, *travelled = NULL;
        char *suggestion = NULL;
        if (dm_chain_parse(catalogue, recipes, name->str, &first, &suggestion, NULL)) {
            understood_count++;
            g_assert_true(dm_chain_parse(catalogue, recipes, first->written, &second, NULL, NULL));
            g_assert_cmpstr(first->written, ==, second->written);
            g_assert_true(dm_chain_parse(catalogue, NULL, first->expanded, &travelled, NULL, NULL));
            g_assert_cmpstr(first->expanded, ==, travelled->expanded);
        } else if (suggestion != NULL) { // what we tell people to type must work
            g_assert_true(dm_chain_parse(catalogue, recipes, suggestion, &first, NULL, NULL));
        }
        g_free(suggestion);
        dm_chain_free(first);
        dm_chain_free(second);
        dm_chain_free(travelled);
    }
    g_test_message("%d of %d understood", understood_count, NAMES);
    g_assert_cmpint(understood_count, >, NAMES / 20);
}

static void test_random_bytes(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    for (int i = 0; i < NAMES; i++) {
        char name[40] = {0};
        int length = g_rand_int_range(random, 0, 39);
        for (int j = 0; j < length; j++) {
            name[j] = (char)g_rand_int_range(random, 1, 256);
        }
        struct dm_chain *chain = NULL;
        GError *error = NULL;
        if (!dm_chain_parse(catalogue, recipes, name, &chain, NULL, &error)) {
            g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
            g_assert_true(g_utf8_validate(error->message, -1, NULL));
        }
        g_clear_error(&error);
        dm_chain_free(chain);
    }
}

static void test_values(void) {
    struct dm_chain *chain = NULL;
    g_assert_true(
        dm_chain_parse(catalogue, NULL, "rotate-30-left_blur_resize-x900", &chain, NULL, NULL));
    g_assert_cmpuint(chain->step_count, ==, 3);
    g_assert_cmpfloat(chain->steps[0].values[0].number, ==, 30);
    g_assert_cmpint(chain->steps[0].values[1].word, ==, 1);
    g_assert_true(chain->steps[0].values[2].set && !chain->steps[0].values[2].given);
    g_assert_false(chain->steps[1].values[0].set);
    g_assert_cmpfloat(chain->steps[1].values[1].number, ==, 15);
    g_assert_cmpint(chain->steps[2].values[0].size.height_px, ==, 900);
    g_assert_cmpint(chain->steps[2].values[0].size.width_px, ==, 0);
    dm_chain_free(chain);
}

/** What recipes make of a name may be longer than a name. */
static void test_expanded(void) {
    GString *text = g_string_new("resize-1600");
    for (int i = 1; i < DM_CHAIN_MAX_EXPANDED; i++) {
        g_string_append(text, "_blur-2.5");
    }
    struct dm_chain *chain = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_false(dm_chain_parse(catalogue, NULL, text->str, &chain, NULL, NULL));
    g_assert_true(dm_chain_parse_expanded(catalogue, text->str, &chain, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(chain->step_count, ==, DM_CHAIN_MAX_EXPANDED);
    g_assert_cmpstr(chain->expanded, ==, text->str);
    dm_chain_free(chain);
    g_string_append(text, "_gray");
    g_assert_false(dm_chain_parse_expanded(catalogue, text->str, &chain, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
    g_assert_false(dm_chain_parse_expanded(catalogue, "Blur 2,5 please", &chain, NULL));
    g_string_free(text, TRUE);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    catalogue = dm_catalogue_parse(small_catalogue, NULL);
    recipes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    add_recipe("web-large", "resize 2048 + jpeg 82");
    add_recipe("outer", "web-large_gray");
    add_recipe("circle", "gray_circle");
    g_test_add_func("/chain/understood", test_understood);
    g_test_add_func("/chain/refused", test_refused);
    g_test_add_func("/chain/too-long", test_too_long);
    g_test_add_func("/chain/values", test_values);
    g_test_add_func("/chain/expanded", test_expanded);
    g_test_add_func("/chain/idempotent", test_idempotent);
    g_test_add_func("/chain/random-bytes", test_random_bytes);
    int status = g_test_run();
    g_hash_table_unref(recipes);
    dm_catalogue_free(catalogue);
    return status;
}
