// SPDX-License-Identifier: MIT
//
// Numbers out of raw bytes and into them, in either order. The caller has checked that the bytes
// are there.
#ifndef DM_COMMON_BYTES_H
#define DM_COMMON_BYTES_H

#include <stdint.h>

static inline uint32_t dm_be16(const uint8_t *p) {
    return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t dm_be32(const uint8_t *p) {
    return dm_be16(p) << 16 | dm_be16(p + 2);
}

static inline uint32_t dm_le16(const uint8_t *p) {
    return (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t dm_le24(const uint8_t *p) {
    return (uint32_t)p[2] << 16 | dm_le16(p);
}

static inline uint32_t dm_le32(const uint8_t *p) {
    return dm_le16(p + 2) << 16 | dm_le16(p);
}

static inline void dm_put_le32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
}

static inline void dm_put_le16(uint8_t *at, uint32_t v) {
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

static inline void dm_put_be32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

static inline void dm_put_be16(uint8_t *at, uint32_t v) {
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

#endif
