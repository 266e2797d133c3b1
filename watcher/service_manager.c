// SPDX-License-Identifier: MIT
//
// Datagrams to the service manager: see service_manager.h.
#include "watcher/service_manager.h"

#include "common/log.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WORDS_US G_USEC_PER_SEC
// So long it may take the service manager to take what is said once.
#define PATIENCE_S 5

static const char *const variables[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};

struct dm_service_manager {
    // (nullable each) What the variables held.
    char *taken[G_N_ELEMENTS(variables)];
    int fd;
    struct sockaddr_un address;
    socklen_t address_size;
    // How often we must say that we are alive, at least; 0: nobody asks.
    int64_t watchdog_us;
    // When we say so next.
    int64_t alive_us;
    // When we may say next what we are doing.
    int64_t words_us;
    dm_service_words_fn words;
    void *data;
    // (nullable) What we said last.
    char *said;
};

/** A path, or with '@' a name that is in no file system. Says whether @text is one that fits. */
static bool read_address(struct dm_service_manager *manager, const char *text) {
    size_t length = strlen(text);
    if ((*text != '/' && *text != '@') || length >= sizeof(manager->address.sun_path)) {
        return false;
    }
    manager->address.sun_family = AF_UNIX;
    memcpy(manager->address.sun_path, text, length);
    if (*text == '@') {
        manager->address.sun_path[0] = '\0';
    }
    manager->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

/** How often the process that we are must say that it is alive; 0: never. */
static int64_t read_watchdog(void) {
    const char *period = g_getenv("WATCHDOG_USEC"), *pid = g_getenv("WATCHDOG_PID");
    bool is_ours = pid == NULL || g_ascii_strtoll(pid, NULL, 10) == getpid();
    return period != NULL && is_ours ? MAX(0, g_ascii_strtoll(period, NULL, 10)) : 0;
}

/** Send @lines, with @flags of send(2). What is not taken is lost. */
static void send_lines(struct dm_service_manager *manager, const char *lines, int flags) {
    ssize_t sent = sendto(manager->fd, lines, strlen(lines), MSG_NOSIGNAL | flags,
                          (const struct sockaddr *)&manager->address, manager->address_size);
    if (sent < 0) {
        dm_log_debug("the service manager was not told '%s': %s", lines, g_strerror(errno));
    }
}

/** Tell what is said once: it may be waited for, a little. */
static void tell(struct dm_service_manager *manager, const char *lines) {
    send_lines(manager, lines, 0);
}

/** Tell what is said again. */
static void mention(struct dm_service_manager *manager, const char *lines) {
    send_lines(manager, lines, MSG_DONTWAIT);
}

struct dm_service_manager *dm_service_manager_new(dm_service_words_fn words, void *data) {
    static const struct timeval patience = {.tv_sec = PATIENCE_S};
    const char *address = g_getenv("NOTIFY_SOCKET");
    struct dm_service_manager *manager = g_new0(struct dm_service_manager, 1);
    manager->words = words;
    manager->data = data;
    manager->fd = -1;
    if (address != NULL && read_address(manager, address)) {
        manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        (void)setsockopt(manager->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    } else if (address != NULL) {
        dm_log_warning("NOTIFY_SOCKET: '%s' is no address of a socket, nobody is told of us",
                       address);
    }
    manager->watchdog_us = read_watchdog();
    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
        manager->taken[i] = g_strdup(g_getenv(variables[i]));
        g_unsetenv(variables[i]);
    }
    if (manager->fd < 0) {
        dm_service_manager_free(manager, false);
        return NULL;
    }
    return manager;
}

void dm_service_manager_free(struct dm_service_manager *manager, bool hands_over) {
    if (manager != NULL) {
        for (size_t i = 0; i < G_N_ELEMENTS(variables) && hands_over; i++) {
            if (manager->taken[i] != NULL) {
                g_setenv(variables[i], manager->taken[i], TRUE);
            }
        }
        for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
            g_free(manager->taken[i]);
        }
        if (manager->fd >= 0) {
            close(manager->fd);
        }
        g_free(manager->said);
        g_free(manager);
    }
}

void dm_service_manager_ready(struct dm_service_manager *manager) {
    if (manager != NULL) {
        tell(manager, "READY=1");
    }
}

void dm_service_manager_reloading(struct dm_service_manager *manager) {
    if (manager != NULL) {
        g_autofree char *lines =
            g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" PRId64, g_get_monotonic_time());
        tell(manager, lines);
    }
}

void dm_service_manager_stopping(struct dm_service_manager *manager) {
    if (manager != NULL) {
        tell(manager, "STOPPING=1\nSTATUS=Stopping");
    }
}

static void tell_words(struct dm_service_manager *manager) {
    char *words = manager->words(manager->data);
    if (g_strcmp0(words, manager->said) != 0) {
        g_autofree char *line = g_strconcat("STATUS=", words, NULL);
        mention(manager, line);
    }
    g_free(manager->said);
    manager->said = words;
}

int64_t dm_service_manager_turn(struct dm_service_manager *manager, int64_t now_us) {
    if (manager == NULL) {
        return INT64_MAX;
    }
    if (manager->watchdog_us > 0 && now_us >= manager->alive_us) {
        mention(manager, "WATCHDOG=1");
        manager->alive_us = now_us + manager->watchdog_us / 2;
    }
    int64_t due_us = manager->watchdog_us > 0 ? manager->alive_us : INT64_MAX;
    if (now_us < manager->words_us) {
        return MIN(due_us, manager->words_us); // this turn may have changed what we are doing
    }
    tell_words(manager);
    manager->words_us = now_us + WORDS_US;
    return due_us;
}
