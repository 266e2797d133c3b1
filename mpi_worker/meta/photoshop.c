// SPDX-License-Identifier: MIT
//
// See photoshop.h.
#include "mpi_worker/meta/photoshop.h"

#include "common/bytes.h"

#include <string.h>

enum { HEAD_BYTES = 6 }; // signature and number

static bool is_signature(const uint8_t *at) {
    static const char known[][5] = {"8BIM", "MeSa", "PHUT", "AgHg", "DCSR"};
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (memcmp(at, known[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

bool dm_resource_at(const uint8_t *block, size_t size, size_t at, struct dm_resource *ret) {
    if (at > size || size - at < HEAD_BYTES + 6 || !is_signature(block + at)) {
        return false;
    }
    size_t name = ((size_t)block[at + HEAD_BYTES] + 2) & ~(size_t)1; // with its length, padded
    if (size - at < HEAD_BYTES + name + 4) {
        return false;
    }
    size_t data = at + HEAD_BYTES + name + 4;
    *ret = (struct dm_resource){.id = dm_be16(block + at + 4),
                                .start = at,
                                .data = data,
                                .size = dm_be32(block + data - 4)};
    if (ret->size > size - data) {
        return false;
    }
    ret->end = MIN(data + ret->size + (ret->size & 1), size);
    return true;
}

bool dm_resource_find(GBytes *block, unsigned id, struct dm_resource *ret) {
    size_t size = 0;
    const uint8_t *data = block != NULL ? g_bytes_get_data(block, &size) : NULL;
    for (size_t at = 0; dm_resource_at(data, size, at, ret); at = ret->end) {
        if (ret->id == id) {
            return true;
        }
    }
    return false;
}

GBytes *dm_photoshop_iptc(GBytes *block) {
    size_t size = 0;
    const uint8_t *data = block != NULL ? g_bytes_get_data(block, &size) : NULL;
    GByteArray *iptc = g_byte_array_new();
    struct dm_resource resource;
    for (size_t at = 0; dm_resource_at(data, size, at, &resource); at = resource.end) {
        if (resource.id == DM_RESOURCE_IPTC) {
            g_byte_array_append(iptc, data + resource.data, (guint)resource.size);
        }
    }
    if (iptc->len == 0) {
        g_byte_array_unref(iptc);
        return NULL;
    }
    return g_byte_array_free_to_bytes(iptc);
}

GBytes *dm_photoshop_add_iptc(GBytes *block, const uint8_t *iptc, size_t size) {
    uint8_t head[12] = "8BIM\4\4";
    static const uint8_t zero;
    GByteArray *out = g_byte_array_new();
    if (block != NULL) {
        g_byte_array_unref(out);
        out = g_bytes_unref_to_array(block);
    }
    dm_put_be32(head + 8, (uint32_t)size);
    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, iptc, (guint)size);
    if (size % 2 != 0) {
        g_byte_array_append(out, &zero, 1);
    }
    return g_byte_array_free_to_bytes(out);
}
