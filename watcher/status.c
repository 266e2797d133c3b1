// SPDX-License-Identifier: MIT
//
// The table of what the daemon tells of itself, and how it is written, read and put into words.
#include "watcher/status.h"

#include "common/escape.h"
#include "common/wire.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define HOST_PREFIX "host."
#define AT(member) .offset = offsetof(struct dm_daemon_status, member)

// Adding an item: a row here, and a member in the status of the room that knows it. Items of one
// group stand together.
const struct dm_status_item dm_status_items[] = {
    {"pid", DM_STATUS_GAUGE, "", "process #", "Process id of the daemon", AT(pid)},
    {"version", DM_STATUS_TEXT, "", "version #", "Version of the daemon", AT(version)},
    {"jail", DM_STATUS_TEXT, "", "?decoders held by #",
     "What holds the processes in which pictures are decoded: Landlock and seccomp, one of them, "
     "nothing",
     AT(jail)},
    {"vips", DM_STATUS_TEXT, "", NULL, "Version of the worker's libvips", AT(vips)},
    {"mpi", DM_STATUS_TEXT, "", NULL, "What MPI the worker uses, and which version", AT(mpi)},
    {"refused", DM_STATUS_PROBLEM, "", NULL, "Why the configuration in the files is not in use",
     AT(refused), .is_unfelt = true},
    {"settings", DM_STATUS_TEXT, "", NULL,
     "A word that stands for the configuration in use: the same for the same one", AT(settings)},
    {"turns", DM_STATUS_COUNTER, "", NULL, "Turns of the main loop", AT(turns)},
    {"transactions", DM_STATUS_COUNTER, "", NULL, "Transactions of the ledger that wrote",
     AT(ledger.transactions)},
    {"statements", DM_STATUS_COUNTER, "", NULL, "Steps of SQLite: one a row read, one a statement",
     AT(ledger.steps)},
    {"io_trips", DM_STATUS_COUNTER, "", NULL, "Jobs of the thread that works on the share",
     AT(io_trips)},

    {"ledger.problem", DM_STATUS_PROBLEM, "", NULL,
     "Why nothing is done: the ledger cannot be written", AT(ledger_problem)},

    {"share.online", DM_STATUS_SWITCH, "", "online|offline",
     "Whether the share is there and proved to be the one", AT(share.online)},
    {"share.offline_us", DM_STATUS_GAUGE, "us", "?for #", "How long the share has been offline",
     AT(share.offline_us)},
    {"share.silent_us", DM_STATUS_GAUGE, "us", "?does not answer for #",
     "How long the share has not answered, from 5 s on", AT(share.silent_us)},
    {"share.retry_in_us", DM_STATUS_GAUGE, "us", "?next try in #",
     "How long it is until the share is looked for again", AT(share.retry_in_us)},
    {"share.free_bytes", DM_STATUS_GAUGE, "", NULL,
     "How much is free where results go; -1 while that is not known", AT(gate.free_bytes)},
    {"share.problem", DM_STATUS_PROBLEM, "", NULL, "Why the share is offline", AT(share.problem)},

    {"work.held", DM_STATUS_TEXT, "", "?#",
     "Why nothing is handed out: off (it is), offline, paused, quiet hours, no room",
     AT(gate.held)},
    {"work.by", DM_STATUS_TEXT, "", "?by #", "Who has paused it", AT(gate.by)},
    {"work.until_utc_us", DM_STATUS_GAUGE, "utc_us", "?until #",
     "When that will be over; 0 if nobody knows", AT(gate.until_utc_us)},
    {"work.rate_milli", DM_STATUS_GAUGE, "", NULL,
     "Pictures a second, of the last seconds, in thousandths", AT(rate_milli)},
    {"work.problem", DM_STATUS_PROBLEM, "", NULL, "Why files wait that need not", AT(gate.problem)},

    {"inbox.folders", DM_STATUS_GAUGE, "", "# folder(s)", "Folders whose name is understood",
     AT(inbox.folders)},
    {"inbox.settling", DM_STATUS_GAUGE, "", "# file(s) settling",
     "Files that are seen and not yet proved finished", AT(inbox.settling)},
    {"inbox.polled", DM_STATUS_GAUGE, "", "?# polled",
     "Folders that are looked at again and again, since nobody tells of all changes in them",
     AT(inbox.polled)},
    {"inbox.overflows", DM_STATUS_COUNTER, "", "?# overflow(s)",
     "How often more happened at once than the kernel could tell, so that all was looked at",
     AT(inbox.overflows)},
    {"inbox.scanned_utc_us", DM_STATUS_GAUGE, "utc_us", NULL,
     "When the folders were last looked at, whatever the kernel tells; 0 if they have not been",
     AT(inbox.scanned_utc_us)},
    {"inbox.late", DM_STATUS_GAUGE, "", "?# of them unchanged for 10 min",
     "Files that are not finished and have not changed for 10 minutes", AT(inbox.late)},
    {"inbox.late_file", DM_STATUS_PROBLEM, "", NULL,
     "Which of them has waited longest, and for what", AT(inbox.late_file)},
    {"inbox.problem", DM_STATUS_PROBLEM, "", NULL,
     "Why folders are left alone, or polled instead of being watched", AT(inbox.problem)},

    {"engine.state", DM_STATUS_TEXT, "", "#", "What the engine does: idle, starting, warm, waiting",
     AT(engine.state)},
    {"engine.job", DM_STATUS_GAUGE, "", NULL, "Number of the MPI job", AT(engine.job)},
    {"engine.ranks", DM_STATUS_GAUGE, "", "+# worker processes", "Ranks of the MPI job",
     AT(engine.ranks)},
    {"engine.threads", DM_STATUS_GAUGE, "", "?# thread(s)", "Threads of all ranks together",
     AT(engine.threads)},
    {"engine.in_flight", DM_STATUS_GAUGE, "", "?# image(s) in work", "Images that ranks have",
     AT(engine.in_flight)},
    {"engine.deaths", DM_STATUS_COUNTER, "", NULL, "Jobs that died with images in work",
     AT(engine.deaths)},
    {"engine.decoder_deaths", DM_STATUS_COUNTER, "", NULL,
     "Processes that decoded a picture and died, or had to be killed", AT(engine.decoder_deaths)},
    {"engine.retry_in_us", DM_STATUS_GAUGE, "us", "?next try in #",
     "How long the engine waits before it starts the next job", AT(engine.retry_in_us)},
    {"engine.problem", DM_STATUS_PROBLEM, "", NULL, "Why the engine waits", AT(engine.problem)},

    {"mirror.state", DM_STATUS_TEXT, "", "?#",
     "What the mirror does: off, idle, sending, waiting (for the store), held (by its settings)",
     AT(mirror.state)},
    {"mirror.synced", DM_STATUS_GAUGE, "", "?# result(s) synced",
     "Results whose newest generation is verified in the store", AT(mirror.synced)},
    {"mirror.pending", DM_STATUS_GAUGE, "", "?# pending", "Results that are to be sent",
     AT(mirror.pending)},
    {"mirror.oldest_us", DM_STATUS_GAUGE, "us", "?the oldest for #",
     "How long the oldest of them waits", AT(mirror.oldest_us)},
    {"mirror.parked", DM_STATUS_GAUGE, "", "?# parked", "Results that cannot be sent as they are",
     AT(mirror.parked)},
    {"mirror.connections", DM_STATUS_GAUGE, "", NULL, "Requests that may be in flight at once",
     AT(mirror.connections)},
    {"mirror.bytes_per_second", DM_STATUS_GAUGE, "", NULL, "What was sent of late",
     AT(mirror.bytes_per_second)},
    {"mirror.retry_in_us", DM_STATUS_GAUGE, "us", "?next try in #",
     "How long the mirror waits before it asks the store again", AT(mirror.retry_in_us)},
    {"mirror.requests", DM_STATUS_COUNTER, "", NULL, "Requests to the store", AT(mirror.requests)},
    {"mirror.failures", DM_STATUS_COUNTER, "", NULL, "Of these, how many failed",
     AT(mirror.failures)},
    {"mirror.success_utc_us", DM_STATUS_GAUGE, "utc_us", NULL,
     "When a request last succeeded; 0 if none has", AT(mirror.success_utc_us)},
    {"mirror.sent_bytes", DM_STATUS_COUNTER, "", NULL, "Bytes of results that were sent",
     AT(mirror.sent_bytes)},
    {"mirror.deleted", DM_STATUS_COUNTER, "", "?# deleted",
     "Objects deleted because their result was removed", AT(mirror.deleted)},
    {"mirror.problem", DM_STATUS_PROBLEM, "", NULL, "Why nothing is sent", AT(mirror.problem)},

    {"s3_inbox.state", DM_STATUS_TEXT, "", "?#",
     "What the S3 inbox does: off, idle, taking, waiting (for the store), held (by its settings), "
     "full (there is no room on the share), claimed (another share takes from there)",
     AT(s3_inbox.state)},
    {"s3_inbox.waiting", DM_STATUS_GAUGE, "", "?# object(s) waiting",
     "Objects that are seen in the bucket and not yet in the inbox", AT(s3_inbox.waiting)},
    {"s3_inbox.in_work", DM_STATUS_GAUGE, "", "?# in work",
     "Objects that are in the inbox, or not yet answered", AT(s3_inbox.in_work)},
    {"s3_inbox.taken", DM_STATUS_COUNTER, "", "?# taken", "Objects put into the inbox",
     AT(s3_inbox.taken)},
    {"s3_inbox.answered", DM_STATUS_COUNTER, "", NULL, "Answers put into the bucket",
     AT(s3_inbox.answered)},
    {"s3_inbox.left", DM_STATUS_GAUGE, "", "?# left in the bucket",
     "Objects that are never taken, for a reason", AT(s3_inbox.left)},
    {"s3_inbox.retry_in_us", DM_STATUS_GAUGE, "us", "?next try in #",
     "How long the S3 inbox waits before it asks the store again", AT(s3_inbox.retry_in_us)},
    {"s3_inbox.requests", DM_STATUS_COUNTER, "", NULL, "Requests to the store",
     AT(s3_inbox.requests)},
    {"s3_inbox.failures", DM_STATUS_COUNTER, "", NULL, "Of these, how many failed",
     AT(s3_inbox.failures)},
    {"s3_inbox.success_utc_us", DM_STATUS_GAUGE, "utc_us", NULL,
     "When a request last succeeded; 0 if none has", AT(s3_inbox.success_utc_us)},
    {"s3_inbox.received_bytes", DM_STATUS_COUNTER, "", NULL, "Bytes that were received",
     AT(s3_inbox.received_bytes)},
    {"s3_inbox.problem", DM_STATUS_PROBLEM, "", NULL, "Why nothing is taken", AT(s3_inbox.problem)},
    {"s3_inbox.left_why", DM_STATUS_PROBLEM, "", NULL,
     "The first few objects that are left, and why", AT(s3_inbox.left_why)},

    {"hooks.pending", DM_STATUS_GAUGE, "", "?# notice(s) pending",
     "Notices that have not gone out yet", AT(notices.pending)},
    {"hooks.delivered", DM_STATUS_COUNTER, "", "?# delivered", "Notices that have gone out",
     AT(notices.delivered)},
    {"hooks.retried", DM_STATUS_COUNTER, "", NULL, "Attempts that failed and are made again",
     AT(notices.retried)},
    {"hooks.lost", DM_STATUS_COUNTER, "", "?# lost",
     "Notices that were given up, or dropped because too many waited", AT(notices.lost)},
    {"hooks.problem", DM_STATUS_PROBLEM, "", NULL, "Why the last notice has not gone out",
     AT(notices.problem), .is_unfelt = true},
};

const size_t dm_status_item_count = G_N_ELEMENTS(dm_status_items);

char *dm_status_group(const struct dm_status_item *item) {
    const char *dot = strchr(item->name, '.');
    return dot != NULL ? g_strndup(item->name, (size_t)(dot - item->name)) : g_strdup("");
}

const char *dm_status_member(const struct dm_status_item *item) {
    const char *dot = strchr(item->name, '.');
    return dot != NULL ? dot + 1 : item->name;
}

/** The value as a text; (transfer full). */
static char *value_text(const struct dm_daemon_status *status, const struct dm_status_item *item) {
    const void *member = (const char *)status + item->offset;
    switch (item->type) {
    case DM_STATUS_TEXT:
        return g_strdup(*(const char *const *)member);
    case DM_STATUS_PROBLEM:
        return g_strdup(member);
    case DM_STATUS_SWITCH:
        return g_strdup(*(const bool *)member ? "1" : "0");
    case DM_STATUS_GAUGE:
    case DM_STATUS_COUNTER:
        break;
    }
    return g_strdup_printf("%" PRId64, *(const int64_t *)member);
}

char *dm_status_write(const struct dm_daemon_status *status) {
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < dm_status_item_count; i++) {
        g_autofree char *value = value_text(status, &dm_status_items[i]);
        g_autofree char *escaped = dm_escape(value);
        g_string_append_printf(text, "%s\t%s\n", dm_status_items[i].name, escaped);
    }
    for (guint i = 0; status->hosts != NULL && i < status->hosts->len; i++) {
        const struct dm_engine_host *host = status->hosts->pdata[i];
        g_autofree char *name = dm_escape(host->name);
        g_string_append_printf(text, HOST_PREFIX "%s\t%" PRId64 " %" PRId64 " %s\n", name,
                               host->busy, host->threads, host->state);
    }
    return g_string_free(text, FALSE);
}

GHashTable *dm_status_read(const char *text) {
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        const char *tab = strchr(lines[i], '\t');
        char *value = tab != NULL ? dm_unescape(tab + 1, strlen(tab + 1)) : NULL;
        if (value != NULL) {
            g_hash_table_replace(values, g_strndup(lines[i], (size_t)(tab - lines[i])), value);
        }
    }
    return values;
}

// ---- machines

static void free_host(void *data) {
    struct dm_status_host *host = data;
    g_free(host->name);
    g_free(host->state);
    g_free(host);
}

static int compare_hosts(const void *a, const void *b) {
    const struct dm_status_host *const *host_a = a, *const *host_b = b;
    return strcmp((*host_a)->name, (*host_b)->name);
}

GPtrArray *dm_status_hosts(GHashTable *values) {
    GPtrArray *hosts = g_ptr_array_new_with_free_func(free_host);
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, values);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        g_auto(GStrv) parts = g_strsplit(value, " ", 3);
        if (g_str_has_prefix(name, HOST_PREFIX) && g_strv_length(parts) == 3) {
            struct dm_status_host *host = g_new(struct dm_status_host, 1);
            *host = (struct dm_status_host){
                .name = g_strdup((const char *)name + strlen(HOST_PREFIX)),
                .busy = g_ascii_strtoll(parts[0], NULL, 10),
                .threads = g_ascii_strtoll(parts[1], NULL, 10),
                .state = g_strdup(parts[2]),
            };
            g_ptr_array_add(hosts, host);
        }
    }
    g_ptr_array_sort(hosts, compare_hosts);
    return hosts;
}

// ---- in words

char *dm_status_line(const char *path, const struct dm_share_status *share,
                     const int64_t counts[DM_STATE_COUNT]) {
    if (!share->online && *share->problem != '\0') {
        return dm_escape_for_people(share->problem);
    }
    g_autofree char *shown = dm_escape_for_people(path);
    const struct {
        const char *words;
        int64_t count;
    } parts[] = {
        {"waiting", counts[DM_STATE_SEEN] + counts[DM_STATE_READY]},
        {"in work",
         counts[DM_STATE_RUNNING] + counts[DM_STATE_COMPUTED] + counts[DM_STATE_PUBLISHED]},
        {"done", counts[DM_STATE_DONE]},
        {"failed", counts[DM_STATE_FAILED]},
        {"held up", counts[DM_STATE_PARKED]},
    };
    GString *line = g_string_new(shown);
    const char *before = ": ";
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i].count > 0) {
            g_string_append_printf(line, "%s%" PRId64 " %s", before, parts[i].count,
                                   parts[i].words);
            before = ", ";
        }
    }
    return g_string_free(line, FALSE);
}

static char *switch_word(const char *words, bool on) {
    const char *bar = strchr(words, '|');
    return on ? g_strndup(words, (size_t)(bar - words)) : g_strdup(bar + 1);
}

/** @words with @value for '#'. */
static char *fill_words(const char *words, const char *value) {
    GString *text = g_string_new(words);
    g_string_replace(text, "(s)", strcmp(value, "1") == 0 ? "" : "s", 0);
    g_string_replace(text, "#", value, 0);
    return g_string_free(text, FALSE);
}

/** The value as people read it; (transfer full). */
static char *shown_value(const struct dm_status_item *item, const char *value,
                         const struct dm_status_times *times) {
    int64_t number = g_ascii_strtoll(value, NULL, 10);
    if (strcmp(item->unit, "us") == 0) {
        return times->duration(number);
    }
    return strcmp(item->unit, "utc_us") == 0 ? times->time(number) : g_strdup(value);
}

char *dm_status_words(const struct dm_status_item *item, const char *value,
                      const struct dm_status_times *times) {
    bool is_set = strcmp(value, "0") != 0 && strcmp(value, "off") != 0 && *value != '\0';
    const char *words = item->words;
    bool is_one = strcmp(value, "1") == 0;
    if (words == NULL || (*words == '?' && !is_set) || (*words == '+' && (!is_set || is_one))) {
        return NULL;
    }
    words += *words == '?' || *words == '+';
    if (item->type == DM_STATUS_SWITCH) {
        return switch_word(words, is_set);
    }
    g_autofree char *shown = shown_value(item, value, times);
    return fill_words(words, shown);
}
