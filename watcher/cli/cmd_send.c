// SPDX-License-Identifier: MIT
//
// dropmill send: files go to a dropmill somewhere else, which does what the folder's name says, and
// results come back. The map of its files is send.h. This one has the options, the table of ways,
// the loop, and how it ends.
#include "watcher/cli/commands.h"
#include "watcher/cli/progress.h"
#include "watcher/cli/send_files.h"
#include "watcher/cli/send_http.h"
#include "watcher/cli/send_report.h"
#include "watcher/cli/send_s3.h"
#include "watcher/cli/send_share.h"

#include "common/chain.h"
#include "common/error.h"
#include "common/log.h"
#include "watcher/recipes.h"
#include "watcher/units.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define TICK_MS 200
// Nothing has come for so long: it is said, once.
#define HINT_US (120 * (int64_t)G_USEC_PER_SEC)

static char *to_option, *token_file_option, *as_option;
static char *s3_option, *with_option, *name_option, *get_option, *timeout_option;
static char *endpoint_option, *region_option, *ca_file_option;
static gboolean wait_option, force_option, replace_option, unchecked_option, progress_option;

static const GOptionEntry options[] = {
    {"to", 0, 0, G_OPTION_ARG_STRING, &to_option, "over HTTP to a page of dropmill's", "URL"},
    {"s3", 0, 0, G_OPTION_ARG_FILENAME, &s3_option, "by a bucket that a dropmill takes from",
     "BUCKET/PREFIX"},
    {"with", 'w', 0, G_OPTION_ARG_FILENAME, &with_option, "what to do, as in a folder name",
     "CHAIN"},
    {"wait", 0, 0, G_OPTION_ARG_NONE, &wait_option, "wait until all of them are done", NULL},
    {"get", 'g', 0, G_OPTION_ARG_FILENAME, &get_option, "wait, and bring the results here", "DIR"},
    {"force", 'f', 0, G_OPTION_ARG_NONE, &force_option, "replace files that are in DIR", NULL},
    {"name", 'n', 0, G_OPTION_ARG_FILENAME, &name_option, "go on with a send, or call this one so",
     "NAME"},
    {"as", 0, 0, G_OPTION_ARG_STRING, &as_option,
     "with --to: what people read there as its title, if it is a new one", "TITLE"},
    {"replace", 0, 0, G_OPTION_ARG_NONE, &replace_option,
     "with --name: put a file over another one that is there", NULL},
    {"timeout", 0, 0, G_OPTION_ARG_STRING, &timeout_option, "at most so long (forever)",
     "DURATION"},
    {"unchecked", 0, 0, G_OPTION_ARG_NONE, &unchecked_option,
     "CHAIN has recipes that only the other side knows", NULL},
    {"endpoint", 0, 0, G_OPTION_ARG_STRING, &endpoint_option, "the bucket's server", "URL"},
    {"region", 0, 0, G_OPTION_ARG_STRING, &region_option, "the bucket's region", "REGION"},
    {"ca-file", 0, 0, G_OPTION_ARG_FILENAME, &ca_file_option,
     "who signed the certificate of that server", "FILE"},
    {"token-file", 0, 0, G_OPTION_ARG_FILENAME, &token_file_option,
     "with --to: the secret that lets you in (else $DROPMILL_TOKEN)", "FILE"},
    {"progress", 0, 0, G_OPTION_ARG_NONE, &progress_option, "show progress without a terminal, too",
     NULL},
    {0},
};

// The last way needs no option: where no other is given, a share is meant.
static char *no_option = (char *)"";

/** The ways that there are, by the option that chooses one; the first that is given is it. */
static const struct {
    const struct dm_send_way *way;
    char **option;
} ways[] = {
    {&dm_send_way_http, &to_option},
    {&dm_send_way_s3, &s3_option},
    {&dm_send_way_share, &no_option},
};

static volatile sig_atomic_t signal_number;

static void on_signal(int number) {
    signal_number = number;
}

// ---- the loop

/** The run itself. */
struct run {
    struct dm_send *send;
    struct dm_progress progress;
    int64_t start_us, deadline_us;
    bool has_hinted;
};

static void show(struct run *run, int64_t now_us) {
    g_autofree char *text = dm_send_progress_text(run->send, now_us - run->start_us);
    const struct dm_send *send = run->send;
    size_t moves = send->sent + send->counts[DM_SEND_DONE] + 2 * send->counts[DM_SEND_GOT] +
                   send->counts[DM_SEND_FAILED];
    dm_progress_write(&run->progress, moves, text);
}

/** A person who waits in vain is told what to look at. */
static void hint(struct run *run, int64_t now_us) {
    const struct dm_send *send = run->send;
    if (run->has_hinted || send->counts[DM_SEND_SENT] == 0 || now_us - send->moved_us < HINT_US ||
        send->cli->quiet) {
        return;
    }
    run->has_hinted = true;
    dm_progress_wipe(&run->progress);
    dm_cli_say(EX_OK,
               "nothing has come back for a while: does dropmilld run there, and does it know "
               "'%s'? ('dropmill status' there says so)",
               send->chain);
}

/** Returns false with @error when there is no use in going on. */
static bool loop(struct run *run, GError **error) {
    struct dm_send *send = run->send;
    int64_t now_us = run->start_us;
    while (send->over < send->files->len && signal_number == 0 && now_us < run->deadline_us) {
        if (!send->way->turn(send, TICK_MS, error)) {
            return false;
        }
        now_us = g_get_monotonic_time();
        show(run, now_us);
        hint(run, now_us);
    }
    return true;
}

static void catch_signals(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

// ---- the end

static void on_over(const struct dm_send *send, const struct dm_send_file *file) {
    if (send->cli->json) {
        dm_send_write_file(send, file);
    }
}

/** All are over. */
static int summarize(const struct run *run) {
    const struct dm_send *send = run->send;
    size_t good = send->files->len - send->counts[DM_SEND_FAILED];
    double seconds = (double)(g_get_monotonic_time() - run->start_us) / G_USEC_PER_SEC;
    dm_send_report_failures(send);
    if (!send->cli->quiet && send->waits) {
        fprintf(stderr, "%zu of %u done in %.1f s%s%s\n", good, send->files->len, seconds,
                send->get_fd >= 0 ? "; results are in " : "",
                send->get_fd >= 0 ? send->get_dir : "");
    } else if (!send->cli->quiet) {
        dm_send_say_how_to_go_on(send);
    }
    return good == send->files->len && send->problems == 0 ? EX_OK : EX_DATAERR;
}

/** End as the signal would have ended us: the shell is to see it. */
static int end_by_signal(int number) {
    catch_signals(SIG_DFL);
    raise(number);
    return EX_SOFTWARE;
}

static int end(struct run *run, GError *error) {
    struct dm_send *send = run->send;
    dm_progress_wipe(&run->progress);
    if (send->over == send->files->len) {
        g_clear_error(&error);
        send->way->clear_up(send);
        return summarize(run);
    }
    dm_send_report_failures(send);
    dm_send_say_how_to_go_on(send);
    if (error != NULL) {
        return dm_cli_fail(error);
    }
    return signal_number != 0 ? EX_SOFTWARE
                              : dm_cli_say(EX_TEMPFAIL, "time is up: %zu of %u are done",
                                           send->counts[DM_SEND_DONE] + send->counts[DM_SEND_GOT],
                                           send->files->len);
}

static int run_files(struct dm_send *send, int64_t timeout_us) {
    GError *error = NULL;
    if (!send->way->open(send, &error)) {
        return dm_cli_fail(error);
    }
    int64_t now_us = send->moved_us = g_get_monotonic_time();
    bool is_terminal = isatty(STDERR_FILENO) != 0;
    struct run run = {
        .send = send,
        .progress = {.wanted = !send->cli->quiet && (is_terminal || progress_option),
                     .terminal = is_terminal,
                     .start_us = now_us},
        .start_us = now_us,
        .deadline_us = timeout_us < INT64_MAX - now_us ? now_us + timeout_us : INT64_MAX,
    };
    catch_signals(on_signal);
    loop(&run, &error);
    return end(&run, error);
}

// ---- the beginning

/** A folder that nobody else has. */
static char *make_name(void) {
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S");
    return g_strdup_printf("%s-%08x", time, g_random_int());
}

/** Say whether @name can be one folder's name there; else why not, a literal. */
static const char *bad_folder(const char *name) {
    if (*name == '\0' || *name == '.') {
        return "is empty or begins with a dot";
    }
    return strchr(name, '/') != NULL ? "has a slash in it" : dm_send_bad_name(name);
}

static void free_chain(struct dm_chain **chain) {
    dm_chain_free(*chain);
}

/** Say EX_OK if the chain is one, as far as is known here: without a worker the other side says. */
static int check_chain(struct dm_cli *cli) {
    g_autoptr(GError) unknown = NULL;
    const struct dm_catalogue *catalogue =
        unchecked_option ? NULL : dm_cli_catalogue(cli, &unknown);
    if (catalogue == NULL) {
        return EX_OK;
    }
    GError *error = NULL;
    __attribute__((cleanup(free_chain))) struct dm_chain *chain = NULL;
    g_autofree char *near = NULL;
    if (!dm_recipes_check(catalogue, cli->config->recipes, cli->config->origins, &error)) {
        return dm_cli_fail(error);
    }
    if (dm_chain_parse(catalogue, cli->config->recipes, with_option, &chain, &near, &error)) {
        return EX_OK;
    }
    int exit_code = dm_cli_fail(error);
    return near != NULL ? dm_cli_say(exit_code, "a name that works: '%s'", near) : exit_code;
}

static int open_output(struct dm_send *send) {
    if (get_option == NULL) {
        return EX_OK;
    }
    if (g_mkdir_with_parents(get_option, 0777) != 0) {
        return dm_cli_say(EX_CANTCREAT, "cannot make the directory '%s': %s", get_option,
                          g_strerror(errno));
    }
    send->get_dir = g_canonicalize_filename(get_option, NULL);
    send->get_fd = open(send->get_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (send->get_fd < 0 || access(send->get_dir, W_OK) != 0) {
        return dm_cli_say(EX_CANTCREAT, "cannot write into '%s': %s", get_option,
                          g_strerror(errno));
    }
    return EX_OK;
}

static int run_send(struct dm_send *send, char **arguments, int64_t timeout_us) {
    int exit_code = open_output(send);
    if (exit_code == EX_OK) {
        dm_send_find_files(send, arguments);
        exit_code = send->files->len > 0 ? run_files(send, timeout_us)
                                         : dm_cli_say(EX_NOINPUT, "there is nothing to send");
        send->way->close(send);
    }
    if (send->get_fd >= 0) {
        close(send->get_fd);
    }
    g_ptr_array_unref(send->files);
    g_free(send->get_dir);
    g_free(send->name);
    return signal_number != 0 ? end_by_signal(signal_number) : exit_code;
}

/** What the command line asks for. */
static const struct dm_send_way *chosen_way(const char **ret_where) {
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        if (*ways[i].option != NULL) {
            *ret_where = *ways[i].option;
            return ways[i].way;
        }
    }
    return NULL;
}

/** No way is named, and no share can be found. @error: (transfer full). */
static int fail_without_share(const struct dm_cli *cli, GError *error) {
    if (*cli->config->share != '\0') {
        return dm_cli_fail(error);
    }
    g_error_free(error);
    return dm_cli_usage(&dm_cmd_send,
                        "by which way? --to URL, a page of dropmill's; --share DIR, a share that "
                        "is mounted here; or --s3 BUCKET/PREFIX, a bucket that a dropmill takes "
                        "from (its s3_inbox). Here and now: 'dropmill process'");
}

static int run(struct dm_cli *cli, char **arguments) {
    struct dm_send send = {
        .cli = cli,
        .endpoint = endpoint_option,
        .region = region_option,
        .ca_file = ca_file_option,
        .token_file = token_file_option,
        .chain = with_option,
        .waits = wait_option || get_option != NULL,
        .get_fd = -1,
        .is_new = name_option == NULL && as_option != NULL,
        .force = force_option,
        .replace = replace_option,
        .on_over = on_over,
    };
    send.way = chosen_way(&send.where);
    int64_t timeout_us = DM_DURATION_FOREVER;
    GError *error = NULL;
    if (dm_cli_config(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    if (send.way == &dm_send_way_share && dm_cli_places(cli, &error) == NULL) {
        return fail_without_share(cli, error);
    }
    if (as_option != NULL && send.way != &dm_send_way_http) {
        return dm_cli_usage(&dm_cmd_send, "--as goes with --to alone: say --name");
    }
    if (with_option == NULL || arguments[0] == NULL) {
        return dm_cli_usage(&dm_cmd_send, "needs --with and at least one file");
    }
    if (timeout_option != NULL && !dm_parse_endless_duration(timeout_option, &timeout_us, NULL)) {
        return dm_cli_usage(&dm_cmd_send, "'%s' is no duration such as 90s", timeout_option);
    }
    const char *bad_chain = bad_folder(with_option);
    const char *bad_name = name_option != NULL ? bad_folder(name_option) : NULL;
    if (bad_chain != NULL || bad_name != NULL) {
        return dm_cli_usage(&dm_cmd_send, "--%s '%s': %s", bad_chain != NULL ? "with" : "name",
                            bad_chain != NULL ? with_option : name_option,
                            bad_chain != NULL ? bad_chain : bad_name);
    }
    int exit_code = check_chain(cli);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    dm_log_init("dropmill", DM_LOG_ERROR);
    send.name = name_option != NULL ? g_strdup(name_option)
                : as_option != NULL ? g_strdup(as_option)
                                    : make_name();
    send.files = g_ptr_array_new_with_free_func(dm_send_file_free);
    return run_send(&send, arguments, timeout_us);
}

const struct dm_command dm_cmd_send = {
    .name = "send",
    .usage = "[--to URL|--s3 BUCKET/PREFIX] --with CHAIN [--wait] [--get DIR] [OPTION...] FILE...",
    .summary = "Send images to a dropmill elsewhere, and get the results",
    .help = "CHAIN is what a folder would be called: rotate-90_resize-1600. Without --to and --s3\n"
            "it is the share that is configured, or --share names. The files go into a\n"
            "folder of this send's own there, directories with all that is below them.\n"
            "With --wait it ends when all are done, with --get when the results are in DIR. A\n"
            "file that is there already stays, and the result is called, say, 'a (2).jpg'; with\n"
            "--force it is replaced, unless it is one of the FILEs. After an interrupt the same\n"
            "command with --name NAME goes on: what is there is not sent again. A page that asks\n"
            "who you are is told by DROPMILL_TOKEN. By a bucket, without a configuration:\n"
            "--endpoint and the AWS_ variables or profiles say all that is needed.\n"
            "Status 65: some files failed; 69: the page, the bucket or a dropmill is not there;\n"
            "75: time is up.\n",
    .options = options,
    .run = run,
};
