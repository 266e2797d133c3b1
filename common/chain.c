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
// rotate-90. And aliases may have several words: color-inversion is tried before color. Arguments
// find their parameters in step.c. The canonical text prints them in the catalogue's order, and is
// its own canonical text.
//
// What the grammar does not take is read as a person would (reading.c). Is every word of it
// accounted for, and nothing guessed, then that is what the name means; a guess is proposed; the
// rest is said in words. The grammar comes first, so that no freer reading changes what it takes.
#include "common/chain.h"

#include "common/error.h"
#include "common/reading.h"
#include "common/spelling.h"
#include "common/step.h"
#include "common/unnamed.h"

#include <string.h>

/** What one parse carries through its recursion into recipes. */
struct parser {
    const struct dm_catalogue *catalogue;
    GHashTable *recipes;  // nullable
    GArray *steps;        // struct dm_step
    GPtrArray *open;      // names of the recipes being expanded
    size_t written_count; // steps of the folder name itself
    bool expanded;        // it is none, but what was made of one
};

static void clear_step(void *data) {
    dm_step_clear(data);
}

static bool add_step(struct parser *parser, const struct dm_operation *operation, const char *word,
                     const char *const *arguments, GError **error) {
    if (parser->steps->len >= DM_CHAIN_MAX_EXPANDED) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "with its recipes this name asks for more than %d things, one after the "
                       "other: that is the most that is done",
                       DM_CHAIN_MAX_EXPANDED);
    }
    struct dm_step step;
    dm_step_init(&step, operation, word);
    bool good = true;
    for (; good && *arguments != NULL; arguments++) {
        good = dm_step_take(&step, *arguments, error);
    }
    if (!good || !dm_step_finish(&step, error)) {
        dm_step_clear(&step);
        return false;
    }
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
        dm_spelling_tidy(text, NULL, &tidy, error) && parse_chain_text(parser, tidy, unused, error);
    g_ptr_array_remove_index(parser->open, parser->open->len - 1);
    if (!good) {
        g_prefix_error(error, "recipe '%s': ", name);
    }
    return good;
}

static bool is_recipe(const struct parser *parser, const char *word) {
    return parser->recipes != NULL && g_hash_table_contains(parser->recipes, word);
}

/** The operation that the first words of @parts name, the longest name first; @ret_used: how many;
 * @ret_word: joined, (transfer full). */
static const struct dm_operation *find_operation(const struct parser *parser, char **parts,
                                                 guint *ret_used, char **ret_word) {
    for (guint used = g_strv_length(parts); used > 0; used--) {
        char *next = parts[used];
        parts[used] = NULL;
        g_autofree char *word = g_strjoinv("-", parts);
        parts[used] = next;
        const struct dm_operation *operation = dm_catalogue_find(parser->catalogue, word);
        if (operation != NULL) {
            *ret_used = used;
            *ret_word = g_steal_pointer(&word);
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

/** Read one step and append its canonical text to @written. */
static bool parse_step(struct parser *parser, const char *segment, GString *written,
                       GError **error) {
    if (is_recipe(parser, segment)) {
        g_string_append(written, segment);
        return expand_recipe(parser, segment, error);
    }
    g_auto(GStrv) parts = g_strsplit(segment, "-", -1);
    guint used = 0;
    g_autofree char *word = NULL;
    const struct dm_operation *operation = find_operation(parser, parts, &used, &word);
    if (operation == NULL) {
        g_autofree char *split = split_glued(parser, segment);
        return split != NULL ? parse_step(parser, split, written, error)
                             : dm_fail(error, DM_ERROR_INPUT, "'%s' is not understood", segment);
    }
    if (!add_step(parser, operation, word, (const char *const *)parts + used, error)) {
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
        bool of_name = parser->open->len == 0 && !parser->expanded;
        if (of_name && ++parser->written_count > DM_CHAIN_MAX_STEPS) {
            return dm_fail(error, DM_ERROR_INPUT,
                           "this name asks for more than %d things, one after the other: that is "
                           "the most that is done at once",
                           DM_CHAIN_MAX_STEPS);
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
}

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

/** Read what is plain: @tidy by the grammar. */
static bool parse_text(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *tidy,
                       struct dm_chain **ret_chain, GError **error) {
    struct parser parser;
    init_parser(&parser, catalogue, recipes);
    bool good = parse_tidy(&parser, tidy, ret_chain, error);
    clear_parser(&parser);
    return good;
}

bool dm_chain_parse_expanded(const struct dm_catalogue *catalogue, const char *expanded,
                             struct dm_chain **ret_chain, GError **error) {
    struct parser parser;
    init_parser(&parser, catalogue, NULL);
    parser.expanded = true;
    bool good = parse_tidy(&parser, expanded, ret_chain, error);
    clear_parser(&parser);
    return good;
}

// ---- what a person meant

/** The words that nobody understood: "'anna', 'mia'". */
static char *list_unknown(const struct dm_reading *reading) {
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < reading->unknown->len; i++) {
        g_string_append_printf(list, "%s'%s'", i > 0 ? ", " : "",
                               (const char *)g_ptr_array_index(reading->unknown, i));
    }
    return g_string_free(list, FALSE);
}

/** Say why a name is not taken, and what would be. @mistake: (nullable) the grammar's word on it.
 */
static void weigh(const struct dm_reading *reading, const struct dm_chain *chain,
                  const GError *mistake, struct dm_advice *advice) {
    bool all = reading->unknown->len == 0 && reading->cannot == NULL;
    advice->understood = chain != NULL && reading->named ? g_strdup(chain->written) : NULL;
    advice->unknown = reading->unknown->len > 0 ? list_unknown(reading) : NULL;
    advice->is_job =
        !all && !reading->named && (reading->unknown->len > 0 || reading->cannot == NULL);
    if (all && chain != NULL) {
        advice->suggestion = g_strdup(chain->written);
    }
    if (reading->cannot != NULL) {
        advice->why = advice->understood != NULL
                          ? g_strdup_printf("%s; the rest is understood as '%s'", reading->cannot,
                                            advice->understood)
                          : g_strdup(reading->cannot);
    } else if (advice->is_job) {
        advice->why = g_strdup("nothing in this name says what shall be done with the pictures");
    } else if (advice->unknown != NULL) {
        advice->why = advice->understood != NULL
                          ? g_strdup_printf("%s is not understood, '%s' is", advice->unknown,
                                            advice->understood)
                          : g_strdup_printf("%s is not understood%s%s", advice->unknown,
                                            mistake != NULL ? "; " : "",
                                            mistake != NULL ? mistake->message : "");
    } else if (reading->misspelt != NULL && chain != NULL) {
        advice->why = g_strdup_printf("'%s' is not understood, did you mean '%s'?",
                                      reading->misspelt, reading->meant);
    } else if (chain != NULL) {
        advice->why = g_strdup_printf("this is perhaps meant as '%s'", chain->written);
    } else {
        advice->why =
            g_strdup(mistake != NULL ? mistake->message
                                     : "this name says nothing that can be done with pictures");
    }
}

/** Read @typed freely: *@ret_chain if that leaves nothing open, else @advice is filled in. */
static bool read_freely(const struct dm_catalogue *catalogue, GHashTable *recipes,
                        const char *typed, struct dm_chain **ret_chain, struct dm_advice *advice) {
    struct dm_reading *reading = dm_reading_new(catalogue, recipes, typed);
    g_autoptr(GError) mistake = NULL;
    struct dm_chain *chain = NULL;
    if (*reading->text != '\0') {
        parse_text(catalogue, recipes, reading->text, &chain, &mistake);
    }
    bool sure =
        chain != NULL && !reading->guessed && reading->unknown->len == 0 && reading->cannot == NULL;
    if (sure) {
        *ret_chain = g_steal_pointer(&chain);
    } else {
        weigh(reading, chain, mistake, advice);
    }
    dm_chain_free(chain);
    dm_reading_free(reading);
    return sure;
}

static bool read_name(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                      struct dm_chain **ret_chain, struct dm_advice *advice) {
    g_autoptr(GError) error = NULL;
    g_autofree char *typed = NULL;
    g_autofree char *tidy = NULL;
    if (dm_name_is_unnamed(name)) {
        advice->why = g_strdup("this folder has no name yet: rename it to what you want done, for "
                               "example resize-1600 or rotate-90");
        return false;
    }
    if (dm_spelling_tidy(name, &typed, &tidy, &error) &&
        parse_text(catalogue, recipes, tidy, ret_chain, &error)) {
        return true;
    }
    if (typed == NULL || g_str_has_prefix(error->message, "recipe ")) { // nobody's spelling
        advice->why = g_strdup(error->message);
        return false;
    }
    return read_freely(catalogue, recipes, typed, ret_chain, advice);
}

// ---- public

bool dm_chain_parse(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                    struct dm_chain **ret_chain, char **ret_suggestion, GError **error) {
    struct dm_advice advice = {0};
    bool good = read_name(catalogue, recipes, name, ret_chain, &advice);
    if (!good) {
        dm_fail(error, DM_ERROR_INPUT, "%s", advice.why);
    }
    if (ret_suggestion != NULL) {
        *ret_suggestion = g_steal_pointer(&advice.suggestion);
    }
    dm_advice_clear(&advice);
    return good;
}

void dm_chain_advise(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                     struct dm_advice *ret) {
    struct dm_chain *chain = NULL;
    *ret = (struct dm_advice){0};
    read_name(catalogue, recipes, name, &chain, ret);
    dm_chain_free(chain);
}

void dm_advice_clear(struct dm_advice *advice) {
    g_clear_pointer(&advice->suggestion, g_free);
    g_clear_pointer(&advice->understood, g_free);
    g_clear_pointer(&advice->unknown, g_free);
    g_clear_pointer(&advice->why, g_free);
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
