// SPDX-License-Identifier: MIT
//
// See send.h.
#include "watcher/cli/send.h"

#include <stdarg.h>

struct dm_send_file *dm_send_file_new(const char *path, const char *name, int64_t bytes) {
    struct dm_send_file *file = g_new0(struct dm_send_file, 1);
    file->path = g_strdup(path);
    file->name = g_strdup(name);
    file->bytes = bytes;
    file->results = g_ptr_array_new_with_free_func(g_free);
    file->kept = g_ptr_array_new_with_free_func(g_free);
    return file;
}

void dm_send_file_free(void *data) {
    struct dm_send_file *file = data;
    if (file == NULL) {
        return;
    }
    g_ptr_array_unref(file->results);
    g_ptr_array_unref(file->kept);
    g_free(file->path);
    g_free(file->name);
    g_free(file->reason);
    g_free(file->message);
    g_free(file->version);
    g_free(file);
}

const char *dm_send_state_name(enum dm_send_state state) {
    static const char *const names[DM_SEND_STATE_COUNT] = {
        [DM_SEND_FOUND] = "found", [DM_SEND_SENDING] = "sending", [DM_SEND_SENT] = "sent",
        [DM_SEND_DONE] = "done",   [DM_SEND_GOT] = "got",         [DM_SEND_FAILED] = "failed",
    };
    return names[state];
}

static bool is_over(const struct dm_send *send, enum dm_send_state state) {
    return state == DM_SEND_FAILED || state == DM_SEND_GOT ||
           (state == DM_SEND_DONE && send->get_fd < 0) || (state == DM_SEND_SENT && !send->waits);
}

void dm_send_move(struct dm_send *send, struct dm_send_file *file, enum dm_send_state state) {
    if (state == DM_SEND_SENT) {
        send->sent++;
        send->sent_bytes += file->bytes;
    } else if (file->state == DM_SEND_SENT && state == DM_SEND_FOUND) {
        send->sent--;
        send->sent_bytes -= file->bytes;
    }
    send->counts[file->state]--;
    send->counts[state]++;
    file->state = state;
    send->moved_us = g_get_monotonic_time();
    if (is_over(send, state)) {
        send->over++;
        send->on_over(send, file);
    }
}

void dm_send_fail(struct dm_send *send, struct dm_send_file *file, const char *reason,
                  const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_free(file->reason);
    g_free(file->message);
    file->reason = g_strdup(reason);
    file->message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    dm_send_move(send, file, DM_SEND_FAILED);
}
