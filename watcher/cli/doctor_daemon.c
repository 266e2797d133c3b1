// SPDX-License-Identifier: MIT
//
// What `dropmill doctor` checks of those who run: the daemon, and the page.
#include "watcher/cli/doctor.h"
#include "watcher/cli/output.h"

#include "common/error.h"
#include "watcher/config_sum.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/lock.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define UNIT_DROP_IN "/etc/systemd/system/dropmilld.service.d/share.conf"
#define SLOW_US (INT64_C(500) * 1000)

/** "dropmilld@main.service" of the control group that a process is in; (transfer full), or NULL. */
static char *unit_of(pid_t pid) {
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", (int)pid);
    g_autofree char *text = NULL;
    if (pid <= 0 || !g_file_get_contents(file, &text, NULL, NULL)) {
        return NULL;
    }
    char *at = strstr(text, "/dropmilld");
    if (at == NULL) {
        return NULL;
    }
    at[strcspn(at, "\n")] = '\0';
    return g_str_has_suffix(at, ".service") ? g_strdup(at + 1) : NULL;
}

static const char *share_of(const struct dm_doctor *doctor) {
    return doctor->places != NULL ? doctor->places->share : "DIR";
}

char *dm_doctor_systemctl(const struct dm_doctor *doctor, const char *verb) {
    g_autofree char *unit = unit_of(doctor->daemon);
    bool is_service = g_file_test("/run/systemd/system", G_FILE_TEST_IS_DIR) &&
                      g_file_test(UNIT_DROP_IN, G_FILE_TEST_EXISTS);
    if (unit != NULL || is_service) {
        return g_strdup_printf("systemctl %s %s", verb, unit != NULL ? unit : "dropmilld");
    }
    g_autofree char *quoted = g_shell_quote(share_of(doctor));
    if (doctor->daemon > 0 && strcmp(verb, "reload") == 0) {
        return g_strdup_printf("kill -HUP %d", (int)doctor->daemon);
    }
    return g_strdup_printf(
        "%sdropmilld --share %s",
        strcmp(verb, "start") == 0 ? "" : "stop it, then start it again: ", quoted);
}

char *dm_doctor_command(const struct dm_doctor *doctor, const char *words) {
    bool is_typed = doctor->cli->share_option != NULL && doctor->places != NULL;
    g_autofree char *quoted = is_typed ? g_shell_quote(doctor->places->share) : NULL;
    return is_typed ? g_strdup_printf("%s --share %s", words, quoted) : g_strdup(words);
}

char *dm_doctor_as_user(const struct dm_doctor *doctor, const char *user) {
    g_autofree char *words = g_strdup_printf("sudo -u %s dropmill doctor", user);
    return dm_doctor_command(doctor, words);
}

// ---- the daemon

/** Another user's has its ledger and its socket elsewhere. */
static bool look_for_stranger(const struct dm_doctor *doctor, struct dm_finding *ret) {
    int64_t pid = 0;
    g_autofree char *user =
        doctor->is_there ? dm_share_lock_holder(doctor->places->share, &pid) : NULL;
    if (user == NULL) {
        return false;
    }
    bool is_ours = strcmp(user, g_get_user_name()) == 0;
    g_autofree char *as_user = dm_doctor_as_user(doctor, user);
    g_autofree char *sudo = dm_doctor_command(doctor, "sudo dropmill doctor");
    if (doctor->is_elsewhere && is_ours) {
        dm_doctor_warn(ret,
                       "ask with the settings that it was started with (state_dir, runtime_dir, "
                       "DROPMILL_STATE_DIR)",
                       "process %" PRId64 " of %s watches the share, and has its ledger elsewhere",
                       pid, user);
    } else if (*user != '\0' && !is_ours &&
               (doctor->is_elsewhere || strcmp(user, doctor->user.name) != 0)) {
        dm_doctor_warn(ret, as_user,
                       "user %s watches the share (process %" PRId64
                       "): that daemon cannot be asked from here",
                       user, pid);
    } else if (!dm_doctor_is_true(doctor)) {
        dm_doctor_warn(ret, sudo, "process %" PRId64 " of %s watches the share; you may not ask it",
                       pid, doctor->user.name);
    } else {
        g_autofree char *mend = dm_doctor_systemctl(doctor, "restart");
        dm_doctor_fail(ret, mend,
                       "process %" PRId64 " watches the share and does not answer at '%s'", pid,
                       doctor->places->control);
    }
    return true;
}

static void tell_silence(const struct dm_doctor *doctor, struct dm_finding *ret) {
    g_autofree char *restart = dm_doctor_systemctl(doctor, "restart");
    g_autofree char *start = dm_doctor_systemctl(doctor, "start");
    if (doctor->is_silent) {
        dm_doctor_fail(ret, restart, "%s", doctor->silence);
    } else if (look_for_stranger(doctor, ret)) {
        return;
    } else if (access(doctor->places->ledger, F_OK) == 0) {
        dm_doctor_fail(ret, start, "not running: nobody looks after the files in the share");
    } else if (errno == EACCES) {
        g_autofree char *sudo = dm_doctor_command(doctor, "sudo dropmill doctor");
        dm_doctor_warn(ret, sudo, "%s may not ask whether it runs", g_get_user_name());
    } else {
        dm_doctor_warn(ret, start, "not running: nobody has watched this share yet");
    }
}

void dm_look_at_daemon(const struct dm_doctor *doctor, struct dm_finding *ret) {
    if (doctor->live == NULL) {
        tell_silence(doctor, ret);
        return;
    }
    g_autofree char *took = dm_human_duration(doctor->answered_us);
    if (doctor->answered_us > SLOW_US) {
        dm_doctor_warn(ret, "see what keeps it: journalctl -u dropmilld", "it took %s to answer",
                       took);
    }
    const char *problem = dm_doctor_live(doctor, "share.problem");
    if (*problem != '\0') {
        dm_doctor_fail(ret, "", "for the daemon the share is offline: %s", problem);
    }
    dm_doctor_ok(ret, "process %s of %s, answers in %.3g ms", dm_doctor_live(doctor, "pid"),
                 doctor->user.name, (double)doctor->answered_us / 1e3);
}

void dm_look_at_version(const struct dm_doctor *doctor, struct dm_finding *ret) {
    const char *running = dm_doctor_live(doctor, "version");
    if (doctor->live != NULL && strcmp(running, DM_VERSION) != 0) {
        g_autofree char *mend = dm_doctor_systemctl(doctor, "restart");
        dm_doctor_warn(ret, mend,
                       "the daemon is %s, this is %s: it was not restarted after an update",
                       running, DM_VERSION);
    }
    dm_doctor_ok(ret, "%s%s", DM_VERSION, doctor->live != NULL ? ", as the daemon" : "");
}

void dm_look_at_settings(const struct dm_doctor *doctor, struct dm_finding *ret) {
    const char *refused = dm_doctor_live(doctor, "refused");
    const char *used = dm_doctor_live(doctor, "settings");
    g_autofree char *ours = dm_config_sum(doctor->config);
    g_autofree char *mend = dm_doctor_systemctl(doctor, "reload");
    if (*refused != '\0') {
        g_autofree char *first = g_strconcat("correct that, then: ", mend, NULL);
        dm_doctor_fail(ret, first,
                       "the configuration in the files was refused, an older one is in "
                       "use: %s",
                       refused);
    } else if (*used != '\0' && strcmp(used, ours) != 0) {
        dm_doctor_warn(ret, mend,
                       "the files (and the variables DROPMILL_*) say something else than what the "
                       "daemon has read");
    }
    dm_doctor_ok(ret, "the daemon uses what the files say");
}

void dm_look_at_work(const struct dm_doctor *doctor, struct dm_finding *ret) {
    const char *held = dm_doctor_live(doctor, "work.held");
    const char *problem = dm_doctor_live(doctor, "work.problem");
    const char *engine = dm_doctor_live(doctor, "engine.problem");
    if (strcmp(held, "paused") == 0) {
        g_autofree char *mend = dm_doctor_command(doctor, "dropmill resume");
        dm_doctor_warn(ret, mend, "paused%s%s: files wait",
                       *dm_doctor_live(doctor, "work.by") != '\0' ? " by " : "",
                       dm_doctor_live(doctor, "work.by"));
    } else if (*problem != '\0') {
        g_autofree char *mend = dm_doctor_command(doctor, "dropmill status");
        dm_doctor_warn(ret, mend, "%s", problem);
    }
    if (*engine != '\0') {
        dm_doctor_warn(ret, "see 'job' below, and journalctl -u dropmilld",
                       "the daemon cannot start its worker: %s", engine);
    }
    bool quiet = strcmp(held, "quiet hours") == 0;
    dm_doctor_ok(ret, quiet ? "held by quiet hours" : "is handed out");
}

// ---- the page

static bool answers_at_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return false;
    }
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    DM_AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/** @text: "127.0.0.1:8642" or "[::1]:8642". */
static bool answers_at_address(const char *text) {
    const char *colon = strrchr(text, ':');
    g_autofree char *host = g_strndup(text, colon != NULL ? (gsize)(colon - text) : 0);
    size_t length = strlen(host);
    if (colon == NULL || length == 0) {
        return false;
    }
    bool bracketed = host[0] == '[' && host[length - 1] == ']';
    host[length - (bracketed ? 1 : 0)] = '\0';
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host + (bracketed ? 1 : 0), colon + 1, &hints, &found) != 0) {
        return false;
    }
    DM_AUTO_CLOSE int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    return answers;
}

/** Where the page's socket would be: its own unit has a runtime directory of its own. */
static char *page_socket(const struct dm_doctor *doctor) {
    static const char managed[] = "/run/dropmill-page/page.sock";
    if (*doctor->config->page.socket != '\0') {
        return g_strdup(doctor->config->page.socket);
    }
    return access(managed, F_OK) == 0
               ? g_strdup(managed)
               : g_build_filename(doctor->places->runtime_dir, "page.sock", NULL);
}

void dm_look_at_page(const struct dm_doctor *doctor, struct dm_finding *ret) {
    const char *listen = doctor->config->page.listen;
    g_autofree char *path = page_socket(doctor);
    bool has_socket = access(path, F_OK) == 0;
    bool is_wanted = has_socket ||
                     g_file_test("/etc/systemd/system/multi-user.target.wants/"
                                 "dropmill-page.service",
                                 G_FILE_TEST_EXISTS) ||
                     g_hash_table_contains(doctor->config->origins, "page.listen") ||
                     g_hash_table_contains(doctor->config->origins, "page.socket");
    if (!is_wanted) {
        dm_doctor_ok(ret, "none is configured, and none runs");
    } else if (!answers_at_socket(path) && errno != EACCES) {
        dm_doctor_warn(ret, "systemctl restart dropmill-page; journalctl -u dropmill-page",
                       "nobody answers at '%s'", path);
    } else if (*listen != '\0' && !answers_at_address(listen)) {
        dm_doctor_warn(ret, "systemctl restart dropmill-page; journalctl -u dropmill-page",
                       "nobody answers at %s", listen);
    }
    dm_doctor_ok(ret, "answers at %s%s%s", listen, *listen != '\0' ? " and " : "", path);
}
