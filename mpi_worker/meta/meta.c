// SPDX-License-Identifier: MIT
//
// See meta.h.
#include "mpi_worker/meta/meta.h"

#include <stdarg.h>
#include <string.h>

enum { MOST_REMARKS = 40 };

static void free_text(void *data) {
    struct dm_meta_text *text = data;
    g_free(text->keyword);
    g_free(text->language);
    g_free(text->text);
    g_free(text);
}

static void free_other(void *data) {
    struct dm_meta_other *other = data;
    g_bytes_unref(other->bytes);
    g_free(other);
}

static void free_bytes(void *data) {
    g_bytes_unref(data);
}

struct dm_meta *dm_meta_new(void) {
    struct dm_meta *meta = g_new0(struct dm_meta, 1);
    meta->orientation = 1;
    meta->texts = g_ptr_array_new_with_free_func(free_text);
    meta->comments = g_ptr_array_new_with_free_func(free_bytes);
    meta->others = g_ptr_array_new_with_free_func(free_other);
    meta->parts = g_ptr_array_new_with_free_func(g_free);
    meta->remarks = g_ptr_array_new_with_free_func(g_free);
    return meta;
}

void dm_meta_free(struct dm_meta *meta) {
    if (meta == NULL) {
        return;
    }
    g_clear_pointer(&meta->exif, g_bytes_unref);
    g_clear_pointer(&meta->xmp, g_bytes_unref);
    g_clear_pointer(&meta->photoshop, g_bytes_unref);
    g_clear_pointer(&meta->colour.profile, g_bytes_unref);
    g_ptr_array_unref(meta->texts);
    g_ptr_array_unref(meta->comments);
    g_ptr_array_unref(meta->others);
    g_ptr_array_unref(meta->parts);
    g_ptr_array_unref(meta->remarks);
    g_free(meta);
}

// ---- copies

static GBytes *share(GBytes *bytes) {
    return bytes == NULL ? NULL : g_bytes_ref(bytes);
}

static void *copy_bytes(const void *source, void *data) {
    (void)data;
    return g_bytes_ref((GBytes *)source);
}

static void *copy_text(const void *source, void *data) {
    (void)data;
    const struct dm_meta_text *from = source;
    struct dm_meta_text *text = g_new0(struct dm_meta_text, 1);
    text->keyword = g_strdup(from->keyword);
    text->language = g_strdup(from->language);
    text->text = g_strdup(from->text);
    return text;
}

static void *copy_other(const void *source, void *data) {
    (void)data;
    const struct dm_meta_other *from = source;
    struct dm_meta_other *other = g_memdup2(from, sizeof(*from));
    g_bytes_ref(other->bytes);
    return other;
}

static void *copy_part(const void *source, void *data) {
    (void)data;
    return g_memdup2(source, sizeof(struct dm_meta_part));
}

static void *copy_string(const void *source, void *data) {
    (void)data;
    return g_strdup(source);
}

struct dm_meta *dm_meta_copy(const struct dm_meta *meta) {
    struct dm_meta *copy = dm_meta_new();
    copy->container = meta->container;
    copy->orientation = meta->orientation;
    copy->exif = share(meta->exif);
    copy->xmp = share(meta->xmp);
    copy->photoshop = share(meta->photoshop);
    copy->colour = meta->colour;
    copy->colour.profile = share(meta->colour.profile);
    copy->resolution = meta->resolution;
    g_ptr_array_extend(copy->texts, meta->texts, copy_text, NULL);
    g_ptr_array_extend(copy->comments, meta->comments, copy_bytes, NULL);
    g_ptr_array_extend(copy->others, meta->others, copy_other, NULL);
    g_ptr_array_extend(copy->parts, meta->parts, copy_part, NULL);
    g_ptr_array_extend(copy->remarks, meta->remarks, copy_string, NULL);
    return copy;
}

// ---- what is added

void dm_meta_remark(struct dm_meta *meta, const char *format, ...) {
    va_list arguments;
    if (meta->remarks->len == MOST_REMARKS) {
        g_ptr_array_add(meta->remarks, g_strdup("and more"));
    }
    if (meta->remarks->len > MOST_REMARKS) {
        return;
    }
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (g_ptr_array_find_with_equal_func(meta->remarks, text, g_str_equal, NULL)) {
        g_free(text);
    } else {
        g_ptr_array_add(meta->remarks, text);
    }
}

void dm_meta_take(GBytes **block, GBytes *bytes) {
    if (*block != NULL) {
        g_bytes_unref(*block);
    }
    *block = bytes;
}

void dm_meta_add_text(struct dm_meta *meta, const char *keyword, const char *language,
                      const char *text) {
    struct dm_meta_text *added = g_new0(struct dm_meta_text, 1);
    added->keyword = g_strdup(keyword);
    added->language = g_strdup(language);
    added->text = g_strdup(text);
    g_ptr_array_add(meta->texts, added);
}

void dm_meta_add_other(struct dm_meta *meta, unsigned code, const char *name, int place,
                       GBytes *bytes) {
    struct dm_meta_other *other = g_new0(struct dm_meta_other, 1);
    other->code = code;
    other->place = place;
    other->bytes = bytes;
    g_strlcpy(other->name, name, sizeof(other->name));
    g_ptr_array_add(meta->others, other);
}

void dm_meta_add_part(struct dm_meta *meta, enum dm_meta_part_kind kind, size_t offset,
                      size_t size) {
    struct dm_meta_part *part = g_new0(struct dm_meta_part, 1);
    *part = (struct dm_meta_part){kind, offset, size};
    g_ptr_array_add(meta->parts, part);
}

void dm_meta_strip(struct dm_meta *meta) {
    dm_meta_take(&meta->exif, NULL);
    dm_meta_take(&meta->xmp, NULL);
    dm_meta_take(&meta->photoshop, NULL);
    g_ptr_array_set_size(meta->texts, 0);
    g_ptr_array_set_size(meta->comments, 0);
    g_ptr_array_set_size(meta->others, 0);
    g_ptr_array_set_size(meta->parts, 0);
    g_ptr_array_set_size(meta->remarks, 0);
}
