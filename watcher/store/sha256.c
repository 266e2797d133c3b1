// SPDX-License-Identifier: MIT
#include "watcher/store/sha256.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

struct dm_sha256 {
    EVP_MD_CTX *context;
};

void dm_hex(const unsigned char *bytes, size_t length, char *ret_hex) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * length] = '\0';
}

struct dm_sha256 *dm_sha256_new(void) {
    struct dm_sha256 *sum = g_new0(struct dm_sha256, 1);
    sum->context = EVP_MD_CTX_new();
    g_assert(sum->context != NULL);
    g_assert(EVP_DigestInit_ex(sum->context, EVP_sha256(), NULL) == 1);
    return sum;
}

void dm_sha256_add(struct dm_sha256 *sum, const void *bytes, size_t length) {
    g_assert(EVP_DigestUpdate(sum->context, bytes, length) == 1);
}

void dm_sha256_end(struct dm_sha256 *sum, char ret_hex[DM_SHA256_HEX_BYTES]) {
    unsigned char digest[DM_SHA256_BYTES];
    g_assert(EVP_DigestFinal_ex(sum->context, digest, NULL) == 1);
    dm_hex(digest, sizeof(digest), ret_hex);
}

void dm_sha256_free(struct dm_sha256 *sum) {
    if (sum == NULL)
        return;
    EVP_MD_CTX_free(sum->context);
    g_free(sum);
}

void dm_sha256_hex(const void *bytes, size_t length, char ret_hex[DM_SHA256_HEX_BYTES]) {
    unsigned char digest[DM_SHA256_BYTES];
    g_assert(EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) == 1);
    dm_hex(digest, sizeof(digest), ret_hex);
}

void dm_hmac_sha256(const void *key, size_t key_length, const char *text,
                    unsigned char ret[DM_SHA256_BYTES]) {
    g_assert(HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)text, strlen(text),
                  ret, NULL) != NULL);
}

void dm_forget(void *secret, size_t length) {
    if (secret != NULL)
        OPENSSL_cleanse(secret, length);
}
