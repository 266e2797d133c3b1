// SPDX-License-Identifier: MIT
//
// Names of folders as people type them (tests/names/*.tsv): of each list at least 95 of 100 are
// understood, proposed, or answered as is written there. Kinds: read, suggest, either; move and
// refuse, where nothing may be proposed and the text mentions one of the words.
#include "common/chain.h"
#include "common/words.h"
#include "mpi_worker/ops/op.h"

#include <glib.h>
#include <string.h>

enum { LEAST_PERCENT = 95 };

static const char *const lists[] = {"tests/names/typed.tsv", "tests/names/more.tsv"};

static struct dm_catalogue *catalogue;
static GHashTable *recipes;

/** One name and what became of it. */
struct name {
    const char *typed;
    const char *kind;
    char **wanted;
    char *read;
    struct dm_advice advice;
};

/** The values of @step in the words of one meaning: a quarter to the left is three to the right. */
static char *meaning_of(const struct dm_step *step) {
    g_autofree char *text = g_strdup(step->text);
    static const struct {
        const char *from, *to;
    } same[] = {{"-counterclockwise", "-left"},
                {"-clockwise", ""},
                {"-right", ""},
                {"rotate-270", "rotate-left"},
                {"rotate-90-left", "rotate-left"},
                {"rotate-90", "rotate"},
                {"rotate-180", "rotate-around"},
                {"fit-", "resize-"},
                {"enlarge-200pct", "resize-200pct"},
                {"enlarge-50pct", "resize-50pct"},
                {"pad-20", "pad"},
                {"-center", ""}};
    for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
        if (g_str_has_suffix(text, same[i].from) ||
            (g_str_has_suffix(same[i].from, "-") && g_str_has_prefix(text, same[i].from))) {
            g_auto(GStrv) parts = g_strsplit(text, same[i].from, 2);
            g_free(text);
            text = g_strjoinv(same[i].to, parts);
        }
    }
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const char *plain = step->operation->params[i].default_text;
        g_autofree char *tail = plain != NULL ? g_strconcat("-", plain, NULL) : g_strdup("\n");
        if (g_str_has_suffix(text, tail)) {
            text[strlen(text) - strlen(tail)] = '\0';
        }
    }
    return g_steal_pointer(&text);
}

/** The meaning of @name; NULL: it has none. */
static char *read_name(const char *name) {
    struct dm_chain *chain = NULL;
    if (!dm_chain_parse(catalogue, recipes, name, &chain, NULL, NULL)) {
        return NULL;
    }
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < chain->step_count; i++) {
        g_autofree char *step = meaning_of(&chain->steps[i]);
        g_string_append_printf(text, "%s%s", i > 0 ? "_" : "", step);
    }
    dm_chain_free(chain);
    return g_string_free(text, FALSE);
}

static bool is_wanted(const struct name *name, const char *found) {
    for (char **wanted = name->wanted; found != NULL && *wanted != NULL; wanted++) {
        g_autofree char *meant = read_name(*wanted);
        g_assert_nonnull(meant);
        if (strcmp(meant, found) == 0) {
            return true;
        }
    }
    return false;
}

static bool mentions(const struct name *name) {
    g_autofree char *text = g_utf8_strdown(name->advice.why, -1);
    for (char **wanted = name->wanted; *wanted != NULL; wanted++) {
        if (strstr(text, *wanted) != NULL || strstr(name->typed, *wanted) != NULL ||
            (strcmp(*wanted, "move") == 0 && name->advice.is_job)) {
            return true;
        }
    }
    return false;
}

static bool is_right(const struct name *name) {
    g_autofree char *proposed =
        name->advice.suggestion != NULL ? read_name(name->advice.suggestion) : NULL;
    if (strcmp(name->kind, "read") == 0) {
        return is_wanted(name, name->read);
    }
    if (strcmp(name->kind, "suggest") == 0) {
        return is_wanted(name, proposed);
    }
    if (strcmp(name->kind, "either") == 0) {
        return is_wanted(name, name->read != NULL ? name->read : proposed);
    }
    return name->read == NULL && proposed == NULL && mentions(name);
}

static bool check(char **columns) {
    struct name name = {.typed = columns[0],
                        .kind = columns[1],
                        .wanted = g_strsplit(columns[2], "|", -1),
                        .read = read_name(columns[0])};
    dm_chain_advise(catalogue, recipes, columns[0], &name.advice);
    bool right = is_right(&name);
    if (!right) {
        g_test_message("'%s' (%s %s): read as %s, proposed %s, %s", name.typed, name.kind,
                       columns[2], name.read, name.advice.suggestion, name.advice.why);
    }
    g_strfreev(name.wanted);
    g_free(name.read);
    dm_advice_clear(&name.advice);
    return right;
}

/** What a person is told needs no manual. */
static void check_plain(const char *name) {
    static const char *const jargon[] = {"argument", "expected", " step", "out of range"};
    struct dm_advice advice;
    dm_chain_advise(catalogue, recipes, name, &advice);
    for (size_t i = 0; i < G_N_ELEMENTS(jargon); i++) {
        g_test_message("'%s': %s", name, advice.why);
        g_assert_null(strstr(advice.why != NULL ? advice.why : "", jargon[i]));
    }
    dm_advice_clear(&advice);
}

static void test_plain(void) {
    static const char *const typed[] = {
        "rotate-500",
        "resize 8",
        "jpeg-500",
        "median-4",
        "blur-k4",
        "crop",
        "tint",
        "gray 5",
        "rotate -90",
        "sharpen-hard",
        "pad 2.5",
        "resize-2000pct",
        "crop 100x100 nort",
        "?",
        "",
        "gray_gray_gray_gray_gray_gray_gray_gray_gray",
        "watermark",
        "tint-transparent",
        "*/",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(typed); i++) {
        check_plain(typed[i]);
    }
}

static void test_list(gconstpointer data) {
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(data, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    int right = 0, count = 0;
    for (char **line = lines + 1; *line != NULL; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "\t", -1);
        g_assert_cmpuint(g_strv_length(columns), ==, 3);
        right += check(columns);
        check_plain(columns[0]);
        count++;
    }
    g_test_message("%d of %d", right, count);
    g_assert_cmpint(count, >, 100);
    g_assert_cmpint(right * 100, >=, count * LEAST_PERCENT);
}

/** A phrase has one row, and what a row stands for is understood. */
static void test_words(void) {
    size_t count;
    const struct dm_word *words = dm_words(&count);
    for (size_t i = 0; i < count; i++) {
        g_auto(GStrv) phrases = g_strsplit(words[i].phrases, " ", -1);
        for (char **phrase = phrases; *phrase != NULL; phrase++) {
            g_test_message("%s", *phrase);
            g_assert_true(dm_word_find(*phrase) == &words[i]);
        }
        g_auto(GStrv) parts = g_strsplit(words[i].means != NULL ? words[i].means : "", "-", 2);
        bool is_step = parts[0] != NULL && dm_catalogue_find(catalogue, parts[0]) != NULL;
        if (is_step && parts[1] != NULL && strchr(words[i].means, ' ') == NULL) {
            g_autofree char *meant = read_name(words[i].means);
            g_assert_nonnull(meant);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    catalogue = dm_ops_catalogue();
    recipes = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(recipes, (gpointer) "web-large", (gpointer) "resize-2048_jpeg-82");
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *path = g_strconcat("/names/", lists[i], NULL);
        g_test_add_data_func(path, lists[i], test_list);
    }
    g_test_add_func("/names/words", test_words);
    g_test_add_func("/names/plain", test_plain);
    int status = g_test_run();
    g_hash_table_destroy(recipes);
    dm_catalogue_free(catalogue);
    return status;
}
