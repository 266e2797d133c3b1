// SPDX-License-Identifier: MIT
//
// See send_sums.h. By GLib, for what the stores stand on is in their module.
#include "watcher/cli/send_sums.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

#define CHUNK_BYTES ((int64_t)1 << 20)
#define MD5_BYTES 16

/** An ETag while the bytes come. */
struct etag {
    // 0: none is wanted.
    int64_t part_bytes;
    bool is_in_parts;
    // Of the part that is being read, and how many bytes it has; of the digests of those before.
    GChecksum *part, *all;
    int64_t in_part;
    int parts;
};

static void end_part(struct etag *etag) {
    guint8 digest[MD5_BYTES];
    gsize length = sizeof(digest);
    g_checksum_get_digest(etag->part, digest, &length);
    g_checksum_update(etag->all, digest, (gssize)length);
    g_checksum_reset(etag->part);
    etag->in_part = 0;
    etag->parts++;
}

static void add(struct etag *etag, const char *bytes, int64_t length) {
    while (length > 0 && etag->part_bytes > 0) {
        int64_t some = etag->is_in_parts ? MIN(length, etag->part_bytes - etag->in_part) : length;
        g_checksum_update(etag->part, (const guchar *)bytes, some);
        bytes += some;
        length -= some;
        etag->in_part += some;
        if (etag->is_in_parts && etag->in_part == etag->part_bytes) {
            end_part(etag);
        }
    }
}

static char *etag_text(struct etag *etag) {
    if (etag->part_bytes == 0) {
        return NULL;
    }
    if (!etag->is_in_parts) {
        return g_strdup(g_checksum_get_string(etag->part));
    }
    if (etag->in_part > 0) {
        end_part(etag);
    }
    return g_strdup_printf("%s-%d", g_checksum_get_string(etag->all), etag->parts);
}

static bool read_all(int fd, int64_t bytes, GChecksum *sha256, struct etag *etag) {
    g_autofree char *chunk = g_malloc(CHUNK_BYTES);
    for (int64_t at = 0; at < bytes;) {
        ssize_t n = pread(fd, chunk, (size_t)MIN(CHUNK_BYTES, bytes - at), at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return false;
        }
        g_checksum_update(sha256, (const guchar *)chunk, n);
        add(etag, chunk, n);
        at += n;
    }
    return true;
}

bool dm_send_sum(int fd, int64_t bytes, int64_t part_bytes, struct dm_send_sums *ret) {
    GChecksum *sha256 = g_checksum_new(G_CHECKSUM_SHA256);
    struct etag etag = {
        .part_bytes = part_bytes,
        .is_in_parts = bytes > part_bytes,
        .part = g_checksum_new(G_CHECKSUM_MD5),
        .all = g_checksum_new(G_CHECKSUM_MD5),
    };
    bool good = read_all(fd, bytes, sha256, &etag);
    int errnum = errno;
    if (good) {
        *ret = (struct dm_send_sums){.sha256 = g_strdup(g_checksum_get_string(sha256)),
                                     .etag = etag_text(&etag)};
    }
    g_checksum_free(sha256);
    g_checksum_free(etag.part);
    g_checksum_free(etag.all);
    errno = errnum;
    return good;
}

void dm_send_sums_clear(struct dm_send_sums *sums) {
    g_free(sums->sha256);
    g_free(sums->etag);
    *sums = (struct dm_send_sums){0};
}
