// SPDX-License-Identifier: MIT
//
// What a sandbox says, which is whatever a picture makes it say.
#include "mpi_worker/task/claim.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct dm_task task = {.id = 7, .attempt = 2, .max_pixels = 1000000};
    const char *text = (const char *)data;
    struct dm_need need;
    struct dm_result result = {0};
    if (dm_need_parse(text, size, &need)) {
        g_assert(need.memory_bytes >= 0 && need.pixels >= 0);
    }
    if (dm_verdict_parse(text, size, &task, &result, NULL)) {
        g_assert(result.id == task.id && result.attempt == task.attempt);
        g_assert(result.status != DM_STATUS_CHANGED && g_utf8_validate(result.message, -1, NULL));
        g_assert(result.status != DM_STATUS_DONE ||
                 result.width_px * result.height_px <= task.max_pixels);
        dm_result_clear(&result);
    }
    return 0;
}
