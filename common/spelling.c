// SPDX-License-Identifier: MIT
//
// From what people type to what the grammar reads, in passes that each do one thing:
//
//   "Rotate −90° & Resize 50 % (2)"
//     label     cut " (2)", "[web]", " - Copy", " copy 2"
//     alphabet  lower case; × is x, % is pct, ° is nothing, + and & are _, 2,5 is 2.5
//     negative  a minus before a number is refused, never dropped
//     glue      "800 x 600" is 800x600, "1600 px" is 1600, "50 pct" is 50pct, " then " is _
//     dashes    what blanks are left are dashes; runs collapse
#include "common/spelling.h"

#include "common/error.h"

#include <stdlib.h>
#include <string.h>

// ---- label

/** What file managers append to the name of a copy, lower-case, in front of an optional number. */
static const char *const copy_suffixes[] = {
    " - copy",  " - kopie", " - copie", " - copia", " - cópia",  " - kopia",
    " — kopia", " - kopi",  " - копия", " copy",    " - コピー", " - 副本",
};

/** Cut a trailing "(...)", "[...]" or "{...}". */
static bool cut_brackets(char *name) {
    static const char *const pairs[] = {"()", "[]", "{}"};
    size_t length = strlen(name);
    for (size_t i = 0; length > 0 && i < G_N_ELEMENTS(pairs); i++) {
        char *open = strrchr(name, pairs[i][0]);
        if (name[length - 1] == pairs[i][1] && open != NULL && open != name) {
            *open = '\0';
            return true;
        }
    }
    return false;
}

/** What stands before @end must be able to end a chain: "gray then copy" is no copy of "gray then".
 */
static bool ends_a_step(const char *name, size_t end) {
    static const char *const joints[] = {" then", " and", "+", "&", "_"};
    g_autofree char *head = g_strchomp(g_strndup(name, end));
    for (size_t i = 0; i < G_N_ELEMENTS(joints); i++) {
        if (g_str_has_suffix(head, joints[i])) {
            return false;
        }
    }
    return *head != '\0';
}

static bool cut_copy_suffix(char *name) {
    size_t end = strlen(name);
    while (end > 0 && g_ascii_isdigit(name[end - 1])) {
        end--;
    }
    if (end < strlen(name)) { // "name copy 2": the blank goes with the number
        if (end == 0 || name[end - 1] != ' ') {
            return false;
        }
        end--;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(copy_suffixes); i++) {
        size_t length = strlen(copy_suffixes[i]);
        if (end > length && memcmp(name + end - length, copy_suffixes[i], length) == 0 &&
            ends_a_step(name, end - length)) {
            name[end - length] = '\0';
            return true;
        }
    }
    return false;
}

static void cut_labels(char *name) {
    do {
        g_strchomp(name);
    } while (cut_brackets(name) || cut_copy_suffix(name));
}

// ---- alphabet

static const struct {
    gunichar character;
    const char *plain;
} spellings[] = {
    {0x00d7, "x"}, // ×
    {0x00b0, ""},  // °
    {0x00ba, ""},  // º, which some keyboards have instead
    {0x2212, "-"}, // minus
    {0x2010, "-"}, {0x2011, "-"}, {0x2013, "-"}, {0x2014, "-"}, {0x00a0, " "},
    {0x202f, " "}, {0x2009, " "}, {'%', "pct"},  {'+', "_"},    {'&', "_"},
    {' ', " "},    {'-', "-"},    {'_', "_"},    {'.', "."},
};

static const char *plain_spelling(gunichar c) {
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        if (spellings[i].character == c) {
            return spellings[i].plain;
        }
    }
    return NULL;
}

static bool is_decimal_comma(const char *name, const char *p) {
    return *p == ',' && p > name && g_ascii_isdigit(p[-1]) && g_ascii_isdigit(p[1]);
}

static bool to_alphabet(const char *name, GString *plain, GError **error) {
    for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        const char *spelling = plain_spelling(c);
        if (c < 0x80 && g_ascii_isalnum((char)c)) {
            g_string_append_c(plain, (char)c);
        } else if (is_decimal_comma(name, p)) {
            g_string_append_c(plain, '.');
        } else if (spelling != NULL) {
            g_string_append(plain, spelling);
        } else {
            char shown[7] = {0};
            g_unichar_to_utf8(c, shown);
            return dm_fail(error, DM_ERROR_INPUT,
                           "'%s' has no meaning here: a name is made of letters and digits, with "
                           "'-' before a value and '_' before the next thing to do",
                           g_unichar_isprint(c) ? shown : "a control character");
        }
    }
    return true;
}

// ---- negative numbers, glue, dashes

/** A dash that follows a blank, another dash or nothing, and precedes a number, is a minus sign. */
static const char *find_minus(const char *plain) {
    for (const char *p = plain; (p = strchr(p, '-')) != NULL; p++) {
        const char *next = p + 1 + strspn(p + 1, " ");
        bool signs = p == plain || strchr(" -_", p[-1]) != NULL;
        if (signs && (g_ascii_isdigit(*next) || *next == '.')) {
            return next;
        }
    }
    return NULL;
}

/** In this order; each pattern sees what the ones before it made. */
static const struct {
    const char *pattern;
    const char *replacement;
} glue[] = {
    {" +(then|and) +", "_"},
    {"(?:^|(?<=_))(convert|save|export) +(to|as) +(?=[a-z])", ""},
    {"(?<=[0-9])[ -]*x[ -]*(?=[0-9])", "x"},
    {"(?<=[0-9]) +x(?=[ _-]|$)", "x"},
    {"(?<=[ _-])x +(?=[0-9])", "x"},
    {"(?<=[0-9])[ -]*(degrees?|deg|pixels?|px)(?=[^a-z]|$)", ""},
    {"(?<=[0-9])[ -]*(percent|pct)(?=[^a-z]|$)", "pct"},
    {"(?<=[a-z])\\.(?=[0-9])", "-"}, // resize.1600
    {"\\.(?=[ _-]|$)", ""},
    {"[ -]*_[ _-]*", "_"},
    {"[ -]+", "-"},
    {"^[_-]+|[_-]+$", ""},
};

static char *apply_glue(const char *plain) {
    char *text = g_strdup(plain);
    for (size_t i = 0; i < G_N_ELEMENTS(glue); i++) {
        g_autoptr(GRegex) regex = g_regex_new(glue[i].pattern, 0, 0, NULL);
        char *next = g_regex_replace_literal(regex, text, -1, 0, glue[i].replacement, 0, NULL);
        g_free(text);
        text = next;
    }
    return text;
}

/** What is typed too long or says nothing is refused whoever reads it. */
static bool check_length(const char *typed, GError **error) {
    size_t length = strlen(typed);
    if (length > DM_SPELLING_MAX_LENGTH) {
        return dm_fail(error, DM_ERROR_INPUT, "this name has %zu characters, and at most %d work",
                       length, DM_SPELLING_MAX_LENGTH);
    }
    return length > 0 ||
           dm_fail(error, DM_ERROR_INPUT, "this name says nothing that can be done with pictures");
}

static bool is_control(const char *typed) {
    for (const char *p = typed; *p != '\0'; p = g_utf8_next_char(p)) {
        if (!g_unichar_isprint(g_utf8_get_char(p))) {
            return true;
        }
    }
    return false;
}

static char *lower_without_label(const char *name) {
    g_autofree char *composed = g_utf8_normalize(name, -1, G_NORMALIZE_NFC);
    char *lower = g_utf8_strdown(composed, -1);
    g_strchug(lower);
    cut_labels(lower);
    return lower;
}

bool dm_spelling_tidy(const char *name, char **ret_typed, char **ret_tidy, GError **error) {
    if (!g_utf8_validate(name, -1, NULL)) {
        return dm_fail(error, DM_ERROR_INPUT, "this name is not readable as text (UTF-8)");
    }
    g_autofree char *lower = lower_without_label(name);
    g_autoptr(GString) plain = g_string_new(NULL);
    bool good = to_alphabet(lower, plain, error);
    const char *negative = find_minus(plain->str);
    if (good && negative != NULL) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "negative number: '-%.*s' is not possible, say for example rotate-left, "
                       "darken-10, contrast-20-less or desaturate-30",
                       (int)strspn(negative, "0123456789."), negative);
    }
    g_autofree char *tidy = apply_glue(plain->str);
    if (good && !check_length(tidy, error)) {
        return false;
    }
    if (ret_typed != NULL && negative == NULL && !is_control(lower) &&
        strlen(lower) <= DM_SPELLING_MAX_LENGTH) {
        *ret_typed = g_steal_pointer(&lower);
    }
    if (good) {
        *ret_tidy = g_steal_pointer(&tidy);
    }
    return good;
}
