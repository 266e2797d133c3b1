// SPDX-License-Identifier: MIT
//
// See watermarks.h. A file becomes a picture as a task's does: told by its first bytes, decoded by
// an allowed loader, turned upright, brought into sRGB. That is done in a child of its own, which
// hands the pixels over: libvips starts threads for some formats, and a process with threads cannot
// be forked into sandboxes any more.
#include "mpi_worker/ops/watermarks.h"

#include "common/error.h"
#include "mpi_worker/codec/open.h"
#include "mpi_worker/codec/sniff.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/normalise.h"
#include "mpi_worker/image/profile.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/geometry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORMS_BYTES = 4096 };
enum { MAX_PIXELS = 50000000 };

char dm_watermark_forms[FORMS_BYTES];

static GPtrArray *watermarks; // of struct dm_watermark
static GPtrArray *troubles;   // of char *

static void free_watermark(void *data) {
    struct dm_watermark *watermark = data;
    g_free(watermark->name);
    g_free(watermark->trouble);
    g_clear_object(&watermark->image);
    g_free(watermark);
}

void dm_watermarks_clear(void) {
    g_clear_pointer(&watermarks, g_ptr_array_unref);
    g_clear_pointer(&troubles, g_ptr_array_unref);
    dm_watermark_forms[0] = '\0';
}

// ---- one file

/** Pixels are decoded here: @bytes need not outlive the picture. */
static VipsImage *decode(const struct dm_codec *codec, const struct dm_bytes *bytes,
                         GError **error) {
    g_autoptr(VipsImage) lazy = dm_codec_open(codec, bytes, &(struct dm_decode){.shrink = 1});
    if (lazy != NULL && (int64_t)lazy->Xsize * lazy->Ysize > MAX_PIXELS) {
        dm_fail(error, DM_ERROR_CONFIG, "it has more than %d million pixels", MAX_PIXELS / 1000000);
        return NULL;
    }
    VipsImage *memory = lazy != NULL ? dm_strips_to_memory(lazy) : NULL;
    if (memory == NULL) {
        dm_vips_fail(error, "it cannot be decoded");
    }
    return memory;
}

/** Upright, sRGB or gray, 8 bits. */
static VipsImage *convert(VipsImage *in, GError **error) {
    g_autoptr(GString) remarks = g_string_new(NULL);
    g_autoptr(VipsImage) upright = NULL;
    g_autoptr(VipsImage) plain = NULL;
    g_autoptr(VipsImage) srgb = NULL;
    g_autoptr(VipsImage) narrow = NULL;
    VipsImage *out = NULL;
    if (vips_autorot(in, &upright, NULL) != 0 || !dm_normalise(upright, NULL, remarks, &plain)) {
        dm_vips_fail(error, "it cannot be converted");
        return NULL;
    }
    if (!dm_profile_normalise(plain, &srgb, error) ||
        !dm_node_reduce(srgb, "watermark", &narrow, error)) {
        return NULL;
    }
    int status =
        dm_image_alpha(narrow) ? vips_copy(narrow, &out, NULL) : vips_addalpha(narrow, &out, NULL);
    return dm_node_finish(out, status, &out, error) ? out : NULL;
}

static VipsImage *read_picture(const char *path, GError **error) {
    g_autofree char *data = NULL;
    gsize size = 0;
    struct dm_sniff sniff;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        dm_fail(error, DM_ERROR_CONFIG, "'%s' cannot be read: %s", path, g_strerror(errno));
        return NULL;
    }
    dm_sniff((const uint8_t *)data, size, &sniff);
    if (sniff.codec == NULL) {
        g_autofree char *refusal = dm_sniff_refusal(&sniff);
        dm_fail(error, DM_ERROR_CONFIG, "'%s': %s", path, refusal);
        return NULL;
    }
    struct dm_bytes bytes = {(uint8_t *)data, size};
    g_autoptr(VipsImage) decoded = decode(sniff.codec, &bytes, error);
    g_autoptr(VipsImage) converted = decoded != NULL ? convert(decoded, error) : NULL;
    VipsImage *memory = converted != NULL ? dm_strips_to_memory(converted) : NULL;
    if (converted != NULL && memory == NULL) {
        dm_vips_fail(error, "it cannot be converted");
    }
    return memory;
}

// ---- in a child

/** What comes out of the child, before the pixels or the words. */
struct parcel {
    int width_px, height_px; // 0: words follow, that say why there is no picture
    int bands;
    VipsInterpretation interpretation;
};

static bool write_all(int fd, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        at += written;
        size -= (size_t)written;
    }
    return true;
}

static G_GNUC_NORETURN void send_picture(const char *path, int fd) {
    GError *error = NULL;
    VipsImage *image = read_picture(path, &error);
    struct parcel parcel = {0};
    if (image == NULL) {
        bool told = write_all(fd, &parcel, sizeof(parcel)) &&
                    write_all(fd, error->message, strlen(error->message));
        _exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    parcel = (struct parcel){image->Xsize, image->Ysize, image->Bands, image->Type};
    size_t size = 0;
    void *pixels = vips_image_write_to_memory(image, &size);
    bool sent = write_all(fd, &parcel, sizeof(parcel)) && write_all(fd, pixels, size);
    _exit(sent ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void read_all(int fd, GByteArray *bytes) {
    uint8_t part[65536];
    ssize_t got;
    while ((got = read(fd, part, sizeof(part))) > 0 || (got < 0 && errno == EINTR)) {
        g_byte_array_append(bytes, part, (guint)MAX(got, 0));
    }
}

static VipsImage *unpack(const GByteArray *bytes, GError **error) {
    struct parcel parcel;
    if (bytes->len < sizeof(parcel)) {
        dm_fail(error, DM_ERROR_CONFIG, "its decoder died of it");
        return NULL;
    }
    memcpy(&parcel, bytes->data, sizeof(parcel));
    const uint8_t *pixels = bytes->data + sizeof(parcel);
    size_t size = bytes->len - sizeof(parcel);
    if (parcel.width_px == 0) {
        dm_fail(error, DM_ERROR_CONFIG, "%.*s", (int)size, (const char *)pixels);
        return NULL;
    }
    if (size != (size_t)parcel.width_px * (size_t)parcel.height_px * (size_t)parcel.bands) {
        dm_fail(error, DM_ERROR_CONFIG, "its decoder died of it");
        return NULL;
    }
    VipsImage *image = vips_image_new_from_memory_copy(
        pixels, size, parcel.width_px, parcel.height_px, parcel.bands, VIPS_FORMAT_UCHAR);
    if (image == NULL) {
        dm_vips_fail(error, "it cannot be kept");
        return NULL;
    }
    image->Type = parcel.interpretation;
    return image;
}

static VipsImage *read_apart(const char *path, GError **error) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        dm_fail_errno(error, errno, "it cannot be decoded");
        return NULL;
    }
    pid_t pid = fork();
    if (pid == 0) {
        send_picture(path, ends[1]);
    }
    close(ends[1]);
    if (pid > 0) {
        read_all(ends[0], bytes);
        waitpid(pid, NULL, 0);
    }
    close(ends[0]);
    return unpack(bytes, error);
}

// ---- all of them

/** Say what is wrong with @name as one in a folder name, or NULL. */
static const char *name_trouble(const char *name) {
    g_auto(GStrv) places = g_strsplit(DM_PLACE_FORMS, " ", -1);
    if (!g_ascii_islower(*name) ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(name)) {
        return "bad name, expected small letters and digits, a letter first";
    }
    if (g_strv_contains((const char *const *)places, name)) {
        return "this name says where a watermark lies, expected another";
    }
    return strlen(dm_watermark_forms) + strlen(name) + 2 > FORMS_BYTES ? "there are too many"
                                                                       : NULL;
}

static void add_trouble(const char *name, const char *why) {
    g_ptr_array_add(troubles, g_strdup_printf("watermark '%s': %s", name, why));
}

static void load_one(const char *name, const char *path) {
    g_autoptr(GError) error = NULL;
    const char *misnamed = name_trouble(name);
    if (misnamed != NULL) {
        add_trouble(name, misnamed);
        return;
    }
    struct dm_watermark *watermark = g_new0(struct dm_watermark, 1);
    watermark->name = g_strdup(name);
    watermark->image = read_apart(path, &error);
    if (watermark->image == NULL) {
        watermark->trouble = g_strdup(error->message);
        add_trouble(name, error->message);
    }
    g_strlcat(dm_watermark_forms, watermarks->len > 0 ? " " : "", FORMS_BYTES);
    g_strlcat(dm_watermark_forms, name, FORMS_BYTES);
    g_ptr_array_add(watermarks, watermark);
}

void dm_watermarks_load(const char *const *specs) {
    dm_watermarks_clear();
    watermarks = g_ptr_array_new_with_free_func(free_watermark);
    troubles = g_ptr_array_new_with_free_func(g_free);
    for (; specs != NULL && *specs != NULL; specs++) {
        g_auto(GStrv) parts = g_strsplit(*specs, "=", 2);
        if (parts[0] != NULL) {
            load_one(parts[0], parts[1] != NULL ? parts[1] : "");
        }
    }
}

const struct dm_watermark *dm_watermark_at(int index) {
    g_assert(watermarks != NULL && index >= 0 && (guint)index < watermarks->len);
    return g_ptr_array_index(watermarks, index);
}

const char *dm_watermarks_trouble(guint index) {
    return troubles != NULL && index < troubles->len ? g_ptr_array_index(troubles, index) : NULL;
}
