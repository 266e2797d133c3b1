// SPDX-License-Identifier: MIT
//
// dropmill-worker: one rank of a job, started by mpirun, or a job of its own (--alone), or the
// printer of the catalogue.
//
// A room knows those below it, by their doors alone (tests/check_layers.sh). job/ and task/ are
// strangers to each other:
//
//   main.c                  options
//   job/                    the engine of a job; knows no pictures
//     transport.c             all of MPI              rank.c             the loop of a rank
//     scheduler.c             who gets what           coordinator.c      rank 0's book
//     pool.c                  threads, one task each  pace.c             how long to sleep
//     crash.c                 last words              die_with_parent.c  dying with the watcher
//     alone.c                 a job of one, no MPI
//   task/                   one task; knows no MPI
//     task.c                  open to temporary       files.c            the two files
//     attempt.c               two tries at a picture  memory_budget.c    who may decode now
//     sandbox.c               a process to do it in   zygote.c           where it comes from
//     claim.c                 what it says            allowance.c        what it may take
//     datagram.c              how that travels        verdict.c          how it ends badly
//    in the sandbox:
//     inside.c                order to verdict        jail.c             what it may ask the kernel
//     plan.c, plan_cache.c    chain -> checked steps  picture.c          header, target, steps
//     pages.c                 every page of it        apply.c            a plan on a picture
//     result.c                encode, read back       said.c             what it says of itself
//     extras.c                samples that are no colours
//     gain_map.c              of HDR photos
//   ops/                    one file an operation
//   codec/                  formats
//   meta/                   what files say about themselves; knows no libvips
//   image/                  libvips' lazy pictures: nodes, windows, strips, colour spaces
//   kernels/                pixels, in plain C
#include "common/catalogue.h"
#include "common/colour.h"
#include "common/error.h"
#include "common/log.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/job/rank.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/watermarks.h"
#include "mpi_worker/task/jail.h"
#include "mpi_worker/task/task.h"

#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

struct options {
    gboolean alone, catalogue, version, probe_jail; // gboolean: GOption writes them
    gboolean no_jail, source_time;
    char *session;
    char *background;
    char **watermarks;
    int threads;
    int sandbox_pictures;
    gint64 memory_bytes;
};

static bool load_watermarks(const struct options *options, GError **error) {
    if (options->watermarks == NULL) {
        return true;
    }
    if (!dm_vips_setup(error)) {
        return false;
    }
    dm_watermarks_load((const char *const *)options->watermarks);
    return true;
}

static int fail(GError *error) {
    int code = dm_error_exit_code(error);
    dm_log_error("%s", error->message);
    g_error_free(error);
    return code;
}

/** What the decoders are held by, for people. */
static const char *jail_words(const struct options *options) {
    struct dm_jail_locks locks = dm_jail_probe();
    if (options->no_jail || (!locks.landlock && !locks.seccomp)) {
        return "nothing";
    }
    return locks.landlock && locks.seccomp ? "Landlock and seccomp"
           : locks.landlock                ? "Landlock alone"
                                           : "seccomp alone";
}

static int print_catalogue(const struct options *options) {
    GError *error = NULL;
    if (!load_watermarks(options, &error)) {
        return fail(error);
    }
    struct dm_catalogue *catalogue = dm_ops_catalogue();
    dm_catalogue_set_jail(catalogue, jail_words(options));
    g_autofree char *mpi = dm_rank_mpi();
    dm_catalogue_set_libraries(catalogue, vips_version_string(), mpi);
    g_autofree char *text = dm_catalogue_print(catalogue);
    bool written = fputs(text, stdout) != EOF && fflush(stdout) == 0;
    dm_catalogue_free(catalogue);
    if (!written) {
        dm_log_error("cannot write the catalogue");
    }
    return written ? EX_OK : EX_IOERR;
}

static int print_jail(void) {
    struct dm_jail_locks locks = dm_jail_probe();
    bool written =
        printf("%s%s\n", locks.landlock ? "landlock " : "", locks.seccomp ? "seccomp" : "") > 0;
    return written ? EX_OK : EX_IOERR;
}

static int print_version(void) {
    return puts("dropmill-worker " DM_VERSION) != EOF ? EX_OK : EX_IOERR;
}

static void run_task(void *shared, const struct dm_task *task, struct dm_result *ret) {
    dm_task_run(shared, task, ret);
}

static bool is_ready(void *shared, GError **error) {
    return dm_task_shared_ready(shared, error);
}

/** What the decoders are not held by; NULL when they are. */
static const char *jail_remark(const struct options *options) {
    struct dm_jail_locks locks = dm_jail_probe();
    if (options->no_jail) {
        return "decoders run without a jail, as limits.jail is false";
    }
    if (!locks.seccomp && !locks.landlock) {
        return "the kernel offers neither seccomp nor Landlock: decoders run without a jail";
    }
    if (!locks.landlock) {
        return "the kernel offers no Landlock: decoders are held by seccomp alone";
    }
    return locks.seccomp ? NULL
                         : "the kernel offers no seccomp: decoders are held by Landlock alone";
}

/** By name or by digits, as in folder names and in the configuration. */
static bool read_background(const struct options *options, struct dm_colour *ret) {
    const char *text = options->background != NULL ? options->background : "white";
    return dm_colour_from_hex(text, ret) || dm_colour_from_name(text, ret);
}

static int run_session(const struct options *options) {
    GError *error = NULL;
    struct dm_task_settings settings = {
        .memory_bytes = options->memory_bytes,
        .jailed = !options->no_jail,
        .source_time = options->source_time,
        .sandbox_pictures = (unsigned)MAX(options->sandbox_pictures, 0),
        .watermarks = (const char *const *)options->watermarks,
    };
    read_background(options, &settings.background);
    // Before MPI and all threads: what sandboxes are made of knows of neither.
    struct dm_task_shared *shared = dm_task_shared_new(&settings, &error);
    if (shared == NULL) {
        return fail(error);
    }
    signal(SIGXFSZ, SIG_IGN); // a limit on files is an error of write(2)
    struct dm_rank_options rank = {
        .socket_path = options->session,
        .threads = options->threads,
        .remark = jail_remark(options),
        .work = {.run = run_task,
                 .thread_end = dm_task_thread_end,
                 .ready = is_ready,
                 .data = shared},
    };
    int code = dm_rank_main(&rank);
    dm_task_shared_free(shared);
    return code;
}

static bool sensible(const struct options *options, int argc, GError **error) {
    if (argc > 1) {
        return dm_fail(error, DM_ERROR_CONFIG, "there are words that no option takes");
    }
    if (options->catalogue + options->version + options->probe_jail + options->alone +
            (options->session != NULL) !=
        1) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "expected one of --session, --alone, --catalogue, --probe-jail, --version");
    }
    if (options->threads < 0 || options->memory_bytes < 0) {
        return dm_fail(error, DM_ERROR_CONFIG, "--threads and --memory cannot be negative");
    }
    if (!read_background(options, &(struct dm_colour){0})) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "--background '%s' is no colour, expected a name or six digits",
                       options->background);
    }
    return true;
}

static int fail_usage(GOptionContext *context, GError *error) {
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
    fprintf(stderr, "dropmill-worker: %s\n\n%s", error->message, help);
    g_error_free(error);
    return EX_USAGE;
}

static int act(const struct options *options) {
    if (options->catalogue) {
        return print_catalogue(options);
    }
    if (options->version) {
        return print_version();
    }
    if (options->probe_jail) {
        return print_jail();
    }
    return run_session(options);
}

int main(int argc, char **argv) {
    dm_log_init("dropmill-worker", DM_LOG_MESSAGE);
    struct options options = {0};
    const GOptionEntry entries[] = {
        {"session", 0, 0, G_OPTION_ARG_FILENAME, &options.session,
         "Be a rank of the job that talks to the watcher's SOCKET (under mpirun)", "SOCKET"},
        {"alone", 0, 0, G_OPTION_ARG_NONE, &options.alone,
         "Be a job without MPI, fed by the socket on standard input", NULL},
        {"threads", 0, 0, G_OPTION_ARG_INT, &options.threads,
         "Threads of this rank (0: the cores divided by the ranks on this node)", "N"},
        {"memory", 0, 0, G_OPTION_ARG_INT64, &options.memory_bytes,
         "Memory for all tasks of this rank (0: half of the machine's)", "BYTES"},
        {"background", 0, 0, G_OPTION_ARG_STRING, &options.background,
         "Colour under transparency where the result has none (default: white)", "COLOUR"},
        {"source-time", 0, 0, G_OPTION_ARG_NONE, &options.source_time,
         "Give each result the time of its original (default: when it was made)", NULL},
        {"watermark", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.watermarks,
         "A picture that the operation watermark may lay on others (repeatable)", "NAME=PATH"},
        {"no-jail", 0, 0, G_OPTION_ARG_NONE, &options.no_jail,
         "Let decoders do what other threads may (default: Landlock and seccomp hold them)", NULL},
        {"sandbox-pictures", 0, 0, G_OPTION_ARG_INT, &options.sandbox_pictures,
         "Images that one process makes before a new one takes its place (0: 50)", "N"},
        {"catalogue", 0, 0, G_OPTION_ARG_NONE, &options.catalogue,
         "Print every operation, parameter and format as text", NULL},
        {"probe-jail", 0, 0, G_OPTION_ARG_NONE, &options.probe_jail,
         "Print what this kernel can hold decoders with", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Print the version", NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("- process images for dropmilld");
    g_option_context_add_main_entries(context, entries, NULL);
    GError *error = NULL;
    int code;
    if (!g_option_context_parse(context, &argc, &argv, &error) ||
        !sensible(&options, argc, &error)) {
        code = fail_usage(context, error);
    } else {
        code = act(&options);
    }
    g_option_context_free(context);
    g_free(options.session);
    g_free(options.background);
    g_strfreev(options.watermarks);
    dm_watermarks_clear();
    return code;
}
