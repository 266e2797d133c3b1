// SPDX-License-Identifier: MIT
//
// SHA-256, and the HMAC made of it.
#ifndef DM_WATCHER_STORE_SHA256_H
#define DM_WATCHER_STORE_SHA256_H

#include <stddef.h>

#define DM_SHA256_BYTES 32
#define DM_SHA256_HEX_BYTES 65 // with the NUL

/** Of no bytes. */
#define DM_SHA256_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct dm_sha256;

/** For bytes that come in pieces. */
struct dm_sha256 *dm_sha256_new(void);
void dm_sha256_add(struct dm_sha256 *sum, const void *bytes, size_t length);
/** Say the hexadecimal sum of what was added; nothing may be added afterwards. */
void dm_sha256_end(struct dm_sha256 *sum, char ret_hex[DM_SHA256_HEX_BYTES]);
/** Accepts NULL. */
void dm_sha256_free(struct dm_sha256 *sum);

/** The sum of @length bytes, hexadecimal. */
void dm_sha256_hex(const void *bytes, size_t length, char ret_hex[DM_SHA256_HEX_BYTES]);

/** The HMAC of @text (NUL-terminated) with @key. */
void dm_hmac_sha256(const void *key, size_t key_length, const char *text,
                    unsigned char ret[DM_SHA256_BYTES]);

/** Spell @length bytes as lower-case hexadecimal; @ret_hex takes 2 * @length + 1. */
void dm_hex(const unsigned char *bytes, size_t length, char *ret_hex);

/** Overwrite a secret, even if nobody reads it afterwards. Accepts NULL. */
void dm_forget(void *secret, size_t length);

#endif
