// SPDX-License-Identifier: MIT
//
// SOCK_SEQPACKET: whole or not at all, in order, and the end is seen. See datagram.h.
#include "mpi_worker/task/datagram.h"

#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Room for the descriptors beside a datagram. */
union passport {
    char bytes[CMSG_SPACE(DM_DATAGRAM_FDS * sizeof(int))];
    struct cmsghdr align;
};

bool dm_datagram_pair(int ret_ends[2], GError **error) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_ends) == 0 ||
           dm_fail_errno(error, errno, "cannot make a socket for a sandbox");
}

bool dm_datagram_send(int socket, const void *bytes, size_t size, const int *fds, size_t fd_count) {
    union passport passport = {{0}};
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count > 0) {
        message.msg_control = passport.bytes;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

static void take_fds(struct msghdr *message, int ret_fds[DM_DATAGRAM_FDS]) {
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        memcpy(ret_fds, CMSG_DATA(header), MIN(bytes, DM_DATAGRAM_FDS * sizeof(int)));
    }
}

ssize_t dm_datagram_receive(int socket, void *bytes, size_t size, int ret_fds[DM_DATAGRAM_FDS]) {
    union passport passport = {{0}};
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (ret_fds != NULL) {
        message.msg_control = passport.bytes;
        message.msg_controllen = sizeof(passport.bytes);
        ret_fds[0] = ret_fds[1] = -1;
    }
    ssize_t got;
    do {
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got >= 0 && ret_fds != NULL) {
        take_fds(&message, ret_fds);
    }
    if (got >= 0 && (message.msg_flags & MSG_TRUNC)) {
        errno = EMSGSIZE;
        return -1;
    }
    return got;
}
