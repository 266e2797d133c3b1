// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a line of the protocol, and as a catalogue. What was read is
// written again and must read as the same.
#include "common/catalogue.h"
#include "common/wire.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_task(const char *line) {
    struct dm_task task, again;
    if (dm_task_parse(line, &task, NULL)) {
        g_autofree char *written = dm_task_line(&task);
        g_assert_true(dm_task_parse(written, &again, NULL));
        g_assert_cmpstr(task.input, ==, again.input);
        dm_task_clear(&again);
        dm_task_clear(&task);
    }
}

static void try_result(const char *line) {
    struct dm_result result, again;
    if (dm_result_parse(line, &result, NULL)) {
        g_autofree char *written = dm_result_line(&result);
        g_assert_true(dm_result_parse(written, &again, NULL));
        g_assert_cmpstr(result.message, ==, again.message);
        dm_result_clear(&again);
        dm_result_clear(&result);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup((const char *)data, size);
    try_task(text);
    try_result(text);
    struct dm_catalogue *catalogue = dm_catalogue_parse(text, NULL);
    if (catalogue != NULL) {
        g_free(dm_catalogue_print(catalogue));
        dm_catalogue_free(catalogue);
    }
    return 0;
}
