// SPDX-License-Identifier: MIT
//
// The ring is the only queue: a listener is a number, that of the next event that it is to get.
// Whoever reads slowly holds no memory of ours, and finds the ring past him.
#include "watcher/page/events.h"

#include "watcher/page/drop_id.h"

#include <assert.h>
#include <string.h>

#define RING 1000
#define FLUSH_MS 250
#define COMMENT_S 15
// What a browser waits before it comes back.
#define RETRY_MS 2000

struct dm_events {
    unsigned max_streams;
    struct dm_board *board;
    // Events as they are sent, without their numbers; event N is at N % RING.
    char *ring[RING];
    // Of the next event; the first number is of the time, so that no two runs share one.
    int64_t next;
    int64_t first;
    // Told since the last flush: the text of each, in order, each once.
    GPtrArray *told;
    GHashTable *told_once;
    guint flush_timer, comment_timer;
    int64_t flushed_us;
    // Of struct listener.
    GPtrArray *listeners;
};

struct listener {
    struct dm_events *events;
    struct dm_request *request;
    int64_t next;
    // What is being sent, from `sent` on.
    GString *text;
    size_t sent;
    bool wants_comment;
};

// ---- telling

static void wake_all(struct dm_events *events) {
    for (unsigned i = 0; i < events->listeners->len; i++) {
        dm_request_resume(((struct listener *)events->listeners->pdata[i])->request);
    }
}

static void add(struct dm_events *events, const char *text) {
    char **place = &events->ring[events->next % RING];
    g_free(*place);
    *place = g_strdup(text);
    events->next++;
    events->first = MAX(events->first, events->next - RING);
}

static void flush(struct dm_events *events) {
    for (unsigned i = 0; i < events->told->len; i++) {
        add(events, events->told->pdata[i]);
    }
    g_hash_table_remove_all(events->told_once);
    g_ptr_array_set_size(events->told, 0);
    events->flushed_us = g_get_monotonic_time();
    wake_all(events);
}

static gboolean on_flush_timer(void *data) {
    struct dm_events *events = data;
    events->flush_timer = 0;
    flush(events);
    return G_SOURCE_REMOVE;
}

/** Soon, when all that is told at once has been told; and not sooner than a while after the last
 * time. */
static void flush_soon(struct dm_events *events) {
    if (events->flush_timer == 0) {
        int64_t since_ms = (g_get_monotonic_time() - events->flushed_us) / 1000;
        events->flush_timer =
            g_timeout_add((guint)CLAMP(FLUSH_MS - since_ms, 0, FLUSH_MS), on_flush_timer, events);
    }
}

void dm_events_tell(struct dm_events *events, const char *kind, const char *drop) {
    g_autofree char *id = drop != NULL ? dm_drop_id(drop) : NULL;
    g_autofree char *text = id != NULL
                                ? g_strdup_printf("event: %s\ndata: {\"id\":\"%s\"}\n\n", kind, id)
                                : g_strdup_printf("event: %s\ndata: {}\n\n", kind);
    if (!g_hash_table_contains(events->told_once, text)) {
        g_ptr_array_add(events->told, text);
        g_hash_table_add(events->told_once, g_steal_pointer(&text));
        flush_soon(events);
    }
}

static gboolean on_comment_timer(void *data) {
    struct dm_events *events = data;
    for (unsigned i = 0; i < events->listeners->len; i++) {
        ((struct listener *)events->listeners->pdata[i])->wants_comment = true;
    }
    wake_all(events);
    return G_SOURCE_CONTINUE;
}

// ---- listening

/** The next thing that @listener is to get; false: nothing. */
static bool refill(struct listener *listener) {
    const struct dm_events *events = listener->events;
    g_string_truncate(listener->text, 0);
    listener->sent = 0;
    if (listener->next < events->first || listener->next > events->next) {
        listener->next = events->next;
        g_string_append_printf(listener->text,
                               "id: %" G_GINT64_FORMAT "\nevent: resync\ndata: {}\n\n",
                               listener->next - 1);
    } else if (listener->next < events->next) {
        g_string_append_printf(listener->text, "id: %" G_GINT64_FORMAT "\n%s", listener->next,
                               events->ring[listener->next % RING]);
        listener->next++;
    } else if (listener->wants_comment) {
        g_string_append(listener->text, ": still here\n\n");
    }
    listener->wants_comment = false;
    return listener->text->len > 0;
}

static ssize_t read_events(void *data, char *buffer, size_t size) {
    struct listener *listener = data;
    size_t count = 0;
    while (count < size) {
        if (listener->sent == listener->text->len && !refill(listener)) {
            break;
        }
        size_t piece = MIN(size - count, listener->text->len - listener->sent);
        memcpy(buffer + count, listener->text->str + listener->sent, piece);
        listener->sent += piece;
        count += piece;
    }
    return count > 0 ? (ssize_t)count : DM_STREAM_WAIT;
}

static void end_listener(void *data) {
    struct listener *listener = data;
    g_ptr_array_remove_fast(listener->events->listeners, listener);
    if (listener->events->board != NULL) {
        dm_board_watch(listener->events->board, false);
    }
    g_string_free(listener->text, TRUE);
    g_free(listener);
}

/** Who has seen an event before gets those behind it; the numbers of another run are none of ours.
 */
static int64_t first_for(const struct dm_events *events, const struct dm_request *request) {
    const char *last = dm_request_header(request, "Last-Event-ID");
    guint64 number;
    if (last == NULL || !g_ascii_string_to_unsigned(last, 10, 0, INT64_MAX - 1, &number, NULL)) {
        return events->next;
    }
    return (int64_t)number + 1;
}

void dm_events_answer(struct dm_events *events, struct dm_request *request) {
    if (events->listeners->len >= events->max_streams) {
        const struct dm_trouble trouble = {
            .status = 503,
            .code = "too-many",
            .what = "Too many listen already.",
            .todo = "Ask api/state every few seconds instead.",
        };
        dm_request_add_header(request, "Retry-After", "60");
        dm_request_refuse(request, &trouble);
        return;
    }
    struct listener *listener = g_new0(struct listener, 1);
    listener->events = events;
    listener->request = request;
    listener->next = first_for(events, request);
    listener->text = g_string_new("retry: " G_STRINGIFY(RETRY_MS) "\n\n");
    g_ptr_array_add(events->listeners, listener);
    if (events->board != NULL) {
        dm_board_watch(events->board, true);
    }
    const struct dm_stream stream = {
        .read = read_events, .end = end_listener, .data = listener, .bytes = -1};
    dm_request_add_header(request, "X-Accel-Buffering", "no");
    dm_request_answer_stream(request, 200, "text/event-stream", &stream);
}

unsigned dm_events_streams(const struct dm_events *events) {
    return events->listeners->len;
}

// ---- the whole

struct dm_events *dm_events_new(unsigned max_streams) {
    struct dm_events *events = g_new0(struct dm_events, 1);
    events->max_streams = max_streams;
    events->first = events->next = g_get_real_time() / 1000;
    events->told = g_ptr_array_new();
    events->told_once = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    events->listeners = g_ptr_array_new();
    events->comment_timer = g_timeout_add_seconds(COMMENT_S, on_comment_timer, events);
    return events;
}

void dm_events_watch(struct dm_events *events, struct dm_board *board) {
    assert(events->listeners->len == 0);
    events->board = board;
}

void dm_events_free(struct dm_events *events) {
    if (events == NULL) {
        return;
    }
    assert(events->listeners->len == 0);
    g_source_remove(events->comment_timer);
    if (events->flush_timer != 0) {
        g_source_remove(events->flush_timer);
    }
    for (unsigned i = 0; i < RING; i++) {
        g_free(events->ring[i]);
    }
    g_ptr_array_unref(events->told);
    g_hash_table_unref(events->told_once);
    g_ptr_array_unref(events->listeners);
    g_free(events);
}
