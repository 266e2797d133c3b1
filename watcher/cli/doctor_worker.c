// SPDX-License-Identifier: MIT
//
// What `dropmill doctor` checks of those who do the work: the worker, what holds it, how it is
// started here and elsewhere, the store that results go to, and who is told.
#include "watcher/cli/doctor.h"
#include "watcher/cli/s3_parts.h"

#include "common/error.h"
#include "watcher/engine/engine.h"
#include "watcher/notices/notices.h"
#include "watcher/recipes.h"
#include "watcher/store/store_open.h"

#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#define HOST_US (INT64_C(15) * G_USEC_PER_SEC)
#define HOSTS_US (INT64_C(40) * G_USEC_PER_SEC)
#define SLOW_US (INT64_C(5) * G_USEC_PER_SEC)

// ---- the program

static void look_at_recipes(const struct dm_doctor *doctor, const struct dm_catalogue *catalogue,
                            struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    g_autofree char *troubles = dm_catalogue_troubles(catalogue);
    if (troubles != NULL) {
        dm_doctor_fail(ret, "correct watermarks in dropmill.conf, or give the file to read", "%s",
                       troubles);
    }
    if (!dm_recipes_check(catalogue, doctor->config->recipes, doctor->config->origins, &error)) {
        dm_doctor_fail(ret, "correct recipes in dropmill.conf; names: dropmill ops", "%s",
                       error->message);
    }
}

void dm_look_at_worker(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    const struct dm_catalogue *catalogue = dm_cli_catalogue(doctor->cli, &error);
    if (catalogue == NULL) {
        dm_doctor_fail(ret,
                       "install it anew (apt install --reinstall dropmill), or set engine.worker "
                       "in dropmill.conf",
                       "%s", error->message);
        return;
    }
    look_at_recipes(doctor, catalogue, ret);
    dm_doctor_ok(ret, "%s starts, %zu operations", doctor->cli->worker,
                 dm_catalogue_operation_count(catalogue));
}

// ---- the jail

static void judge_jail(const char *words, const char *whose, bool wanted, struct dm_finding *ret) {
    if (strcmp(words, "nothing") == 0) {
        dm_doctor_fail(ret,
                       wanted ? "see 'What the jail needs' in man dropmill-security: in a unit, "
                                "SystemCallFilter must let through seccomp and landlock_*"
                              : "take limits.jail = false out of dropmill.conf, and restart",
                       "%s: decoders are held by nothing%s: a picture that breaks one may do all "
                       "that the daemon may",
                       whose, wanted ? "" : ", as limits.jail is false");
    } else if (strstr(words, "alone") != NULL) {
        dm_doctor_warn(ret, "a newer kernel has both: Linux 5.13 with Landlock in lsm=",
                       "%s: decoders are held by %s", whose, words);
    }
}

void dm_look_at_jail(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    const char *live = dm_doctor_live(doctor, "jail");
    const struct dm_catalogue *catalogue = dm_cli_catalogue(doctor->cli, &error);
    const char *here = catalogue != NULL ? dm_catalogue_jail(catalogue) : "nothing";
    bool wanted = doctor->config->engine.limits.jail;
    bool has_live = *live != '\0';
    judge_jail(has_live ? live : here, has_live ? "in the daemon" : "here", wanted, ret);
    dm_doctor_ok(ret, "decoders are held by %s", has_live ? live : here);
}

// ---- a job

static struct dm_engine_config engine_config(const struct dm_doctor *doctor) {
    return (struct dm_engine_config){
        .settings = doctor->config->engine,
        .worker = dm_cli_worker(doctor->cli, NULL),
        .worker_args = (const char *const *)doctor->config->worker_args,
        .runtime_dir = doctor->scratch,
    };
}

static void tell_trial(const struct dm_engine_trial *trial, struct dm_finding *ret) {
    if (strcmp(trial->program, "dropmill-worker " DM_VERSION) != 0) {
        dm_doctor_warn(ret, "apt install --reinstall dropmill", "the worker is %s, this is %s",
                       trial->program, DM_VERSION);
    }
    if (trial->took_us > SLOW_US) {
        dm_doctor_warn(ret, "dropmill status, and top: is the machine overloaded?",
                       "it took %.1f s to say hello", (double)trial->took_us / 1e6);
    }
    dm_doctor_ok(ret, "%s: %" PRId64 " rank%s, %" PRId64 " thread%s, up in %" PRId64 " ms",
                 trial->by_mpirun ? "by mpirun" : "without mpirun", trial->ranks,
                 trial->ranks == 1 ? "" : "s", trial->threads, trial->threads == 1 ? "" : "s",
                 trial->took_us / 1000);
}

void dm_look_at_job(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    struct dm_engine_trial trial = {0};
    struct dm_engine_config config = engine_config(doctor);
    if (!dm_engine_try(&config, &trial, &error)) {
        bool is_config = g_error_matches(error, DM_ERROR, DM_ERROR_CONFIG);
        dm_doctor_fail(ret,
                       is_config ? "correct engine in dropmill.conf, or: apt install openmpi-bin"
                                 : "journalctl -u dropmilld; and the newest job-*.txt in the "
                                   "runtime directory",
                       "it cannot be started: %s", error->message);
        return;
    }
    tell_trial(&trial, ret);
    dm_engine_trial_clear(&trial);
}

// ---- hosts

/** The first word of each line that has one: char *, (transfer full). NULL with @error. */
static GPtrArray *read_hosts(const char *hostfile, GError **error) {
    g_autofree char *text = NULL;
    if (!g_file_get_contents(hostfile, &text, NULL, error)) {
        return NULL;
    }
    GPtrArray *hosts = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_strchug(lines[i]);
        size_t length = strcspn(lines[i], " \t\r#");
        if (length > 0) {
            g_ptr_array_add(hosts, g_strndup(lines[i], length));
        }
    }
    return hosts;
}

/** A job of rank 0, which is on the first host, and one on @host. */
static void try_host(const struct dm_doctor *doctor, const char *first, const char *host,
                     struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    struct dm_engine_trial trial = {0};
    struct dm_engine_config config = engine_config(doctor);
    bool is_first = strcmp(first, host) == 0;
    g_autofree char *file = g_build_filename(doctor->scratch, "hosts", NULL);
    g_autofree char *text = is_first ? g_strdup_printf("%s slots=1\n", host)
                                     : g_strdup_printf("%s slots=1\n%s slots=1\n", first, host);
    config.settings.hostfile = file;
    config.settings.ranks = is_first ? 1 : 2;
    config.settings.connect_us = MIN(config.settings.connect_us, HOST_US);
    if (g_file_set_contents(file, text, -1, &error) && dm_engine_try(&config, &trial, &error)) {
        dm_doctor_note(ret, "%s: up in %" PRId64 " ms (%s)", host, trial.took_us / 1000,
                       trial.seats);
        dm_engine_trial_clear(&trial);
        return;
    }
    g_autofree char *quoted = g_shell_quote(host);
    g_autofree char *worker = g_shell_quote(config.worker);
    g_autofree char *mend = g_strdup_printf("sudo -u %s ssh -o BatchMode=yes %s %s --version",
                                            doctor->user.name, quoted, worker);
    dm_doctor_fail(ret, mend, "%s: %s", host, error->message);
}

void dm_look_at_hosts(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    const char *hostfile = doctor->config->engine.hostfile;
    if (*hostfile == '\0') {
        dm_doctor_ok(ret, "no engine.hostfile: this machine alone");
        return;
    }
    GPtrArray *hosts = read_hosts(hostfile, &error);
    if (hosts == NULL || hosts->len == 0) {
        dm_doctor_fail(ret, "write one host a line there: NAME slots=CORES", "engine.hostfile: %s",
                       error != NULL ? error->message : "it names no host");
        g_clear_pointer(&hosts, g_ptr_array_unref);
        return;
    }
    int64_t end_us = g_get_monotonic_time() + HOSTS_US;
    guint i = 0;
    for (; i < hosts->len && g_get_monotonic_time() < end_us; i++) {
        try_host(doctor, hosts->pdata[0], hosts->pdata[i], ret);
    }
    if (i < hosts->len) {
        dm_doctor_warn(ret, "", "%u more hosts were not tried: that took too long", hosts->len - i);
    }
    g_ptr_array_unref(hosts);
}

// ---- who is told

void dm_look_at_hooks(const struct dm_doctor *doctor, struct dm_finding *ret) {
    const struct dm_notices_settings *settings = &doctor->config->notices;
    const char *problem = dm_doctor_live(doctor, "hooks.problem");
    g_autoptr(GError) address = NULL;
    g_autoptr(GError) program = NULL;
    g_autofree char *quoted = g_shell_quote(settings->exec);
    g_autofree char *mend = g_strdup_printf(
        "ls -l %s; it has to be of root or %s, executable, and to be written by nobody else",
        quoted, doctor->user.name);
    if (!dm_notices_check(settings, &address)) {
        dm_doctor_fail(ret, "correct hooks.webhook in dropmill.conf", "%s", address->message);
    }
    if (!dm_notices_check_program(settings, &program)) {
        dm_doctor_fail(ret, mend, "%s; notices wait for it", program->message);
    } else if (*problem != '\0') {
        dm_doctor_warn(ret, "it is tried again by itself; see what is at the other end", "%s",
                       problem);
    }
    if (*settings->exec == '\0' && *settings->webhook == '\0') {
        dm_doctor_ok(ret, "nobody is told of drops and of trouble");
    } else if (!dm_notices_are_wanted(settings)) {
        dm_doctor_warn(ret, "set hooks.done, hooks.failed or hooks.trouble in dropmill.conf",
                       "nobody is told anything: hooks.done, hooks.failed and hooks.trouble are "
                       "all false");
    }
    dm_doctor_ok(ret, "%s%s%s", *settings->exec != '\0' ? "exec can be run" : "",
                 *settings->exec != '\0' && *settings->webhook != '\0' ? ", " : "",
                 *settings->webhook != '\0' ? "webhook is an address (nothing was sent)" : "");
}

// ---- the store

static void tell_step(const char *step, const char *problem, void *data) {
    struct dm_finding *ret = data;
    if (problem != NULL) {
        dm_doctor_fail(ret, "dropmill s3 check; the settings: s3 in dropmill.conf", "%s: %s", step,
                       problem);
    }
}

void dm_look_at_store(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autoptr(GError) error = NULL;
    if (!dm_store_is_named(&doctor->config->store)) {
        dm_doctor_ok(ret, "none is configured");
        return;
    }
    struct dm_store *store = dm_store_open(&doctor->config->store, &error);
    if (store == NULL) {
        dm_doctor_fail(ret, "correct s3 in dropmill.conf", "%s", error->message);
        return;
    }
    const char *problem = dm_doctor_live(doctor, "mirror.problem");
    if (dm_s3_try(store, doctor->config->mirror.prefix, tell_step, ret) && *problem != '\0') {
        dm_doctor_warn(ret, "dropmill s3 status", "%s", problem);
    }
    dm_doctor_ok(ret, "%s: an object was put, seen and deleted", dm_store_name(store));
    dm_store_free(store);
}
