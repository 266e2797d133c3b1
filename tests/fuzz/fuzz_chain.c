// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a folder name. What is understood must be its own canonical text,
// and what is suggested must be understood. `make fuzz` builds and runs it.
#include "common/chain.h"
#include "tests/unit/common/small_catalogue.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct dm_catalogue *catalogue, const char *name) {
    struct dm_chain *again = NULL;
    g_assert_true(dm_chain_parse(catalogue, NULL, name, &again, NULL, NULL));
    g_assert_cmpstr(again->written, ==, again->expanded);
    dm_chain_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct dm_catalogue *catalogue;
    if (catalogue == NULL) {
        catalogue = dm_catalogue_parse(small_catalogue, NULL);
    }
    g_autofree char *name = g_strndup((const char *)data, size);
    struct dm_chain *chain = NULL;
    g_autofree char *suggestion = NULL;
    if (dm_chain_parse(catalogue, NULL, name, &chain, &suggestion, NULL)) {
        check_again(catalogue, chain->written);
    } else if (suggestion != NULL) {
        check_again(catalogue, suggestion);
    }
    dm_chain_free(chain);
    return 0;
}
