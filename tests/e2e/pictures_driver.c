// SPDX-License-Identifier: MIT
//
// The page's small pictures at the command line, for tests and benches:
//
//   pictures_driver NAME=VALUE... <COMMANDS
//
//   worker=PATH dir=DIR idle_ms=N most=N deadline_ms=N patience_ms=N arg=ARGUMENT (of the worker, repeatable)
//
// A command a line, words parted by TAB; each that asks is numbered, from 1, and answered by a line
// when it is done:
//
//   thumb ROW GENERATION ROOT PATH [FILE]       FILE: where the picture goes
//   preview CLIENT MODE CHAIN WxH GIVEN [FILE]  GIVEN: the copy, the piece or the file
//   cancel NUMBER
//   chain MODE WxH WxH CHAIN                    what the worker would be asked for
//   status                                      pid up waiting starts deaths made problem
//
//   NUMBER TAB outcome TAB reason TAB WxH TAB exact|about TAB scale TAB ratio TAB rough|- TAB bytes TAB us TAB message
//
// It ends when there are no more commands and all is answered.
#include "common/log.h"
#include "watcher/config.h"
#include "watcher/page/pictures.h"
#include "watcher/worker_program.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 8 };

static const char *const outcomes[] = {
    [DM_PICTURE_MADE] = "made",       [DM_PICTURE_FAILED] = "failed",
    [DM_PICTURE_CHAIN] = "chain",     [DM_PICTURE_BUSY] = "busy",
    [DM_PICTURE_TROUBLE] = "trouble", [DM_PICTURE_SUPERSEDED] = "superseded",
};

static GMainLoop *loop;
static struct dm_catalogue *catalogue;
static struct dm_alone *alone;
static struct dm_pictures *pictures;
static GHashTable *requests; // number -> struct dm_picture_request
static int asked, answered;
static bool no_more;

struct wish {
    int number;
    char *file;
    int64_t began_us;
};

static void end_if_done(void) {
    if (no_more && asked == answered) {
        g_main_loop_quit(loop);
    }
}

static void on_done(void *data, const struct dm_picture_answer *answer) {
    struct wish *wish = data;
    gsize bytes = 0;
    const char *jpeg = answer->jpeg != NULL ? g_bytes_get_data(answer->jpeg, &bytes) : NULL;
    if (jpeg != NULL && wish->file != NULL) {
        g_file_set_contents(wish->file, jpeg, (gssize)bytes, NULL);
    }
    printf("%d\t%s\t%s\t%dx%d\t%s\t%.5f\t%.5f\t%s\t%zu\t%" PRId64 "\t%s%s%s\n", wish->number,
           outcomes[answer->outcome], dm_reason_name(answer->reason), answer->result.width,
           answer->result.height, answer->exact ? "exact" : "about", answer->scale, answer->ratio,
           answer->rough ? "rough" : "-", bytes, g_get_monotonic_time() - wish->began_us,
           answer->message, answer->suggestion != NULL ? " -> " : "",
           answer->suggestion != NULL ? answer->suggestion : "");
    fflush(stdout);
    g_hash_table_remove(requests, GINT_TO_POINTER(wish->number));
    g_free(wish->file);
    g_free(wish);
    answered++;
    end_if_done();
}

static struct wish *wish_new(const char *file) {
    struct wish *wish = g_new(struct wish, 1);
    *wish = (struct wish){++asked, g_strdup(file), g_get_monotonic_time()};
    return wish;
}

static struct dm_extent extent_from(const char *text) {
    char *rest;
    int width = (int)strtol(text, &rest, 10);
    return (struct dm_extent){width, *rest == 'x' ? (int)strtol(rest + 1, NULL, 10) : 0};
}

static void remember(int number, struct dm_picture_request *request) {
    if (request != NULL) {
        g_hash_table_insert(requests, GINT_TO_POINTER(number), request);
    }
}

static void do_thumb(char **words) {
    const struct dm_picture_row row = {
        .row = atoll(words[1]), .generation = atoll(words[2]), .root = words[3], .path = words[4]};
    struct wish *wish = wish_new(words[5]);
    int number = wish->number;
    remember(number, dm_pictures_thumb(pictures, &row, on_done, wish));
}

static void do_preview(char **words) {
    char *data = NULL;
    gsize size = 0;
    struct dm_picture_preview preview = {
        .client = words[1], .chain = words[3], .original = extent_from(words[4])};
    if (!dm_preview_mode_from_name(words[2], &preview.mode) ||
        !g_file_get_contents(words[5], &data, &size, NULL)) {
        printf("cannot\n");
        exit(1);
    }
    preview.bytes = g_bytes_new_take(data, size);
    struct wish *wish = wish_new(words[6]);
    int number = wish->number;
    remember(number, dm_pictures_preview(pictures, &preview, on_done, wish));
    g_bytes_unref(preview.bytes);
}

static void do_cancel(char **words) {
    struct dm_picture_request *request =
        g_hash_table_lookup(requests, GINT_TO_POINTER(atoi(words[1])));
    if (request != NULL) {
        g_hash_table_remove(requests, GINT_TO_POINTER(atoi(words[1])));
        dm_pictures_cancel(pictures, request);
        answered++;
    }
}

static void do_chain(char **words) {
    struct dm_preview_view view = {.original = extent_from(words[2]),
                                   .given = extent_from(words[3])};
    struct dm_chain *chain = NULL;
    struct dm_preview_chain preview;
    g_autoptr(GError) error = NULL;
    dm_preview_mode_from_name(words[1], &view.mode);
    if (!dm_chain_parse(catalogue, NULL, words[4], &chain, NULL, &error) ||
        !dm_preview_chain_make(catalogue, chain, &view, &preview, &error)) {
        printf("error\t%s\n", error->message);
    } else {
        printf("chain\t%s\t%dx%d\t%s\t%.5f\t%.5f\t%s\n", preview.text, preview.result.width,
               preview.result.height, preview.exact ? "exact" : "about", preview.scale,
               preview.ratio, preview.rough ? "rough" : "-");
        dm_preview_chain_clear(&preview);
    }
    dm_chain_free(chain);
    fflush(stdout);
}

static void do_status(char **words) {
    (void)words;
    struct dm_alone_status status;
    dm_alone_status(alone, &status);
    printf("status\t%d\t%d\t%u\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s\n", status.pid, status.up,
           status.waiting, status.starts, status.deaths, status.made, status.problem);
    fflush(stdout);
}

static const struct {
    const char *word;
    guint words;
    void (*run)(char **words);
} commands[] = {
    {"thumb", 5, do_thumb}, {"preview", 6, do_preview}, {"cancel", 2, do_cancel},
    {"chain", 5, do_chain}, {"status", 1, do_status},
};

static void run_line(char *line) {
    g_auto(GStrv) words = g_strsplit(g_strchomp(line), "\t", MOST_WORDS);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (words[0] != NULL && strcmp(words[0], commands[i].word) == 0 &&
            g_strv_length(words) >= commands[i].words) {
            commands[i].run(words);
            return;
        }
    }
    printf("not understood\n");
    exit(1);
}

static gboolean on_command(GIOChannel *channel, GIOCondition condition, void *data) {
    (void)condition, (void)data;
    g_autofree char *line = NULL;
    GIOStatus status = g_io_channel_read_line(channel, &line, NULL, NULL, NULL);
    if (status == G_IO_STATUS_NORMAL) {
        run_line(line);
        return G_SOURCE_CONTINUE;
    }
    if (status == G_IO_STATUS_AGAIN) {
        return G_SOURCE_CONTINUE;
    }
    no_more = true;
    end_if_done();
    return G_SOURCE_REMOVE;
}

/** NAME=VALUE of the command line. */
static const char *value_of(char **argv, const char *name, const char *otherwise) {
    size_t length = strlen(name);
    for (char **word = argv + 1; *word != NULL; word++) {
        if (strncmp(*word, name, length) == 0 && (*word)[length] == '=') {
            return *word + length + 1;
        }
    }
    return otherwise;
}

static char **worker_args(char **argv) {
    GPtrArray *args = g_ptr_array_new();
    for (char **word = argv + 1; *word != NULL; word++) {
        if (g_str_has_prefix(*word, "arg=")) {
            g_ptr_array_add(args, *word + strlen("arg="));
        }
    }
    g_ptr_array_add(args, NULL);
    return (char **)g_ptr_array_free(args, FALSE);
}

int main(int argc, char **argv) {
    (void)argc;
    dm_log_init("pictures_driver", DM_LOG_INFO);
    g_autoptr(GError) error = NULL;
    g_autofree char **args = worker_args(argv);
    const char *worker = value_of(argv, "worker", "dropmill-worker");
    const char *dir = value_of(argv, "dir", ".");
    catalogue = dm_read_catalogue(worker, (const char *const *)args, &error);
    if (catalogue == NULL) {
        dm_log_error("%s", error->message);
        return 1;
    }
    loop = g_main_loop_new(NULL, FALSE);
    requests = g_hash_table_new(NULL, NULL);
    const struct dm_alone_config config = {
        .worker = worker,
        .worker_args = (const char *const *)args,
        .dir = dir,
        .idle_us = atoll(value_of(argv, "idle_ms", "30000")) * 1000,
        .most_waiting = (unsigned)atoi(value_of(argv, "most", "100")),
    };
    alone = dm_alone_new(&config);
    const struct dm_pictures_config pictures_config = {
        .catalogue = catalogue,
        .maker = dm_alone_maker(alone),
        .dir = dir,
        .max_bytes = INT64_C(200) << 20,
        .max_pixels = INT64_C(200) * 1000 * 1000,
        .max_pages = 100,
        .deadline_ms = atoll(value_of(argv, "deadline_ms", "10000")),
        .patience_us = atoll(value_of(argv, "patience_ms", "10000")) * 1000,
    };
    pictures = dm_pictures_new(&pictures_config, &error);
    if (pictures == NULL) {
        dm_log_error("%s", error->message);
        return 1;
    }
    GIOChannel *channel = g_io_channel_unix_new(0);
    g_io_channel_set_flags(channel, G_IO_FLAG_NONBLOCK, NULL);
    g_io_channel_set_encoding(channel, NULL, NULL);
    g_io_add_watch(channel, G_IO_IN | G_IO_HUP, on_command, NULL);
    g_io_channel_unref(channel);
    g_main_loop_run(loop);
    dm_pictures_free(pictures);
    dm_alone_free(alone);
    dm_catalogue_free(catalogue);
    g_hash_table_unref(requests);
    g_main_loop_unref(loop);
    return 0;
}
