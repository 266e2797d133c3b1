// SPDX-License-Identifier: MIT
#include "watcher/page/listen.h"

#include "common/error.h"
#include "common/log.h"
#include "watcher/control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_FDS_START 3
#define MOST_PASSED 16

/** "127.0.0.1:8642", "[::1]:8642", ":8642" is every address. */
static bool split_address(const char *text, char **ret_host, char **ret_port, GError **error) {
    const char *colon = strrchr(text, ':');
    guint64 port;
    if (colon == NULL || !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL)) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "page.listen: '%s' is no address, expected ADDRESS:PORT such as "
                       "127.0.0.1:8642",
                       text);
    }
    bool bracketed = *text == '[' && colon > text && colon[-1] == ']';
    *ret_host = bracketed ? g_strndup(text + 1, (size_t)(colon - text - 2))
                          : g_strndup(text, (size_t)(colon - text));
    *ret_port = g_strdup(colon + 1);
    return true;
}

/** Say whether only this machine reaches @address. */
static bool is_of_this_machine(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
        return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
        return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
    }
    return address->sa_family == AF_UNIX;
}

/** The one guard of all ways to listen. @what: for the message. */
static bool may_serve(const struct dm_listen *where, int fd, const char *what, GError **error) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        return dm_fail_errno(error, errno, "cannot listen at %s", what);
    }
    return !where->is_open || is_of_this_machine((const struct sockaddr *)&address) ||
           dm_fail(error, DM_ERROR_CONFIG,
                   "page.listen: %s can be reached by others, and page.auth is none: set page.auth "
                   "to token or proxy, or listen at 127.0.0.1",
                   what);
}

static int bind_first(const struct addrinfo *found) {
    for (; found != NULL; found = found->ai_next) {
        int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0 &&
            listen(fd, SOMAXCONN) == 0) {
            return fd;
        }
        if (fd >= 0) {
            int errnum = errno;
            close(fd);
            errno = errnum;
        }
    }
    return -1;
}

/** Serve at @fd, which is closed if that may not be. */
static bool serve_at(struct dm_server *server, const struct dm_listen *where, int fd,
                     const char *what, GError **error) {
    if (!may_serve(where, fd, what, error)) {
        close(fd);
        return false;
    }
    return dm_server_listen(server, fd, error);
}

static bool listen_at_address(struct dm_server *server, const struct dm_listen *where,
                              GError **error) {
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    if (!split_address(where->address, &host, &port, error)) {
        return false;
    }
    int status = getaddrinfo(host != NULL && *host != '\0' ? host : NULL, port, &hints, &found);
    if (status != 0) {
        return dm_fail(error, DM_ERROR_CONFIG, "page.listen: '%s': %s", where->address,
                       gai_strerror(status));
    }
    int fd = bind_first(found);
    freeaddrinfo(found);
    g_autofree char *what = g_strdup_printf("'%s'", where->address);
    return fd >= 0 ? serve_at(server, where, fd, what, error)
                   : dm_fail_errno(error, errno, "page.listen: cannot listen at %s", what);
}

/** What a page that was killed has left goes; a page that runs, or a file that is none of ours,
 * stays. */
static bool make_room(const char *path, GError **error) {
    struct stat status;
    int fd = dm_control_connect(path, NULL);
    if (fd >= 0) {
        close(fd);
        return dm_fail(error, DM_ERROR_TRANSIENT,
                       "page.socket: another dropmill-page listens at '%s'", path);
    }
    if (lstat(path, &status) != 0) {
        return true;
    }
    if (!S_ISSOCK(status.st_mode)) {
        return dm_fail(error, DM_ERROR_CONFIG, "page.socket: '%s' is there, and is no socket",
                       path);
    }
    return unlink(path) == 0 ||
           dm_fail_errno(error, errno, "page.socket: cannot replace '%s'", path);
}

static bool listen_at_socket(struct dm_server *server, const char *path, bool *ret_owns,
                             GError **error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
        return dm_fail(error, DM_ERROR_CONFIG, "page.socket: '%s' is too long for a socket", path);
    }
    g_autofree char *dir = g_path_get_dirname(path);
    g_mkdir_with_parents(dir, 0750); // the daemon may start later; bind() says if this failed
    if (!make_room(path, error)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool bound = fd >= 0 && fchmod(fd, 0660) == 0 &&
                 bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    *ret_owns = bound;
    if (!bound || listen(fd, SOMAXCONN) != 0) {
        dm_fail_errno(error, errno, "page.socket: cannot listen at '%s'", path);
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    return dm_server_listen(server, fd, error);
}

// ---- sockets that are handed in

/** What a service manager has opened for us; how many. */
static int passed_sockets(void) {
    static const char *const variables[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"};
    const char *pid = g_getenv("LISTEN_PID"), *count = g_getenv("LISTEN_FDS");
    bool is_ours = pid != NULL && count != NULL && g_ascii_strtoll(pid, NULL, 10) == getpid();
    int passed = is_ours ? (int)CLAMP(g_ascii_strtoll(count, NULL, 10), 0, MOST_PASSED) : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
        g_unsetenv(variables[i]);
    }
    return passed;
}

/** "127.0.0.1:8642", "[::1]:8642", a path, "@name": as the configuration has it; (transfer full).
 */
static char *address_of(int fd) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        return g_strdup("?");
    }
    if (address.ss_family == AF_UNIX) {
        const struct sockaddr_un *local = (const struct sockaddr_un *)&address;
        size_t size = length - MIN(length, offsetof(struct sockaddr_un, sun_path));
        bool is_abstract = size > 1 && local->sun_path[0] == '\0';
        g_autofree char *name = g_strndup(local->sun_path + is_abstract, size - is_abstract);
        return g_strconcat(is_abstract ? "@" : "", name, NULL);
    }
    if (getnameinfo((const struct sockaddr *)&address, length, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return g_strdup("?");
    }
    return g_strdup_printf(strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

/** What the administrator wants, and the service manager has not opened, is said: nobody comes. */
static void warn_of_unused(const char *key, const char *wanted, bool is_chosen,
                           const GPtrArray *passed) {
    bool is_used =
        g_ptr_array_find_with_equal_func((GPtrArray *)(uintptr_t)passed, wanted, g_str_equal, NULL);
    if (is_chosen && *wanted != '\0' && !is_used) {
        dm_log_warning("%s: nobody listens at '%s': the service manager has opened the sockets, "
                       "name it there, by 'systemctl edit dropmill-page.socket'",
                       key, wanted);
    }
}

static bool serve_passed(struct dm_server *server, const struct dm_listen *where, int count,
                         GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < count; i++) {
        int fd = LISTEN_FDS_START + i;
        g_autofree char *what = g_strdup_printf("socket %d of the service manager", i + 1);
        g_ptr_array_add(names, address_of(fd));
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
            return dm_fail_errno(error, errno, "cannot listen at %s", what);
        }
        if (!serve_at(server, where, fd, what, error)) {
            return false;
        }
        dm_log_message("the page is at %s, which the service manager has opened",
                       (const char *)names->pdata[i]);
    }
    warn_of_unused("page.listen", where->address, where->is_chosen_address, names);
    warn_of_unused("page.socket", where->socket, where->is_chosen_socket, names);
    return true;
}

bool dm_listen(struct dm_server *server, const struct dm_listen *where, bool *ret_owns_socket,
               GError **error) {
    int passed = passed_sockets();
    *ret_owns_socket = false;
    if (passed > 0) {
        return serve_passed(server, where, passed, error);
    }
    if (!listen_at_socket(server, where->socket, ret_owns_socket, error) ||
        (*where->address != '\0' && !listen_at_address(server, where, error))) {
        return false;
    }
    if (*where->address != '\0') {
        dm_log_message("the page is at http://%s", where->address);
    }
    dm_log_message("and at the socket %s", where->socket);
    return true;
}
