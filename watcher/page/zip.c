// SPDX-License-Identifier: MIT
#include "watcher/page/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <string.h>

struct dm_zip {
    struct archive *archive;
    // Made and not yet taken, from `taken` on.
    GByteArray *made;
    size_t taken;
};

static la_ssize_t keep(struct archive *archive, void *data, const void *bytes, size_t size) {
    (void)archive;
    g_byte_array_append(((struct dm_zip *)data)->made, bytes, (guint)size);
    return (la_ssize_t)size;
}

/** In the C locale libarchive says that it cannot convert what it then writes as it is. */
static bool is_good(int result) {
    return result == ARCHIVE_OK || result == ARCHIVE_WARN;
}

struct dm_zip *dm_zip_new(void) {
    struct dm_zip *zip = g_new0(struct dm_zip, 1);
    zip->made = g_byte_array_new();
    zip->archive = archive_write_new();
    if (zip->archive != NULL && archive_write_set_format_zip(zip->archive) == ARCHIVE_OK &&
        archive_write_zip_set_compression_store(zip->archive) == ARCHIVE_OK &&
        is_good(archive_write_set_options(zip->archive, "zip:hdrcharset=UTF-8")) &&
        archive_write_set_bytes_per_block(zip->archive, 0) == ARCHIVE_OK &&
        archive_write_open(zip->archive, zip, NULL, keep, NULL) == ARCHIVE_OK) {
        return zip;
    }
    dm_zip_free(zip);
    return NULL;
}

void dm_zip_free(struct dm_zip *zip) {
    if (zip == NULL) {
        return;
    }
    if (zip->archive != NULL) {
        archive_write_free(zip->archive);
    }
    g_byte_array_unref(zip->made);
    g_free(zip);
}

bool dm_zip_begin(struct dm_zip *zip, const char *name, int64_t bytes, int64_t mtime_utc_us) {
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, bytes);
    archive_entry_set_mtime(entry, mtime_utc_us / G_USEC_PER_SEC, 0);
    bool good = is_good(archive_write_header(zip->archive, entry));
    archive_entry_free(entry);
    return good;
}

bool dm_zip_write(struct dm_zip *zip, const char *bytes, size_t size) {
    return archive_write_data(zip->archive, bytes, size) == (la_ssize_t)size;
}

bool dm_zip_finish(struct dm_zip *zip) {
    return is_good(archive_write_close(zip->archive));
}

size_t dm_zip_take(struct dm_zip *zip, char *buffer, size_t size) {
    size_t count = MIN(size, zip->made->len - zip->taken);
    if (count > 0) {
        memcpy(buffer, zip->made->data + zip->taken, count);
        zip->taken += count;
    }
    if (zip->taken == zip->made->len) {
        g_byte_array_set_size(zip->made, 0);
        zip->taken = 0;
    }
    return count;
}
