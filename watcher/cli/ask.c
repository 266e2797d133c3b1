// SPDX-License-Identifier: MIT
//
// Asking the daemon: see ask.h.
#include "watcher/cli/ask.h"

#include "common/escape.h"
#include "common/path.h"
#include "watcher/control.h"
#include "watcher/json.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void free_refusal(void *data) {
    struct dm_refusal *refusal = data;
    g_free(refusal->what);
    g_free(refusal->why);
    g_free(refusal);
}

void dm_answer_init(struct dm_answer *answer) {
    *answer = (struct dm_answer){.refused = g_ptr_array_new_with_free_func(free_refusal)};
}

void dm_answer_clear(struct dm_answer *answer) {
    g_ptr_array_unref(answer->refused);
}

void dm_answer_refuse(struct dm_answer *answer, const char *what, const char *why) {
    struct dm_refusal *refusal = g_new(struct dm_refusal, 1);
    *refusal = (struct dm_refusal){g_strdup(what), g_strdup(why)};
    g_ptr_array_add(answer->refused, refusal);
}

/** A line of an answer: "refused TAB what TAB why", "goes on", or one of a newer daemon. */
static void read_line(struct dm_answer *answer, const char *line) {
    g_auto(GStrv) parts = g_strsplit(line, "\t", -1);
    if (strcmp(line, "goes on") == 0) {
        answer->goes_on = true;
    } else if (g_strv_length(parts) == 3 && strcmp(parts[0], "refused") == 0) {
        g_autofree char *what = dm_unescape(parts[1], strlen(parts[1]));
        g_autofree char *why = dm_unescape(parts[2], strlen(parts[2]));
        dm_answer_refuse(answer, what != NULL ? what : parts[1], why != NULL ? why : parts[2]);
    }
}

bool dm_cli_request(const struct dm_places *places, const char *verb, const char *const *arguments,
                    struct dm_answer *answer, GError **error) {
    g_autoptr(GString) request = g_string_new(verb);
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++) {
        g_string_append_c(request, '\t');
        dm_escape_append(request, arguments[i]);
    }
    g_autofree char *text = dm_control_ask(places->control, request->str, error);
    if (text == NULL) {
        return false;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    answer->done += g_ascii_strtoll(lines[0] != NULL ? lines[0] : "", NULL, 10);
    for (size_t i = 0; lines[i] != NULL; i++) {
        read_line(answer, lines[i]);
    }
    return true;
}

static void write_answer(const struct dm_answer *answer) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_integer(json, "done", answer->done);
    dm_json_bool(json, "goes_on", answer->goes_on);
    dm_json_list(json, "refused");
    for (guint i = 0; i < answer->refused->len; i++) {
        const struct dm_refusal *refusal = answer->refused->pdata[i];
        dm_json_object(json, NULL);
        dm_json_text(json, "what", refusal->what);
        dm_json_text(json, "why", refusal->why);
        dm_json_close(json);
    }
    dm_json_close(json);
    dm_json_close(json);
    dm_json_print(json);
}

static void print_count(int64_t count, const char *text) {
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, count);
    GString *sentence = g_string_new(text);
    g_string_replace(sentence, "%s", number, 0);
    g_string_replace(sentence, "(s)", count == 1 ? "" : "s", 0);
    g_string_replace(sentence, "(is)", count == 1 ? "is" : "are", 0);
    puts(sentence->str);
    g_string_free(sentence, TRUE);
}

int dm_cli_tell(const struct dm_cli *cli, const struct dm_answer *answer, const char *text) {
    for (guint i = 0; i < answer->refused->len; i++) {
        const struct dm_refusal *refusal = answer->refused->pdata[i];
        g_autofree char *what = dm_path_display(refusal->what);
        g_autofree char *why = dm_path_display(refusal->why);
        dm_cli_say(EX_DATAERR, "%s: %s", what, why);
    }
    if (cli->json) {
        write_answer(answer);
    } else if (!cli->quiet && text != NULL && (answer->done > 0 || answer->refused->len == 0)) {
        print_count(answer->done, text);
    }
    if (answer->goes_on && !cli->quiet && !cli->json) {
        puts("so far: it goes on by itself");
    }
    return answer->refused->len > 0 ? EX_DATAERR : EX_OK;
}

int dm_cli_ask(struct dm_cli *cli, const char *verb, const char *const *arguments,
               const char *text) {
    GError *error = NULL;
    if (dm_cli_places(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    struct dm_answer answer;
    dm_answer_init(&answer);
    bool asked = dm_cli_request(cli->places, verb, arguments, &answer, &error);
    int exit_code =
        asked ? dm_cli_tell(cli, &answer, text) : dm_cli_fail_to_ask(cli->places, error);
    dm_answer_clear(&answer);
    return exit_code;
}
