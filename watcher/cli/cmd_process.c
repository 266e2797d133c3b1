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

static char *with_option, *output_option;
static gint ranks_option = -1, threads_option = -1;
static gboolean force_option, recursive_option, progress_option;

static const GOptionEntry options[] = {
    {"with", 'w', 0, G_OPTION_ARG_FILENAME, &with_option, "what to do, as in a folder name",
     "CHAIN"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "where the results go", "DIR"},
    {"recursive", 'r', 0, G_OPTION_ARG_NONE, &recursive_option, "go into folders of folders", NULL},
    {"force", 'f', 0, G_OPTION_ARG_NONE, &force_option, "replace files that are in DIR", NULL},
    {"ranks", 0, 0, G_OPTION_ARG_INT, &ranks_option, "how many worker processes", "N"},
    {"threads", 0, 0, G_OPTION_ARG_INT, &threads_option, "how many threads each of them has", "N"},
    {"progress", 0, 0, G_OPTION_ARG_NONE, &progress_option, "show progress without a terminal, too",
     NULL},
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
        dm_fail(&process->failure, DM_ERROR_REMOTE, "the MPI job does not start: %s",
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

static bool fill_ledger(struct process *process, const char *chain, GError **error) {
    process->ledger = dm_ledger_open(":memory:", false, error);
    if (process->ledger == NULL) {
        return false;
    }
    process->rows = (struct dm_process_rows){
        .ledger = process->ledger,
        .inputs = process->inputs,
        .publisher = &process->publisher,
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
    process->progress.start_us = process->rows.finished_us = g_get_monotonic_time();
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

static int report(const struct process *process) {
    size_t total = process->inputs->list->len;
    const struct dm_report_options how = {
        .output_dir = process->output_dir,
        .json = process->cli->json,
        .quiet = process->cli->quiet,
        .interrupted = process->signal != 0,
    };
    size_t done = dm_report_results(process->ledger, process->inputs, &how);
    double seconds = (double)(g_get_monotonic_time() - process->progress.start_us) / G_USEC_PER_SEC;
    if (!process->cli->quiet) {
        fprintf(stderr, "%zu of %zu done in %.1f s\n", done, total, seconds);
    }
    return done == total && !process->inputs->problems ? EX_OK : EX_DATAERR;
}

/** End as the signal would have ended us: the shell is to see it. */
static int end_by_signal(int signal_number) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    return EX_SOFTWARE;
}

static int run_inputs(struct process *process, const char *chain) {
    if (!process->inputs->list->len) {
        return dm_cli_say(EX_NOINPUT, "there is nothing to do");
    }
    bool terminal = isatty(STDERR_FILENO) != 0;
    process->progress = (struct dm_progress){
        .wanted = !process->cli->quiet && (terminal || progress_option), .terminal = terminal};
    bool good = process_all(process, chain);
    int exit_code = process->ledger != NULL && good ? report(process) : EX_SOFTWARE;
    dm_ledger_free(process->ledger);
    if (process->signal) {
        return end_by_signal(process->signal);
    }
    return good ? exit_code : dm_cli_fail(process->failure);
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

static int run_chain(struct dm_cli *cli, const char *chain, char **arguments) {
    struct process process = {.cli = cli, .publisher = {.output_fd = -1, .force = force_option}};
    int exit_code = open_output(&process);
    if (exit_code == EX_OK) {
        process.inputs = dm_inputs_find(arguments, recursive_option, process.output_dir);
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
    __attribute__((cleanup(free_chain))) struct dm_chain *chain = NULL;
    g_autofree char *near = NULL;
    if (!dm_chain_parse(catalogue, cli->config->recipes, with_option, &chain, &near, &error)) {
        int exit_code = dm_cli_fail(error);
        return near != NULL ? dm_cli_say(exit_code, "a name that works: '%s'", near) : exit_code;
    }
    dm_log_init("dropmill", DM_LOG_ERROR);
    return run_chain(cli, chain->expanded, arguments);
}

const struct dm_command dm_cmd_process = {
    .name = "process",
    .usage = "--with CHAIN -o DIR [OPTION...] FILE...",
    .summary = "Process images here and now, without a share or a daemon",
    .help = "CHAIN is what a folder would be called: rotate-90_resize-1600. The files are left\n"
            "alone, of a directory all files in it are taken, and the results go straight into\n"
            "DIR. A file that is there already stays, and the result gets another name, such as\n"
            "'a (jpg).jpg'; with --force it is replaced, unless it is one of the FILEs. Status\n"
            "65: some files could not be processed.\n",
    .options = options,
    .run = run,
};
