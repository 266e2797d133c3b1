// SPDX-License-Identifier: MIT
//
// A walk over the table of operations: descriptors that make sense, defaults and ranges through the
// real parser, what output steps ask of encoders. What operations do to pictures:
// test_ops_pictures.c.
#include "mpi_worker/ops/op.h"

#include "common/error.h"
#include "tests/unit/mpi_worker/op_case.h"

#include <string.h>

static struct dm_catalogue *catalogue;

// ---- descriptors

static const char *const devices[] = {"con", "prn", "aux", "nul"};

static void check_word(GHashTable *seen, const char *word) {
    if (!g_hash_table_add(seen, g_strdup(word))) {
        g_error("'%s' is there twice", word);
    }
    g_assert_true(g_ascii_islower(word[0]));
    g_assert_cmpuint(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen(word));
    for (size_t i = 0; i < G_N_ELEMENTS(devices); i++) {
        g_assert_cmpstr(word, !=, devices[i]);
    }
    g_assert_false((g_str_has_prefix(word, "com") || g_str_has_prefix(word, "lpt")) &&
                   strlen(word) == 4 && g_ascii_isdigit(word[3]));
}

static void test_names(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < count; i++) {
        check_word(seen, ops[i]->info.name);
        g_assert_null(strchr(ops[i]->info.name, '-'));
        g_assert_true(dm_op_find(ops[i]->info.name) == ops[i]);
        g_auto(GStrv) aliases = g_strsplit(ops[i]->info.aliases, " ", -1);
        for (char **alias = aliases; *alias != NULL && **alias != '\0'; alias++) {
            check_word(seen, *alias);
        }
    }
    g_assert_null(dm_op_find("grayscale"));
    g_assert_cmpuint(dm_catalogue_operation_count(catalogue), ==, count);
    g_assert_cmpuint(dm_catalogue_format_count(catalogue), >, 0);
}

/** Lists show the operations under the headings of their groups, in their order. */
static void test_groups(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < count; i++) {
        const char *group = ops[i]->info.group;
        bool begins = g_hash_table_add(seen, (gpointer)group);
        g_assert_true(begins || g_str_equal(group, ops[i - 1]->info.group));
    }
    g_assert_cmpuint(g_hash_table_size(seen), <=, 6);
}

static void test_shapes(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    for (size_t i = 0; i < count; i++) {
        const struct dm_op *op = ops[i];
        bool point = op->info.flags & DM_OP_POINT;
        bool output = op->info.flags & DM_OP_OUTPUT;
        g_assert_cmpint(op->point != NULL, ==, point);
        g_assert_cmpint(op->output != NULL, ==, output);
        g_assert_cmpint(op->apply != NULL, ==, !point && !output);
        g_assert_cmpint(op->params_size > 0, ==, op->info.param_count > 0);
        g_assert_cmpuint(strlen(op->info.summary), >, 5);
        g_assert_false(g_str_has_suffix(op->info.summary, "."));
        for (size_t p = 0; p < op->info.param_count; p++) {
            const struct dm_param *param = &op->info.params[p];
            g_assert_cmpuint(param->offset, <, op->params_size);
            g_assert_true(param->unit != NULL && param->doc != NULL);
            g_assert_false(param->required && param->default_text != NULL);
        }
    }
}

// ---- parameters through the real parser

/** The operation's name, with @value for parameter @index and small ones for required ones. */
static char *step_text(const struct dm_op *op, size_t index, const char *value) {
    GString *text = g_string_new(op->info.name);
    for (size_t i = 0; i < op->info.param_count; i++) {
        const struct dm_param *param = &op->info.params[i];
        const char *form = param->forms;
        if (i == index) {
            g_string_append_printf(text, "-%s", value);
        } else if (param->required) {
            g_string_append(text, g_str_has_prefix(form, "WxH")    ? "-160x90"
                                  : param->type == DM_PARAM_COLOUR ? "-red"
                                  : param->type == DM_PARAM_WORD   ? "-logo"
                                                                   : "-16");
        } else if (i < index && index < op->info.param_count && param->default_text != NULL) {
            g_string_append_printf(text, "-%s", param->default_text); // so that @value is not taken
        }
    }
    return g_string_free(text, FALSE);
}

static void test_defaults_and_examples(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = step_text(ops[i], SIZE_MAX, "");
        g_autofree void *params = params_of(catalogue, text, &error);
        g_assert_no_error(error);
        struct dm_chain *example = parse(catalogue, ops[i]->info.example, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(example->written, ==, ops[i]->info.example);
        g_assert_nonnull(strstr(example->written, ops[i]->info.name));
        dm_chain_free(example);
    }
}

/** What is wrong must be refused with its range by the parser, or by the operation in its own
 * words. */
static void check_refused(const struct dm_op *op, size_t index, double value) {
    const struct dm_param *param = &op->info.params[index];
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", 2);
    char *number = strchr(forms[0], 'N');
    g_autofree char *written = NULL;
    if (param->type == DM_PARAM_SIZE) {
        written = g_strdup_printf("%gx%g", value, value);
    } else {
        written = g_strdup_printf("%.*s%g", (int)(number - forms[0]), forms[0], value);
    }
    g_autofree char *text = step_text(op, index, written);
    g_autofree void *params = params_of(catalogue, text, &error);
    if (params != NULL) {
        g_error("%s was accepted", text);
    }
    g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
    g_autofree char *range = g_strdup_printf("%g to %.10g", param->min, param->max);
    if (strstr(error->message, op->info.name) == NULL ||
        (strstr(error->message, range) == NULL && strstr(error->message, param->name) == NULL)) {
        g_error("%s: the message names not operation and range: %s", text, error->message);
    }
}

static void check_range(const struct dm_op *op, size_t index) {
    const struct dm_param *param = &op->info.params[index];
    double step = param->type == DM_PARAM_NUMBER ? 0.01 : 1;
    if (param->type == DM_PARAM_WORD || param->type == DM_PARAM_COLOUR ||
        g_str_equal(op->info.name, "crop")) {
        return; // words and colours have no range; crop has a test of its own below
    }
    if (param->min > 0) {
        check_refused(op, index, param->min - step);
    }
    check_refused(op, index, param->max + step);
    if (param->odd) {
        check_refused(op, index, param->min + 1);
    }
}

static void test_ranges(void) {
    size_t count;
    const struct dm_op *const *ops = dm_ops(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < ops[i]->info.param_count; p++) {
            check_range(ops[i], p);
        }
    }
}

static const char *const refused[] = {
    "resize",
    "enlarge",
    "fill",
    "crop",
    "rotate-90-around",
    "blur-k4",
    "median-4",
    "crop-8x8-5",
    "crop-8x8-70000-0",
    "crop-0x8",
    "crop-8x8-1-2-north",
    "rotate-361",
    "stretch",
    "stretch-800",
    "square-80x80",
    "trim-256",
    "pad-0",
    "pad-20-30x30",
    "pad-20-smart",
    "pixelate-1",
    "pixelate-1001",
    "srgb-3",
    "jpeg-80-same",
    "avif-lossless",
    "watermark",
    "watermark-50",
    "watermark-nonsense",
    "watermark-logo-smart",
    "watermark-logo-101",
    "gif-11",
};

static void test_refused(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) parts = g_strsplit(refused[i], "-", 2);
        g_autofree void *params = params_of(catalogue, refused[i], &error);
        if (params != NULL) {
            g_error("%s was accepted", refused[i]);
        }
        g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
        g_assert_nonnull(strstr(error->message, parts[0]));
    }
}

static const struct {
    const char *text;
    struct dm_output output;
} outputs[] = {
    {"jpeg", {"jpeg", DM_UNSET_INT, DM_UNSET_INT, false, NULL, false}},
    {"jpeg-80", {"jpeg", 80, DM_UNSET_INT, false, NULL, false}},
    {"png", {"png", DM_UNSET_INT, 2, true, NULL, false}},
    {"png-9", {"png", DM_UNSET_INT, 9, true, NULL, false}},
    {"jpeg-same", {"jpeg", DM_UNSET_INT, DM_UNSET_INT, false, NULL, true}},
    {"png-0", {"png", DM_UNSET_INT, 0, true, NULL, false}},
    {"webp", {"webp", 80, 4, false, NULL, false}},
    {"webp-q60-lossless", {"webp", 60, 4, true, NULL, false}},
    {"webp-e0", {"webp", 80, 0, false, NULL, false}},
    {"avif", {"avif", 75, 3, false, NULL, false}},
    {"avif-80-e6", {"avif", 80, 6, false, NULL, false}},
    {"gif", {"gif", DM_UNSET_INT, 7, false, NULL, false}},
    {"gif-10", {"gif", DM_UNSET_INT, 10, false, NULL, false}},
    {"tiff", {"tiff", DM_UNSET_INT, DM_UNSET_INT, true, "lzw", false}},
    {"tiff-none", {"tiff", DM_UNSET_INT, DM_UNSET_INT, true, "none", false}},
};

static void test_outputs(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(outputs); i++) {
        const struct dm_output *want = &outputs[i].output;
        const struct dm_op *op = dm_op_find(want->format);
        g_autofree void *params = params_of(catalogue, outputs[i].text, NULL);
        struct dm_output got = {0};
        op->output(params, &got);
        g_assert_cmpstr(got.format, ==, want->format);
        g_assert_cmpint(got.quality, ==, want->quality);
        g_assert_cmpint(got.effort, ==, want->effort);
        g_assert_cmpint(got.lossless, ==, want->lossless);
        g_assert_cmpstr(got.compression, ==, want->compression);
        g_assert_true(got.same_quality == want->same_quality);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    if (VIPS_INIT(argv[0]) != 0) {
        return 1;
    }
    load_watermarks();
    catalogue = dm_ops_catalogue();
    g_test_add_func("/ops/names", test_names);
    g_test_add_func("/ops/groups", test_groups);
    g_test_add_func("/ops/shapes", test_shapes);
    g_test_add_func("/ops/defaults_and_examples", test_defaults_and_examples);
    g_test_add_func("/ops/ranges", test_ranges);
    g_test_add_func("/ops/refused", test_refused);
    g_test_add_func("/ops/outputs", test_outputs);
    int failed = g_test_run();
    dm_catalogue_free(catalogue);
    return failed;
}
