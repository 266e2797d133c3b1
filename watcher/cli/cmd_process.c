// SPDX-License-Identifier: MIT
//
// dropmill process: the same engine and worker as the daemon's, without daemon and share. A ledger
// in memory holds one row a file, all READY from the start. Inputs: process_inputs.c. What inbox
// and outbox would do: process_rows.c; names: process_publish.c. What is told at the end:
// process_report.c.
#include "watcher/cli/commands.h"
#include "watcher/cli/process_inputs.h"
#include "watcher/cli/process_publish.h"
#include "watcher/cli/process_report.h"
#include "watcher/cli/process_rows.h"
#include "watcher/cli/progress.h"

#include "common/chain.h"
#include "common/error.h"
#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/engine/engine.h"
#include "watcher/recipes.h"
#include "watcher/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define TICK_MS 200
// A job that could not be started for so long, tried again and again, will not start.
#define PATIENCE_US (15 * G_USEC_PER_SEC)
// How often progress is told where it is not rewritten.
#define TELL_US (10 * G_USEC_PER_SEC)

static char **with_option;
static char *output_option;
static gint ranks_option = -1, threads_option = -1;
static gboolean force_option, update_option, recursive_option, progress_option;

static const GOptionEntry options[] = {
    {"with", 'w', 0, G_OPTION_ARG_FILENAME_ARRAY, &with_option,
     "what to do, as in a folder name; said again: what to do then", "CHAIN"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "where the results go", "DIR"},
    {"recursive", 'r', 0, G_OPTION_ARG_NONE, &recursive_option,
     "go into folders of folders; DIR gets the same ones", NULL},
    {"force", 'f', 0, G_OPTION_ARG_NONE, &force_option, "replace files that are in DIR", NULL},
    {"update", 'u', 0, G_OPTION_ARG_NONE, &update_option,
     "make only what is not in DIR yet, or older there than its original", NULL},
    {"ranks", 0, 0, G_OPTION_ARG_INT, &ranks_option, "how many worker processes", "N"},
    {"threads", 0, 0, G_OPTION_ARG_INT, &threads_option, "how many threads each of them has", "N"},
    {"progress", 0, 0, G_OPTION_ARG_NONE, &progress_option,
     "show each step of the progress without a terminal, too", NULL},
    {0},
};

/** One run. */
struct process {
    struct dm_cli *cli;
    struct dm_inputs *inputs;
    struct dm_publisher publisher;
    // Absolute.
    char *output_dir;
    // Ours alone, removed at the end.
    char *runtime_dir;
    struct dm_ledger *ledger;
    struct dm_process_rows rows;
    struct dm_engine *engine;
    struct dm_turns *turns;
    struct dm_progress progress;
    struct dm_report report;
    // So many results were there already.
    size_t up_to_date;
    // What ended the run; 0: no signal.
    int signal;
    // (nullable) Why the run was ended.
    GError *failure;
};

static void free_chain(struct dm_chain **chain) {
    dm_chain_free(*chain);
}

static int64_t engine_turn(void *room, int64_t now_us) {
    return dm_engine_turn(room, now_us);
}

static void engine_committed(void *room) {
    dm_engine_committed(room);
}

/** Inbox and outbox. */
static int64_t rows_turn(void *data, int64_t now_us) {
    struct process *process = data;
    dm_process_rows_turn(&process->rows, now_us);
    if (process->rows.finished == process->inputs->list->len) {
        dm_turns_quit(process->turns);
    }
    return INT64_MAX;
}

/** Now and then: the progress line, and whether the job starts at all. */
static int on_tick(void *data) {
    struct process *process = data;
    int64_t now_us = g_get_monotonic_time();
    struct dm_engine_status status;
    dm_engine_status(process->engine, now_us, &status);
    if (strcmp(status.state, "waiting") == 0 && now_us - process->rows.finished_us > PATIENCE_US) {
        dm_fail(&process->failure, DM_ERROR_REMOTE, "the worker does not start: %s",
                status.problem);
        dm_turns_quit(process->turns);
    }
    dm_progress_show(&process->progress, process->rows.finished, process->inputs->list->len,
                     now_us);
    return G_SOURCE_CONTINUE;
}

static int on_interrupt(void *data) {
    struct process *process = data;
    process->signal = SIGINT;
    dm_turns_quit(process->turns);
    return G_SOURCE_CONTINUE;
}

static int on_terminate(void *data) {
    struct process *process = data;
    process->signal = SIGTERM;
    dm_turns_quit(process->turns);
    return G_SOURCE_CONTINUE;
}

/** A line of JSON as it happens; words come at the end. */
static void on_finished(const struct dm_row *row, void *data) {
    struct process *process = data;
    dm_report_row(&process->report, row);
}

static bool fill_ledger(struct process *process, const char *chain, GError **error) {
    process->ledger = dm_ledger_open(":memory:", false, error);
    if (process->ledger == NULL) {
        return false;
    }
    process->rows = (struct dm_process_rows){
        .ledger = process->ledger,
        .inputs = process->inputs,
        .publisher = &process->publisher,
        .finished = process->up_to_date,
        .on_finished = on_finished,
        .data = process,
    };
    dm_process_rows_insert(&process->rows, chain);
    return dm_ledger_commit(process->ledger, error);
}

/** A directory of our own in the runtime directory, so that runs do not get in each other's way. */
static char *make_runtime_dir(const struct dm_config *config, GError **error) {
    g_autofree char *top = dm_runtime_top(config);
    g_autofree char *template = g_build_filename(top, "process-XXXXXX", NULL);
    if (g_mkdir_with_parents(top, 0700) != 0 || g_mkdtemp(template) == NULL) {
        dm_fail_errno(error, errno, "cannot make a directory in '%s'", top);
        return NULL;
    }
    return g_steal_pointer(&template);
}

static bool start_engine(struct process *process, GError **error) {
    const struct dm_config *config = process->cli->config;
    process->turns = dm_turns_new(process->ledger);
    const struct dm_wake wake = dm_turns_wake(process->turns);
    struct dm_engine_config engine = {
        .settings = config->engine,
        .worker = process->cli->worker,
        .worker_args = (const char *const *)config->worker_args,
        .runtime_dir = process->runtime_dir,
        .input_root = "/",
        .output_root = process->output_dir,
        .flat = true,
    };
    if (ranks_option > 0) {
        engine.settings.ranks = ranks_option;
    }
    if (threads_option > 0) {
        engine.settings.threads = threads_option;
    }
    process->engine = dm_engine_new(&engine, process->ledger, &wake, error);
    return process->engine != NULL;
}

static void run_loop(struct process *process) {
    int64_t now_us = g_get_monotonic_time();
    process->rows.finished_us = now_us;
    process->progress.start_us = process->progress.written_us = now_us;
    const guint sources[] = {
        g_unix_signal_add(SIGINT, on_interrupt, process),
        g_unix_signal_add(SIGTERM, on_terminate, process),
        g_timeout_add(TICK_MS, on_tick, process),
    };
    const struct dm_turns_room engine = {.name = "engine",
                                         .turn = engine_turn,
                                         .committed = engine_committed,
                                         .room = process->engine,
                                         .states = 1u << DM_STATE_READY};
    const struct dm_turns_room rest = {
        .name = "inbox and outbox", .turn = rows_turn, .room = process};
    dm_turns_add(process->turns, &engine);
    dm_turns_add(process->turns, &rest);
    g_autoptr(GError) error = NULL;
    if (!dm_turns_run(process->turns, &error) && process->failure == NULL) {
        process->failure = g_steal_pointer(&error);
    }
    dm_progress_wipe(&process->progress);
    dm_engine_free(process->engine); // no rank is left: what lies about now is stale
    dm_process_rows_discard(&process->rows);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        g_source_remove(sources[i]);
    }
}

/** Run all inputs through the engine. */
static bool process_all(struct process *process, const char *chain) {
    GError **error = &process->failure;
    process->runtime_dir = make_runtime_dir(process->cli->config, error);
    if (process->runtime_dir == NULL) {
        return false;
    }
    if (fill_ledger(process, chain, error) && start_engine(process, error)) {
        run_loop(process);
    }
    dm_turns_free(process->turns);
    dm_remove_tree(process->runtime_dir);
    return process->failure == NULL;
}

/** How to go on, for who interrupted it. */
static void tell_end(const struct process *process, size_t done) {
    size_t total = process->inputs->list->len;
    double seconds = (double)(g_get_monotonic_time() - process->progress.start_us) / G_USEC_PER_SEC;
    g_autofree char *before =
        process->up_to_date > 0
            ? g_strdup_printf(", %zu of them before this run", process->up_to_date)
            : g_strdup("");
    done += process->up_to_date;
    if (process->signal != 0) {
        fprintf(
            stderr,
            "interrupted: %zu of %zu are done%s; the same command with --update does the rest\n",
            done, total, before);
    } else if (!process->cli->quiet) {
        fprintf(stderr, "%zu of %zu done in %.1f s%s\n", done, total, seconds, before);
    }
}

static int report(struct process *process) {
    process->report.ended = process->signal != 0       ? "the run was interrupted"
                            : process->failure != NULL ? process->failure->message
                                                       : NULL;
    size_t done = dm_report_results(&process->report, process->ledger);
    tell_end(process, done);
    bool all = done + process->up_to_date == process->inputs->list->len;
    return all && process->inputs->problems->len == 0 ? EX_OK : EX_DATAERR;
}

/** End as the signal would have ended us: the shell is to see it. What was written is flushed. */
static int end_by_signal(int signal_number) {
    fflush(stdout);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    return EX_SOFTWARE;
}

/** The format that @chain ends in; NULL: that of each input. */
static const struct dm_format *format_of(const struct dm_catalogue *catalogue,
                                         const struct dm_chain *chain) {
    const struct dm_format *format = NULL;
    for (size_t i = 0; i < chain->step_count; i++) {
        const struct dm_operation *operation = chain->steps[i].operation;
        if ((operation->flags & DM_OP_OUTPUT) != 0) {
            format = dm_catalogue_find_format(catalogue, operation->name);
        }
    }
    return format;
}

/** With --update: what need not be done again is finished. */
static void pass_over(struct process *process, const struct dm_chain *chain) {
    const struct dm_format *format = format_of(process->cli->catalogue, chain);
    for (guint i = 0; update_option && i < process->inputs->list->len; i++) {
        struct dm_input *input = g_ptr_array_index(process->inputs->list, i);
        if (dm_publish_is_up_to_date(&process->publisher, input, format)) {
            input->finished = true;
            process->up_to_date++;
            dm_report_up_to_date(&process->report, input);
        }
    }
}

static int run_inputs(struct process *process, const struct dm_chain *chain) {
    if (process->inputs->list->len == 0) {
        return dm_cli_say(EX_NOINPUT, "there is nothing to do");
    }
    bool terminal = isatty(STDERR_FILENO) != 0;
    process->progress = (struct dm_progress){.wanted = !process->cli->quiet,
                                             .terminal = terminal,
                                             .every_us = progress_option ? 0 : TELL_US,
                                             .start_us = g_get_monotonic_time()};
    pass_over(process, chain);
    bool all_there = process->up_to_date == process->inputs->list->len;
    bool good = all_there || process_all(process, chain->expanded);
    if (all_there) {
        tell_end(process, 0);
        return process->inputs->problems->len == 0 ? EX_OK : EX_DATAERR;
    }
    int exit_code = process->ledger != NULL ? report(process) : EX_SOFTWARE;
    dm_ledger_free(process->ledger);
    if (process->signal != 0) {
        return end_by_signal(process->signal);
    }
    return good ? exit_code : dm_cli_fail(process->failure);
}

/** Results go into a directory, under the names of their originals: who means a file is told so. */
static int refuse_output(const struct dm_cli *cli) {
    const char *extension = dm_name_extension(dm_path_base(output_option));
    if (strcmp(output_option, "-") == 0) {
        return dm_cli_usage(&dm_cmd_process, "results are not written to stdout: -o takes a "
                                             "directory");
    }
    if (g_file_test(output_option, G_FILE_TEST_IS_DIR)) {
        return EX_OK;
    }
    for (size_t i = 0; i < dm_catalogue_format_count(cli->catalogue); i++) {
        const struct dm_format *format = dm_catalogue_format(cli->catalogue, i);
        if (dm_format_has_extension(format, extension)) {
            return dm_cli_usage(&dm_cmd_process,
                                "-o takes a directory, and '%s' is a picture's name: results are "
                                "named like their originals%s%s%s",
                                output_option, format->writes ? "; --with ..._" : "",
                                format->writes ? format->name : "",
                                format->writes ? " sets the format" : "");
        }
    }
    return g_file_test(output_option, G_FILE_TEST_EXISTS)
               ? dm_cli_say(EX_CANTCREAT, "-o takes a directory, and '%s' is a file", output_option)
               : EX_OK;
}

static int open_output(struct process *process) {
    if (g_mkdir_with_parents(output_option, 0777) != 0) {
        return dm_cli_say(EX_CANTCREAT, "cannot make the directory '%s': %s", output_option,
                          g_strerror(errno));
    }
    char *real = realpath(output_option, NULL);
    process->output_dir = g_strdup(real != NULL ? real : output_option);
    free(real);
    process->publisher.output_fd = open(process->output_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (process->publisher.output_fd < 0 || access(process->output_dir, W_OK) != 0) {
        return dm_cli_say(EX_CANTCREAT, "cannot write into '%s': %s", output_option,
                          g_strerror(errno));
    }
    return EX_OK;
}

static int run_chain(struct dm_cli *cli, const struct dm_chain *chain, char **arguments) {
    struct process process = {
        .cli = cli, .publisher = {.output_fd = -1, .force = force_option, .update = update_option}};
    int exit_code = open_output(&process);
    if (exit_code == EX_OK) {
        process.inputs = dm_inputs_find(arguments, recursive_option, process.output_dir);
        process.report = (struct dm_report){.inputs = process.inputs,
                                            .output_dir = process.output_dir,
                                            .json = cli->json,
                                            .quiet = cli->quiet};
        dm_report_problems(&process.report);
        process.publisher.inputs = process.inputs;
        process.publisher.catalogue = cli->catalogue;
        process.publisher.taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        exit_code = run_inputs(&process, chain);
        g_hash_table_unref(process.publisher.taken);
        dm_inputs_free(process.inputs);
    }
    if (process.publisher.output_fd >= 0) {
        close(process.publisher.output_fd);
    }
    g_free(process.output_dir);
    g_free(process.runtime_dir);
    return exit_code;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    if (with_option == NULL || output_option == NULL || arguments[0] == NULL) {
        return dm_cli_usage(&dm_cmd_process, "needs --with, -o and at least one file");
    }
    if (ranks_option == 0 || ranks_option > 4096 || threads_option == 0 || threads_option > 1024) {
        return dm_cli_usage(&dm_cmd_process, "1 to 4096 ranks, 1 to 1024 threads");
    }
    const struct dm_catalogue *catalogue = dm_cli_catalogue(cli, &error);
    if (catalogue == NULL ||
        !dm_recipes_check(catalogue, cli->config->recipes, cli->config->origins, &error)) {
        return dm_cli_fail(error);
    }
    int refused = refuse_output(cli);
    if (refused != EX_OK) {
        return refused;
    }
    __attribute__((cleanup(free_chain))) struct dm_chain *chain = NULL;
    g_autofree char *near = NULL;
    g_autofree char *with = g_strjoinv("_", with_option);
    if (!dm_chain_parse(catalogue, cli->config->recipes, with, &chain, &near, &error)) {
        int exit_code = dm_cli_fail(error);
        return near != NULL ? dm_cli_say(exit_code, "what works: --with %s", near) : exit_code;
    }
    dm_log_init("dropmill", DM_LOG_ERROR);
    return run_chain(cli, chain, arguments);
}

const struct dm_command dm_cmd_process = {
    .name = "process",
    .usage = "--with CHAIN -o DIR [OPTION...] FILE...",
    .summary = "Process images here and now, without a share or a daemon",
    .help = "CHAIN is what a folder would be called: rotate-90_resize-1600. The files are left\n"
            "alone; of a directory all files in it are taken, with -r those below it, too, and\n"
            "DIR gets the same folders. A file that is there already stays, and the result gets\n"
            "another name, such as 'a (jpg).jpg'; with --force it is replaced, unless it is one\n"
            "of the FILEs. --update goes on with a run that was interrupted. With --json there\n"
            "is one object a line as it happens. Status 65: some could not be processed.\n",
    .options = options,
    .run = run,
};
