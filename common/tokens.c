// SPDX-License-Identifier: MIT
//
// See tokens.h. One pattern finds the pieces, three passes put together what belongs together: a
// number and its unit, a number and "wide" or "high", a width and a height.
#include "common/tokens.h"

#include "common/words.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_SIDE_PX = 16, LARGEST_SIDE_PX = 65535 }; // of a size that stands by itself
enum { LEAST_BARE_SIDE_PX = 200 };                    // of one without "px"
enum { FIRST_YEAR = 1971, LAST_YEAR = 2035, ROUND_YEAR = 2000 };

static const struct {
    enum dm_token_kind kind;
    const char *pattern;
} patterns[] = {
    {DM_TOKEN_JOINT, "(?:^|(?<= ))[1-9][.)](?= +\\pL)"}, // "1. rotate 2. resize"
    {DM_TOKEN_WORD, "(?<![\\pL\\d])(?=[0-9]*[a-f])[0-9a-f]{6}(?![\\pL\\d])"}, // a colour
    {DM_TOKEN_SIZE, "\\d+ *[x\u00d7*] *\\d+"},
    {DM_TOKEN_SIZE, "(?<![\\pL\\d])[x\u00d7] *\\d+"},
    {DM_TOKEN_WORD, "(?<![\\pL\\d.,])(?:1080p|720p|2160p|1440p|[24568]k|a[345])(?![\\pL\\d])"},
    {DM_TOKEN_SIZE, "\\d+ *[x\u00d7](?![\\pL\\d])"},
    {DM_TOKEN_RATIO, "\\d+ *[:] *\\d+"},
    {DM_TOKEN_NUMBER, "(?:\\d+(?:[.,]\\d+)*|[.]\\d+)"},
    {DM_TOKEN_WORD, "[ekqm]\\d+(?:[.]\\d+)?(?![\\pL\\d])"},
    {DM_TOKEN_WORD, "[\\pL\\pM]+"},
    {DM_TOKEN_JOINT, "->|=>|>|\u2192|[_,;+&|/]"},
    {DM_TOKEN_WORD, "[%\u00b0\u00ba]"},
};

/** The number that @digits begin with; large ones stay large. */
static int number_of(const char *digits) {
    return (int)MIN(g_ascii_strtoll(digits, NULL, 10), G_MAXINT);
}

static void clear_token(void *data) {
    struct dm_token *token = data;
    g_free(token->text);
    g_free(token->shown);
}

/** "größe" -> "grosse". */
static char *fold(const char *text) {
    g_autofree char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT);
    GString *plain = g_string_new(NULL);
    for (const char *p = apart; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == 0xdf) {
            g_string_append(plain, "ss");
        } else if (!g_unichar_ismark(c)) {
            g_string_append_unichar(plain, c);
        }
    }
    return g_string_free(plain, FALSE);
}

/** "1.600" and "1,600" are thousands to those who write them. */
static bool is_thousands(const char *number) {
    static const char *const shape = "^[1-9]\\d?[.,]\\d{3}$";
    return g_regex_match_simple(shape, number, 0, 0);
}

static void set_text(struct dm_token *token) {
    if (token->kind == DM_TOKEN_NUMBER) {
        token->guessed = is_thousands(token->shown);
        token->text = g_strdup(token->shown);
        g_strdelimit(token->text, ",", '.');
        if (token->guessed) {
            char *dot = strchr(token->text, '.');
            memmove(dot, dot + 1, strlen(dot));
        }
    } else if (token->kind == DM_TOKEN_SIZE) {
        g_auto(GStrv) parts = g_regex_split_simple(" *[x\u00d7*] *", token->shown, 0, 0);
        token->text = g_strjoinv("x", parts);
    } else if (token->kind == DM_TOKEN_WORD) {
        bool percent = strcmp(token->shown, "%") == 0;
        bool degrees = strcmp(token->shown, "°") == 0 || strcmp(token->shown, "º") == 0;
        token->text = percent   ? g_strdup("percent")
                      : degrees ? g_strdup("degrees")
                                : fold(token->shown);
    } else {
        bool means_and = strlen(token->shown) == 1 && strchr("&+/", *token->shown) != NULL;
        token->text = g_strdup(means_and ? "and" : token->shown);
    }
}

/** All patterns; a group for each. */
static GRegex *compile(void) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_string_append_printf(all, "%s(%s)", i > 0 ? "|" : "", patterns[i].pattern);
    }
    GRegex *regex = g_regex_new(all->str, 0, 0, NULL);
    g_assert(regex != NULL);
    return regex;
}

/** The pieces as they stand there. */
static GArray *cut(const char *name) {
    g_autoptr(GRegex) regex = compile();
    GArray *tokens = g_array_new(FALSE, TRUE, sizeof(struct dm_token));
    g_array_set_clear_func(tokens, clear_token);
    g_autoptr(GMatchInfo) match = NULL;
    for (g_regex_match(regex, name, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        int group = g_match_info_get_match_count(match) - 1;
        struct dm_token token = {
            .kind = patterns[group - 1].kind, .shown = g_match_info_fetch(match, 0), .unit = ""};
        set_text(&token);
        g_array_append_val(tokens, token);
    }
    return tokens;
}

static struct dm_token *token_at(GArray *tokens, guint index) {
    return index < tokens->len ? &g_array_index(tokens, struct dm_token, index) : NULL;
}

/** The kind of word that stands at @index, alone or with the next; DM_WORD_OTHER: none. */
static const struct dm_word *word_at(GArray *tokens, guint index) {
    const struct dm_token *token = token_at(tokens, index);
    return token != NULL && token->kind == DM_TOKEN_WORD ? dm_word_find(token->text) : NULL;
}

/** "b&w" is no width. */
static bool is_of_black_and_white(GArray *tokens, guint index) {
    return index > 1 && strcmp(token_at(tokens, index)->text, "w") == 0 &&
           strcmp(token_at(tokens, index - 2)->text, "b") == 0;
}

static bool is_kind(GArray *tokens, guint index, enum dm_word_kind kind) {
    const struct dm_word *word = word_at(tokens, index);
    return word != NULL && word->kind == kind;
}

static bool is_plain_number(const struct dm_token *token) {
    return token != NULL && token->kind == DM_TOKEN_NUMBER && strcmp(token->unit, "pct") != 0 &&
           strcmp(token->unit, "deg") != 0;
}

/** A unit goes to the number before it; "50 %" is written 50pct. */
static void join_units(GArray *tokens) {
    for (guint i = 0; i < tokens->len; i++) {
        struct dm_token *token = token_at(tokens, i);
        bool takes = token->kind == DM_TOKEN_NUMBER || token->kind == DM_TOKEN_SIZE;
        if (!takes || !is_kind(tokens, i + 1, DM_WORD_UNIT)) {
            continue;
        }
        token->unit = word_at(tokens, i + 1)->means;
        if (strcmp(token->unit, "pct") == 0) {
            char *text = g_strconcat(token->text, "pct", NULL);
            g_free(token->text);
            token->text = text;
        }
        g_array_remove_index(tokens, i + 1);
    }
}

static void make_size(struct dm_token *token, const char *before, const char *after) {
    char *text = g_strconcat(before, token->text, after, NULL);
    g_free(token->text);
    token->text = text;
    token->kind = DM_TOKEN_SIZE;
    token->unit = "px";
}

/** The number that "width" at @index speaks of, behind it (fillers between) or before it. */
static bool find_number(GArray *tokens, guint index, guint *ret) {
    guint next = index + 1;
    while (is_kind(tokens, next, DM_WORD_FILLER)) {
        next++;
    }
    bool before = index > 0 && is_plain_number(token_at(tokens, index - 1));
    if (before) {
        *ret = index - 1;
    } else if (is_plain_number(token_at(tokens, next))) {
        *ret = next;
    } else {
        return false;
    }
    return true;
}

/** "1600 wide" and "width 1600" are 1600x. */
static void join_sides(GArray *tokens) {
    for (guint i = 0; i < tokens->len; i++) {
        bool wide = is_kind(tokens, i, DM_WORD_WIDTH) && !is_of_black_and_white(tokens, i);
        bool high = is_kind(tokens, i, DM_WORD_HEIGHT);
        guint number = 0;
        if ((wide || high) && find_number(tokens, i, &number)) {
            make_size(token_at(tokens, number), wide ? "" : "x", wide ? "x" : "");
            g_array_remove_index(tokens, i);
            i -= i > 0;
        }
    }
}

/** "1600x" and "x900" behind each other are a box. */
static void join_boxes(GArray *tokens) {
    for (guint i = 0; i + 1 < tokens->len; i++) {
        guint next = i + 1;
        while (is_kind(tokens, next, DM_WORD_FILLER) || is_kind(tokens, next, DM_WORD_THEN) ||
               (token_at(tokens, next) != NULL && token_at(tokens, next)->kind == DM_TOKEN_JOINT)) {
            next++;
        }
        struct dm_token *width = token_at(tokens, i), *height = token_at(tokens, next);
        if (height != NULL && width->kind == DM_TOKEN_SIZE && height->kind == DM_TOKEN_SIZE &&
            g_str_has_suffix(width->text, "x") && *height->text == 'x') {
            char *text = g_strconcat(width->text, height->text + 1, NULL);
            g_free(width->text);
            width->text = text;
            g_array_remove_range(tokens, i + 1, next - i);
        }
    }
}

GArray *dm_tokens_of(const char *name) {
    GArray *tokens = cut(name);
    join_units(tokens);
    join_sides(tokens);
    join_boxes(tokens);
    return tokens;
}

// ---- what one may be

bool dm_token_is_year(const struct dm_token *token) {
    int number = number_of(token->text);
    return token->kind == DM_TOKEN_NUMBER && *token->unit == '\0' && number >= FIRST_YEAR &&
           number <= LAST_YEAR && number != ROUND_YEAR;
}

bool dm_token_is_percentage(const struct dm_token *token) {
    return strcmp(token->unit, "pct") == 0;
}

static bool is_side(const char *digits) {
    return strlen(digits) <= 5 && number_of(digits) >= LEAST_SIDE_PX &&
           number_of(digits) <= LARGEST_SIDE_PX;
}

bool dm_token_is_size(const struct dm_token *token, bool *ret_sure) {
    *ret_sure = true;
    if (token->kind == DM_TOKEN_SIZE) {
        g_auto(GStrv) sides = g_strsplit(token->text, "x", -1);
        bool good = true;
        for (char **side = sides; *side != NULL; side++) {
            good &= **side == '\0' || is_side(*side);
        }
        return good;
    }
    if (token->kind != DM_TOKEN_NUMBER || strcmp(token->unit, "deg") == 0) {
        return false;
    }
    if (dm_token_is_percentage(token)) {
        return true;
    }
    *ret_sure = *token->unit != '\0';
    return is_side(token->text) && (*ret_sure || number_of(token->text) >= LEAST_BARE_SIDE_PX) &&
           !dm_token_is_year(token) && strchr(token->text, '.') == NULL;
}

char *dm_token_times(const struct dm_token *token) {
    bool times = token->kind == DM_TOKEN_SIZE &&
                 g_regex_match_simple("^(x[1-9]|[1-9]x)$", token->text, 0, 0);
    int factor = times ? number_of(token->text + (*token->text == 'x')) : 0;
    return factor > 1 ? g_strdup_printf("%d00pct", factor) : NULL;
}
