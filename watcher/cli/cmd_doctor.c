// SPDX-License-Identifier: MIT
//
// dropmill doctor: one check after the other; what is found out by one the next may build upon. The
// map is in doctor.h.
#include "watcher/cli/commands.h"
#include "watcher/cli/doctor.h"
#include "watcher/cli/progress.h"

#include "common/error.h"
#include "common/escape.h"
#include "watcher/control.h"
#include "watcher/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const GOptionEntry options[] = {{0}};

/** Whether the process @pid is a dropmilld: it may be one of another PID namespace. */
static bool is_daemon(pid_t pid) {
    g_autofree char *file = g_strdup_printf("/proc/%d/comm", (int)pid);
    g_autofree char *name = NULL;
    return g_file_get_contents(file, &name, NULL, NULL) && strcmp(name, "dropmilld\n") == 0;
}

static void ask_daemon(struct dm_doctor *doctor) {
    g_autoptr(GError) why = NULL;
    g_clear_pointer(&doctor->live, g_hash_table_unref);
    g_clear_pointer(&doctor->silence, g_free);
    doctor->daemon = 0;
    int64_t begun_us = g_get_monotonic_time();
    g_autofree char *answer =
        doctor->places != NULL ? dm_control_ask(doctor->places->control, "status", &why) : NULL;
    doctor->answered_us = g_get_monotonic_time() - begun_us;
    if (answer == NULL) {
        doctor->silence = g_strdup(why != NULL ? why->message : "");
        doctor->is_silent = g_error_matches(why, DM_ERROR, DM_ERROR_TRANSIENT);
        return;
    }
    doctor->live = dm_status_read(answer);
    pid_t pid = (pid_t)g_ascii_strtoll(dm_doctor_live(doctor, "pid"), NULL, 10);
    doctor->daemon = pid > 0 && is_daemon(pid) ? pid : 0;
}

/** An origin that is a file. */
static gboolean is_file(void *key, void *origin, void *data) {
    (void)key, (void)data;
    return g_path_is_absolute(origin);
}

static void read_configuration(struct dm_doctor *doctor) {
    g_autoptr(GError) error = NULL;
    doctor->config = dm_config_read(doctor->cli->config_option, doctor->mistakes);
    doctor->cli->config = doctor->config;
    doctor->is_unread = doctor->mistakes->len > 0 &&
                        g_hash_table_find(doctor->config->origins, is_file, NULL) == NULL;
    if (!dm_config_take_option(doctor->config, "share", doctor->cli->share_option, "--share",
                               &error)) {
        g_ptr_array_add(doctor->mistakes, g_strdup(error->message));
    }
}

/** What is remembered of the share, without touching it. */
static void begin(struct dm_doctor *doctor) {
    doctor->mistakes = g_ptr_array_new_with_free_func(g_free);
    read_configuration(doctor);
    doctor->places = dm_places_recall(doctor->config);
    doctor->verdicts = g_new0(int, dm_doctor_check_count);
    ask_daemon(doctor);
    dm_doctor_find_user(doctor);
}

/** The share was there: "PATH ID MEANT UID GID WATCHED", each escaped. */
static void learn_share(struct dm_doctor *doctor, const struct dm_finding *finding) {
    g_auto(GStrv) told = g_strsplit(finding->told != NULL ? finding->told : "", "\t", -1);
    if (g_strv_length(told) != 6) {
        return;
    }
    g_autofree char *share = dm_unescape(told[0], strlen(told[0]));
    g_autofree char *meant = dm_unescape(told[2], strlen(told[2]));
    dm_places_free(doctor->places);
    doctor->places = dm_places_new(doctor->config, share, told[1], meant);
    doctor->marker_uid = (uid_t)g_ascii_strtoull(told[3], NULL, 10);
    doctor->marker_gid = (gid_t)g_ascii_strtoull(told[4], NULL, 10);
    ask_daemon(doctor);
    doctor->is_elsewhere = strcmp(told[5], "1") == 0 && doctor->live == NULL &&
                           access(doctor->places->ledger, F_OK) != 0 && errno == ENOENT;
    dm_doctor_find_user(doctor);
}

static bool was_well(const struct dm_doctor *doctor, const char *name) {
    return doctor->verdicts[dm_doctor_row(name)] < DM_VERDICT_FAILED;
}

/** Whether the check makes sense after those before it. */
static bool is_due(const struct dm_doctor *doctor, const struct dm_doctor_check *check) {
    if (doctor->is_unread) { // what is there by default is not what is meant
        return check->look == dm_look_at_configuration;
    }
    switch (check->needs) {
    case DM_NEEDS_PLACES:
        return doctor->places != NULL;
    case DM_NEEDS_STATE:
        return doctor->places != NULL && !doctor->is_elsewhere;
    case DM_NEEDS_SHARE:
        return doctor->places != NULL && was_well(doctor, "share") && doctor->is_there;
    case DM_NEEDS_DAEMON:
        return doctor->daemon > 0;
    case DM_NEEDS_ANSWER:
        return doctor->live != NULL;
    case DM_NEEDS_WORKER:
        return was_well(doctor, "worker");
    default:
        return true;
    }
}

static int exit_code_of(const struct dm_finding *findings) {
    for (size_t row = 0; row < dm_doctor_check_count; row++) {
        if (findings[row].verdict == DM_VERDICT_FAILED) {
            return dm_doctor_checks[row].exit_code;
        }
    }
    return EX_OK;
}

static void show_progress(struct dm_progress *progress, size_t row) {
    g_autofree char *text = g_strdup_printf("checking: %s", dm_doctor_checks[row].name);
    dm_progress_write(progress, row, text);
}

/** All checks. Returns 0, or the signal that has come. */
static int look(struct dm_doctor *doctor, struct dm_finding *findings) {
    int signal = 0;
    struct dm_progress progress = {.wanted = isatty(STDERR_FILENO) && !doctor->cli->quiet,
                                   .terminal = true,
                                   .start_us = g_get_monotonic_time()};
    for (size_t row = 0; row < dm_doctor_check_count && signal == 0; row++) {
        const struct dm_doctor_check *check = &dm_doctor_checks[row];
        if (!is_due(doctor, check)) {
            findings[row] = (struct dm_finding){.verdict = DM_VERDICT_UNASKED,
                                                .saw = g_string_new(NULL),
                                                .mend = g_string_new(NULL)};
        } else {
            show_progress(&progress, row);
            dm_doctor_run(doctor, row, &findings[row], &signal);
        }
        doctor->verdicts[row] = (int)findings[row].verdict;
        if (check->look == dm_look_at_share) {
            learn_share(doctor, &findings[row]);
            doctor->is_there = findings[row].told != NULL && *findings[row].told != '\0';
        }
    }
    dm_progress_wipe(&progress);
    return signal;
}

static void end(struct dm_doctor *doctor, struct dm_finding *findings) {
    for (size_t row = 0; row < dm_doctor_check_count; row++) {
        dm_finding_clear(&findings[row]);
    }
    g_ptr_array_unref(doctor->mistakes);
    dm_places_free(doctor->places);
    g_clear_pointer(&doctor->live, g_hash_table_unref);
    dm_doctor_user_clear(&doctor->user);
    g_free(doctor->silence);
    g_free(doctor->verdicts);
    g_free(findings);
}

static int run(struct dm_cli *cli, char **arguments) {
    if (arguments[0] != NULL) {
        return dm_cli_usage(&dm_cmd_doctor, "takes no arguments; a share is named by --share DIR");
    }
    struct dm_doctor doctor = {.cli = cli, .marker_uid = (uid_t)-1};
    struct dm_finding *findings = g_new0(struct dm_finding, dm_doctor_check_count);
    dm_doctor_take_signals();
    begin(&doctor);
    int signal = look(&doctor, findings);
    if (signal != 0) {
        dm_doctor_die(signal);
    }
    if (cli->json) {
        dm_doctor_write(&doctor, findings);
    } else {
        dm_doctor_print(&doctor, findings);
    }
    int exit_code = exit_code_of(findings);
    end(&doctor, findings);
    return exit_code;
}

const struct dm_command dm_cmd_doctor = {
    .name = "doctor",
    .usage = "[--quiet]",
    .summary = "Check all that must be well: configuration, share, rights, ledger, worker, ...",
    .help =
        "Each check is ok, a warning or failed; what is wrong comes first, with what mends it.\n"
        "Nothing is changed and nothing is left behind, and a daemon that runs does not\n"
        "notice. What the daemon's user may do is judged as that user if root asks, or he.\n"
        "With --quiet only what is not ok. Status 0: all is ok, or warnings; else that of the\n"
        "first failure: 69 share, daemon, job or store; 73 a place cannot be used; 74 share\n"
        "or ledger; 77 rights; 78 configuration, worker, jail or hooks.\n",
    .options = options,
    .run = run,
};
