// SPDX-License-Identifier: MIT
//
// The operations as mdoc source: see ops_man.h. Sentences end a line, as mandoc -Tlint wants it.
#include "watcher/cli/ops_man.h"

#include "common/words.h"
#include "watcher/describe.h"

#include <stdio.h>
#include <string.h>

/** Print @text so that nothing in it is taken for a request, a macro or an escape. */
static void print_escaped(const char *text) {
    if (*text == '.' || *text == '\'') {
        fputs("\\&", stdout);
    }
    for (const char *c = text; *c; c++) {
        if (*c == '\\') {
            fputs("\\e", stdout);
        } else if (*c == '"') {
            fputs("\\(dq", stdout);
        } else {
            putchar(*c);
        }
    }
}

static void print_sentence(const char *before, const char *text, const char *after) {
    fputs(before, stdout);
    print_escaped(text);
    printf("%s\n", after);
}

static void print_param(const struct dm_param *param) {
    g_autofree char *values = dm_describe_param(param);
    printf(".It Ar %s\n", param->name);
    print_sentence("", param->doc, ":");
    print_sentence("", values, ".");
}

static void print_operation(const struct dm_operation *operation) {
    printf(".It Ic %s\n", operation->name);
    print_sentence("", operation->summary, ".");
    g_autofree char *aliases = dm_describe_aliases(operation);
    if (*aliases) {
        print_sentence("Also called ", aliases, ".");
    }
    printf("Example:\n.Ql %s .\n", operation->example);
    if (!operation->param_count) {
        return;
    }
    puts(".Bl -tag -width 8n -compact");
    for (size_t i = 0; i < operation->param_count; i++) {
        print_param(&operation->params[i]);
    }
    puts(".El");
}

/** One row of the table of words: what people type, and what it stands for. */
static void print_words(const struct dm_word *word) {
    g_auto(GStrv) phrases = g_strsplit(word->phrases, " ", -1);
    for (char **phrase = phrases; *phrase != NULL; phrase++) {
        g_strdelimit(*phrase, "-", ' ');
    }
    g_autofree char *list = g_strjoinv(", ", phrases);
    printf(".It %s%s\n", word->kind == DM_WORD_FILLER ? "nothing" : "Ic ",
           word->kind == DM_WORD_FILLER ? "" : word->means);
    print_sentence(
        "", list,
        word->kind == DM_WORD_FOREIGN || word->kind == DM_WORD_PERHAPS ? " (proposed only)." : ".");
}

/** The words of people: what falls away, and what stands for something. */
static void print_word_table(void) {
    size_t count;
    const struct dm_word *words = dm_words(&count);
    puts(".Sh WORDS\nBesides the names above these words are understood, where they stand for:\n"
         ".Bl -tag -width 4n");
    for (size_t i = 0; i < count; i++) {
        bool told = words[i].kind == DM_WORD_FILLER || words[i].kind == DM_WORD_MEANS ||
                    words[i].kind == DM_WORD_PERHAPS || words[i].kind == DM_WORD_FOREIGN;
        if (told && (words[i].kind == DM_WORD_FILLER || strlen(words[i].means) > 1)) {
            print_words(&words[i]);
        }
    }
    puts(".El");
}

void dm_ops_man_print(const struct dm_catalogue *catalogue) {
    g_autofree char *reads = dm_describe_formats_read(catalogue);
    g_autofree char *writes = dm_describe_formats_written(catalogue);
    g_autofree char *colours = dm_describe_colours();
    puts(".Sh OPERATIONS");
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        g_autofree char *heading = dm_describe_heading(catalogue, i);
        if (heading != NULL) {
            printf("%s.Ss %s\n.Bl -tag -width 4n\n", i ? ".El\n" : "", heading);
        }
        print_operation(dm_catalogue_operation(catalogue, i));
    }
    puts(".El");
    print_word_table();
    puts(".Sh COLOURS");
    print_sentence("", colours, ".");
    puts(".Sh FORMATS");
    print_sentence("These formats are read: ", reads, ".");
    print_sentence("These are written: ", writes, ".");
}
