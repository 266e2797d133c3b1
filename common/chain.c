// SPDX-License-Identifier: MIT
//
// The grammar of folder names.
//
//   folder = chain [ label ]             the label is cut by spelling.c, which also leaves only
//   chain  = step *( "_" step )          "a-z 0-9 - _ ." (people write blanks, +, &, °, ×, %)
//   step   = recipe / op [ "-" arg *( "-" arg ) ]
//   op     = one lower-case word that never starts with a digit, or one of its aliases
//   arg    = number / WxH / Wx / xH / Npct / word / kN
//
// Three liberties. A segment that starts with a digit belongs to the operation before it: rotate_90
// is rotate-90. A word with digits glued on is split when the whole is no word: rotate90 is
// rotate-90. And aliases may have several words: color-inversion is tried before color. An argument
// goes to the first parameter, in the order of the catalogue, that has no value yet and accepts its
// form; so arguments may come in any order where their forms differ (rotate-left-30). The canonical
// text prints them in the catalogue's order, and is its own canonical text.
#include "common/chain.h"

#include "common/colour.h"
#include "common/error.h"
#include "common/spelling.h"
#include "common/suggest.h"
#include "common/value.h"

#include <string.h>

/** What one parse carries through its recursion into recipes. */
struct parser {
    const struct dm_catalogue *catalogue;
    GHashTable *recipes;   // nullable
    GArray *steps;         // struct dm_step
    GPtrArray *open;       // names of the recipes being expanded
    size_t written_count;  // steps of the folder name itself
    char *bad_word;        // not understood, (transfer full)
    const char *near_word; // instead of it; NULL if there is none
};

// ---- arguments

/** The parameter that must have a value and has none, or NULL. */
static const struct dm_param *missing_param(const struct dm_step *step) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (step->operation->params[i].required && !step->values[i].given) {
            return &step->operation->params[i];
        }
    }
    return NULL;
}

/** The word that a parameter of @step takes and that is nearest to @argument; NULL: none is. */
static const char *nearest_argument(const struct dm_step *step, const char *argument) {
    g_autoptr(GString) words = g_string_new(NULL);
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        if (!step->values[i].given && param->type == DM_PARAM_WORD) {
            g_string_append_printf(words, "%s ", param->forms);
        } else if (!step->values[i].given && param->type == DM_PARAM_COLOUR) {
            g_autofree char *names = dm_colour_names();
            g_string_append_printf(words, "%s ", g_strdelimit(names, ",", ' '));
        }
    }
    g_auto(GStrv) candidates = g_strsplit_set(words->str, " ", -1);
    const char *near =
        dm_nearest(argument, (const char *const *)candidates, g_strv_length(candidates));
    return near != NULL && *near != '\0' ? g_intern_string(near) : NULL;
}

/** Say what could have stood there: above all what must. */
static bool refuse_argument(const struct dm_step *step, const char *argument, GError **error) {
    const struct dm_operation *operation = step->operation;
    const struct dm_param *missing = missing_param(step);
    if (operation->param_count == 0) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "%s: '%s' is one thing too many, expected no argument", operation->name,
                       argument);
    }
    GString *expected = g_string_new(NULL);
    for (size_t i = 0; i < operation->param_count; i++) {
        const struct dm_param *param = &operation->params[i];
        if (missing == NULL || missing == param) {
            g_autofree char *one = dm_param_expected(param);
            g_string_append_printf(expected, "%s%s: %s", expected->len > 0 ? "; " : "", param->name,
                                   one);
        }
    }
    const char *near = nearest_argument(step, argument);
    g_autofree char *meant = near != NULL ? g_strdup_printf(" (did you mean '%s'?)", near) : NULL;
    dm_fail(error, DM_ERROR_INPUT, "%s: '%s' is not understood%s, expected %s", operation->name,
            argument, meant != NULL ? meant : "", expected->str);
    g_string_free(expected, TRUE);
    return false;
}

/** Give @argument to the first parameter without a value that accepts its form. */
static bool take_argument(const struct dm_step *step, const char *argument, GError **error) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        const char *why = NULL;
        if (step->values[i].given) {
            continue;
        }
        enum dm_match match = dm_value_parse(param, argument, &step->values[i], &why);
        if (match == DM_MATCH_FITS) {
            return true;
        }
        if (match == DM_MATCH_WRONG) {
            g_autofree char *expected = dm_param_expected(param);
            return dm_fail(error, DM_ERROR_INPUT, "%s: %s '%s' %s, expected %s",
                           step->operation->name, param->name, argument, why, expected);
        }
    }
    return refuse_argument(step, argument, error);
}

/** Fill a value that was not given: the default, or an error when it is required. */
static bool take_default(const struct dm_step *step, size_t index, GError **error) {
    const struct dm_param *param = &step->operation->params[index];
    struct dm_value *value = &step->values[index];
    if (param->required) {
        g_autofree char *expected = dm_param_expected(param);
        return dm_fail(error, DM_ERROR_INPUT, "%s: its %s is missing, expected %s, for example %s",
                       step->operation->name, param->name, expected, step->operation->example);
    }
    if (param->default_text != NULL) {
        const char *why;
        enum dm_match match = dm_value_parse(param, param->default_text, value, &why);
        g_assert(match == DM_MATCH_FITS);
        value->given = false;
    }
    return true;
}

static bool take_defaults(const struct dm_step *step, GError **error) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (!step->values[i].given && !take_default(step, i, error)) {
            return false;
        }
    }
    return true;
}

static char *print_step(const struct dm_step *step) {
    GString *text = g_string_new(step->operation->name);
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (step->values[i].given) {
            g_autofree char *value = dm_value_print(&step->operation->params[i], &step->values[i]);
            g_string_append_printf(text, "-%s", value);
        }
    }
    return g_string_free(text, FALSE);
}

static void clear_step(void *data) {
    struct dm_step *step = data;
    g_free(step->values);
    g_free(step->text);
}

/** What is no argument may be meant as the next step ("rotate-90-gray"), or be misspelt. */
static void suggest_argument(struct parser *parser, const struct dm_step *step,
                             const char *argument) {
    bool is_step = dm_catalogue_find(parser->catalogue, argument) != NULL;
    const char *near = is_step ? argument : nearest_argument(step, argument);
    if (near != NULL) {
        g_autofree char *joined = g_strconcat(is_step ? "_" : "-", near, NULL);
        g_free(parser->bad_word);
        parser->bad_word = g_strconcat("-", argument, NULL);
        parser->near_word = g_intern_string(joined);
    }
}

static bool add_step(struct parser *parser, const struct dm_operation *operation,
                     const char *const *arguments, GError **error) {
    if (parser->steps->len >= DM_CHAIN_MAX_EXPANDED) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "folder name: it has too many steps, expected at most %d",
                       DM_CHAIN_MAX_EXPANDED);
    }
    struct dm_step step = {.operation = operation,
                           .values = g_new0(struct dm_value, operation->param_count + 1)};
    for (; *arguments != NULL; arguments++) {
        if (!take_argument(&step, *arguments, error)) {
            suggest_argument(parser, &step, *arguments);
            clear_step(&step);
            return false;
        }
    }
    if (!take_defaults(&step, error)) {
        clear_step(&step);
        return false;
    }
    step.text = print_step(&step);
    g_array_append_val(parser->steps, step);
    return true;
}

// ---- steps

static bool parse_chain_text(struct parser *parser, const char *tidy, GString *written,
                             GError **error);

static bool expand_recipe(struct parser *parser, const char *name, GError **error) {
    for (guint i = 0; i < parser->open->len; i++) {
        if (strcmp(g_ptr_array_index(parser->open, i), name) == 0) {
            return dm_fail(error, DM_ERROR_INPUT, "it contains itself");
        }
    }
    const char *text = g_hash_table_lookup(parser->recipes, name);
    g_autofree char *tidy = NULL;
    g_autoptr(GString) unused = g_string_new(NULL);
    g_ptr_array_add(parser->open, (gpointer)name);
    bool good =
        dm_spelling_tidy(text, &tidy, error) && parse_chain_text(parser, tidy, unused, error);
    g_ptr_array_remove_index(parser->open, parser->open->len - 1);
    if (!good) {
        g_prefix_error(error, "recipe '%s': ", name);
    }
    return good;
}

static bool is_recipe(const struct parser *parser, const char *word) {
    return parser->recipes != NULL && g_hash_table_contains(parser->recipes, word);
}

/** The operation that the first words of @parts name, the longest name first; @ret_used: how many.
 */
static const struct dm_operation *find_operation(const struct parser *parser, char **parts,
                                                 guint *ret_used) {
    for (guint used = g_strv_length(parts); used > 0; used--) {
        char *next = parts[used];
        parts[used] = NULL;
        g_autofree char *word = g_strjoinv("-", parts);
        parts[used] = next;
        const struct dm_operation *operation = dm_catalogue_find(parser->catalogue, word);
        if (operation != NULL) {
            *ret_used = used;
            return operation;
        }
    }
    return NULL;
}

/** "rotate90" -> "rotate-90", when "rotate" is an operation; else NULL. */
static char *split_glued(const struct parser *parser, const char *segment) {
    size_t letters = strspn(segment, "abcdefghijklmnopqrstuvwxyz");
    g_autofree char *word = g_strndup(segment, letters);
    if (!g_ascii_isdigit(segment[letters]) || dm_catalogue_find(parser->catalogue, word) == NULL) {
        return NULL;
    }
    return g_strconcat(word, "-", segment + letters, NULL);
}

static bool refuse_word(struct parser *parser, const char *segment, GError **error) {
    g_free(g_steal_pointer(&parser->bad_word));
    parser->near_word = dm_suggest(parser->catalogue, parser->recipes, segment, &parser->bad_word);
    if (parser->near_word != NULL) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "step '%s': there is no operation '%s', did you mean '%s'?", segment,
                       parser->bad_word, parser->near_word);
    }
    return dm_fail(error, DM_ERROR_INPUT, "step '%s': there is no operation '%.*s'", segment,
                   (int)strcspn(segment, "-"), segment);
}

/** Read one step and append its canonical text to @written. */
static bool parse_step(struct parser *parser, const char *segment, GString *written,
                       GError **error) {
    if (is_recipe(parser, segment)) {
        g_string_append(written, segment);
        return expand_recipe(parser, segment, error);
    }
    g_auto(GStrv) parts = g_strsplit(segment, "-", -1);
    guint used = 0;
    const struct dm_operation *operation = find_operation(parser, parts, &used);
    if (operation == NULL) {
        g_autofree char *split = split_glued(parser, segment);
        return split != NULL ? parse_step(parser, split, written, error)
                             : refuse_word(parser, segment, error);
    }
    if (!add_step(parser, operation, (const char *const *)parts + used, error)) {
        return false;
    }
    g_string_append(written,
                    g_array_index(parser->steps, struct dm_step, parser->steps->len - 1).text);
    return true;
}

/** Say whether @segment, found behind a "_", is an argument of the step before it. */
static bool belongs_to_previous(const struct parser *parser, const char *segment) {
    if (g_ascii_isdigit(*segment) || *segment == '.') {
        return true;
    }
    bool lettered = strchr("kqx", *segment) != NULL && g_ascii_isdigit(segment[1]);
    return lettered && !is_recipe(parser, segment);
}

/** " and " joins steps, but also belongs to a name: "black and white". */
static bool is_name_with_and(const struct parser *parser, const char *first, const char *second) {
    g_autofree char *name = g_strconcat(first, "-and-", second, NULL);
    return dm_catalogue_find(parser->catalogue, name) != NULL;
}

static bool parse_chain_text(struct parser *parser, const char *tidy, GString *written,
                             GError **error) {
    g_auto(GStrv) segments = g_strsplit(tidy, "_", -1);
    for (char **segment = segments; *segment != NULL;) {
        g_autoptr(GString) step = g_string_new(*segment++);
        if (*segment != NULL && is_name_with_and(parser, step->str, *segment)) {
            g_string_append_printf(step, "-and-%s", *segment++);
        }
        while (*segment != NULL && belongs_to_previous(parser, *segment)) {
            g_string_append_printf(step, "-%s", *segment++);
        }
        if (parser->open->len == 0 && ++parser->written_count > DM_CHAIN_MAX_STEPS) {
            return dm_fail(error, DM_ERROR_INPUT,
                           "folder name: it has more than %d steps, expected at most %d",
                           DM_CHAIN_MAX_STEPS, DM_CHAIN_MAX_STEPS);
        }
        if (written->len > 0) {
            g_string_append_c(written, '_');
        }
        if (!parse_step(parser, step->str, written, error)) {
            return false;
        }
    }
    return true;
}

// ---- suggestions

/** Put @near in the place of the first @bad in @tidy; (transfer full). */
static char *replace_word(const char *tidy, const char *bad, const char *near) {
    const char *at = strstr(tidy, bad);
    g_assert(at != NULL);
    g_autofree char *head = g_strndup(tidy, (size_t)(at - tidy));
    return g_strconcat(head, near, at + strlen(bad), NULL);
}

static bool parse_tidy(struct parser *parser, const char *tidy, struct dm_chain **ret_chain,
                       GError **error);

static void init_parser(struct parser *parser, const struct dm_catalogue *catalogue,
                        GHashTable *recipes) {
    *parser = (struct parser){.catalogue = catalogue,
                              .recipes = recipes,
                              .steps = g_array_new(FALSE, TRUE, sizeof(struct dm_step)),
                              .open = g_ptr_array_new()};
    g_array_set_clear_func(parser->steps, clear_step);
}

static void clear_parser(struct parser *parser) {
    if (parser->steps != NULL) {
        g_array_unref(parser->steps);
    }
    g_ptr_array_unref(parser->open);
    g_free(parser->bad_word);
}

/** Mend one word after the other until the name is understood; NULL if that leads nowhere. */
static char *suggest(const struct parser *failed, const char *tidy) {
    g_autofree char *text = g_strdup(tidy);
    g_autofree char *bad = g_strdup(failed->bad_word);
    const char *near = failed->near_word;
    char *suggestion = NULL;
    for (int i = 0; i < DM_CHAIN_MAX_STEPS && near != NULL && strstr(text, bad) != NULL; i++) {
        char *replaced = replace_word(text, bad, near);
        g_free(text);
        text = replaced;
        struct parser parser;
        struct dm_chain *chain = NULL;
        init_parser(&parser, failed->catalogue, failed->recipes);
        if (parse_tidy(&parser, text, &chain, NULL)) {
            suggestion = g_strdup(chain->written);
            dm_chain_free(chain);
        }
        near = suggestion == NULL ? parser.near_word : NULL;
        g_free(bad);
        bad = g_steal_pointer(&parser.bad_word);
        clear_parser(&parser);
    }
    return suggestion;
}

// ---- public

static bool parse_tidy(struct parser *parser, const char *tidy, struct dm_chain **ret_chain,
                       GError **error) {
    g_autoptr(GString) written = g_string_new(NULL);
    if (!parse_chain_text(parser, tidy, written, error)) {
        return false;
    }
    struct dm_chain *chain = g_new0(struct dm_chain, 1);
    GString *expanded = g_string_new(NULL);
    chain->step_count = parser->steps->len;
    for (size_t i = 0; i < chain->step_count; i++) {
        g_string_append_printf(expanded, "%s%s", i > 0 ? "_" : "",
                               g_array_index(parser->steps, struct dm_step, i).text);
    }
    chain->expanded = g_string_free(expanded, FALSE);
    chain->written = g_strdup(written->str);
    g_array_set_clear_func(parser->steps, NULL); // the steps are the chain's from here
    chain->steps = (struct dm_step *)(void *)g_array_free(parser->steps, FALSE);
    parser->steps = NULL;
    *ret_chain = chain;
    return true;
}

bool dm_chain_parse(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                    struct dm_chain **ret_chain, char **ret_suggestion, GError **error) {
    if (ret_suggestion != NULL) {
        *ret_suggestion = NULL;
    }
    g_autofree char *tidy = NULL;
    if (!dm_spelling_tidy(name, &tidy, error)) {
        return false;
    }
    struct parser parser;
    init_parser(&parser, catalogue, recipes);
    bool good = parse_tidy(&parser, tidy, ret_chain, error);
    if (!good && ret_suggestion != NULL && parser.near_word != NULL) {
        *ret_suggestion = suggest(&parser, tidy);
    }
    clear_parser(&parser);
    return good;
}

void dm_chain_free(struct dm_chain *chain) {
    if (chain == NULL) {
        return;
    }
    for (size_t i = 0; i < chain->step_count; i++) {
        clear_step(&chain->steps[i]);
    }
    g_free(chain->steps);
    g_free(chain->written);
    g_free(chain->expanded);
    g_free(chain);
}
