// SPDX-License-Identifier: MIT
//
// Fuzzes what `dropmill send` reads in a bucket that others can write into: answers, who takes
// inputs, and where a result would go; and the lists of a page that anybody can be.
#include "watcher/cli/send_talk.h"
#include "watcher/store/json_fields.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup((const char *)data, size);
    struct dm_send_host host = {0};
    struct dm_send_answer answer = {0};
    dm_send_read_host(text, &host, NULL);
    dm_send_read_answer(text, &answer, NULL);
    for (size_t i = 0; answer.results != NULL && answer.results[i] != NULL; i++) {
        g_autofree char *path = dm_send_path_of("r/", answer.results[i]);
        if (path != NULL && (*path == '/' || *path == '.' || strstr(path, "/.") != NULL)) {
            abort();
        }
    }
    GPtrArray *files = dm_json_objects(text, "files");
    if (files != NULL) {
        g_ptr_array_unref(files);
    }
    dm_send_host_clear(&host);
    dm_send_answer_clear(&answer);
    return 0;
}
