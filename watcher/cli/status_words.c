// SPDX-License-Identifier: MIT
//
// Status for people: what is wrong first, then what is going on, then the rest.
#include "watcher/cli/output.h"
#include "watcher/cli/progress.h"
#include "watcher/cli/status_facts.h"

#include "common/path.h"
#include "watcher/ledger/under_way.h"
#include "watcher/ledger/uploads.h"
#include "watcher/status.h"

#include <stdio.h>
#include <string.h>

#define PARKED_SHOWN 10
#define ALIKE_SHOWN 3 // of these, for one reason
#define FOLDERS_SHOWN 10

static const char *const state_meanings[DM_STATE_COUNT] = {
    [DM_STATE_SEEN] = "noticed, not yet complete",
    [DM_STATE_READY] = "complete, waiting for their turn",
    [DM_STATE_RUNNING] = "being processed",
    [DM_STATE_COMPUTED] = "processed, about to appear in the outbox",
    [DM_STATE_PUBLISHED] = "in the outbox, original about to be put away",
    [DM_STATE_DONE] = "the result is in the outbox",
    [DM_STATE_FAILED] = "failed, see 'dropmill ls --failed'",
    [DM_STATE_PARKED] = "held up, tried again by and by",
};

/** The group of an item, as status writes it at the beginning of its line; (transfer full). */
static char *group_of(const struct dm_status_item *item) {
    char *group = dm_status_group(item);
    return *group != '\0' ? group : (g_free(group), g_strdup("daemon"));
}

static const struct dm_status_times times = {dm_human_duration, dm_human_time};

/** Take the items of the group that begins at *@index; moves *@index behind it. */
static void gather_group(const struct dm_status_facts *facts, const char *group, size_t *index,
                         GPtrArray *words) {
    for (; *index < dm_status_item_count; ++*index) {
        const struct dm_status_item *item = &dm_status_items[*index];
        g_autofree char *its_group = group_of(item);
        char *value = g_hash_table_lookup(facts->live, item->name);
        if (strcmp(its_group, group) != 0) {
            break;
        }
        char *text = value != NULL ? dm_status_words(item, value, &times) : NULL;
        if (text != NULL) {
            g_ptr_array_add(words, text);
        }
    }
}

/** The line of the group that begins at *@index; moves *@index behind it. */
static void print_group(const struct dm_status_facts *facts, size_t *index) {
    g_autofree char *group = group_of(&dm_status_items[*index]);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    if (*index == 0) { // the daemon's own: it answers, so
        g_ptr_array_add(words, g_strconcat(dm_paint(stdout, DM_PAINT_GREEN), "running",
                                           dm_paint(stdout, DM_PAINT_OFF), NULL));
    }
    gather_group(facts, group, index, words);
    if (words->len == 0) {
        return; // what is off needs no line
    }
    g_ptr_array_add(words, NULL);
    g_autofree char *line = g_strjoinv(", ", (char **)words->pdata);
    printf("%-8s %s\n", group, line);
}

/** The daemon of another user, or our own with another configuration. */
static void print_stranger(const struct dm_status_facts *facts) {
    printf("daemon   %srunning%s", dm_paint(stdout, DM_PAINT_YELLOW),
           dm_paint(stdout, DM_PAINT_OFF));
    if (!*facts->stranger) {
        puts("; it does not answer, and does not say who it is");
    } else if (dm_status_is_ours(facts)) {
        printf(" (process %" G_GINT64_FORMAT "); it does not answer: it is starting, or has "
               "another configuration\n",
               facts->stranger_pid);
    } else {
        printf(" as user %s (process %" G_GINT64_FORMAT "); its ledger is not yours to see: ask "
               "as that user\n",
               facts->stranger, facts->stranger_pid);
    }
}

/** Where the images are made, if that is more than one machine. */
static void print_hosts(const struct dm_status_facts *facts) {
    g_autoptr(GPtrArray) hosts = dm_status_hosts(facts->live);
    for (guint i = 0; hosts->len > 1 && i < hosts->len; i++) {
        const struct dm_status_host *host = hosts->pdata[i];
        printf("%-8s %s, %s, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " threads busy\n",
               i == 0 ? "hosts" : "", host->name, host->state, host->busy, host->threads);
    }
}

static void print_live(const struct dm_status_facts *facts) {
    if (facts->stranger != NULL) {
        print_stranger(facts);
        return;
    }
    if (facts->live == NULL) {
        printf("daemon   %snot running%s\n", dm_paint(stdout, DM_PAINT_YELLOW),
               dm_paint(stdout, DM_PAINT_OFF));
        return;
    }
    for (size_t i = 0; i < dm_status_item_count;) {
        print_group(facts, &i);
    }
    print_hosts(facts);
}

static void print_counts(const struct dm_status_facts *facts) {
    static const char *const headers[] = {">FILES", "STATE", "", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, facts->counts[state]);
        if (facts->counts[state]) {
            dm_table_add(table, (const char *const[]){count, dm_state_name((enum dm_state)state),
                                                      state_meanings[state]});
        }
    }
    putchar('\n');
    dm_table_print(table);
}

/** @headers: what the files are, and WHY; @state: where the others are found. */
static void print_held_up(const GPtrArray *rows, const char *const *headers, const char *state) {
    if (!rows->len) {
        return;
    }
    struct dm_table *table = dm_table_new(headers);
    const char *above = "";
    guint shown = 0, alike = 0;
    for (guint i = 0; i < rows->len && shown < PARKED_SHOWN; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        g_autofree char *path = dm_path_display(row->path);
        g_autofree char *why = dm_path_display(dm_status_why_parked(row));
        alike = strcmp(dm_status_why_parked(row), above) == 0 ? alike + 1 : 0;
        above = dm_status_why_parked(row);
        if (alike < ALIKE_SHOWN) {
            dm_table_add(table, (const char *const[]){path, alike > 0 ? "the same" : why});
            shown++;
        }
    }
    putchar('\n');
    dm_table_print(table);
    if (rows->len > shown) {
        printf("... and %u more, see 'dropmill ls --state %s'\n", rows->len - shown, state);
    }
}

static void print_parked_uploads(const struct dm_status_facts *facts) {
    static const char *const headers[] = {"NOT MIRRORED", "WHY", NULL};
    struct dm_table *table = dm_table_new(headers);
    for (guint i = 0; i < facts->uploads->len; i++) {
        const struct dm_upload *upload = g_ptr_array_index(facts->uploads, i);
        g_autofree char *path = dm_path_display(upload->path);
        g_autofree char *why = dm_path_display(upload->message);
        dm_table_add(table, (const char *const[]){path, why});
    }
    if (facts->uploads->len > 0) {
        putchar('\n');
    }
    dm_table_print(table);
}

static void print_problems(const struct dm_status_facts *facts) {
    static const char *const headers[] = {"FOLDER", "PROBLEM", "RENAME IT TO", NULL};
    if (!facts->problems->len) {
        return;
    }
    struct dm_table *table = dm_table_new(headers);
    for (guint i = 0; i < facts->problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(facts->problems, i);
        g_autofree char *path = dm_path_join(DM_DIR_INBOX, problem->folder);
        g_autofree char *shown = dm_path_display(*problem->folder ? path : DM_DIR_INBOX);
        g_autofree char *message = dm_path_display(problem->message);
        g_autofree char *suggestion = dm_path_display(problem->suggestion);
        dm_table_add(table, (const char *const[]){shown, message, suggestion});
    }
    putchar('\n');
    dm_table_print(table);
}

static void print_wrongs(const struct dm_status_facts *facts) {
    for (guint i = 0; i < facts->wrongs->len; i++) {
        const struct dm_wrong *wrong = g_ptr_array_index(facts->wrongs, i);
        g_autofree char *what = dm_path_display(wrong->what);
        g_autofree char *mend = dm_path_display(wrong->mend != NULL ? wrong->mend : "");
        printf("%-8s %s%s%s\n", i == 0 ? "wrong" : "", dm_paint(stdout, DM_PAINT_RED), what,
               dm_paint(stdout, DM_PAINT_OFF));
        if (*mend != '\0') {
            printf("         to mend: %s\n", mend);
        }
    }
}

/** "232 of 400, 29/s, 6 s left". */
static char *progress_of(const struct dm_status_facts *facts, int64_t done, int64_t left,
                         int64_t since_utc_us) {
    return dm_progress_text((size_t)done, (size_t)(done + left), facts->now_utc_us - since_utc_us);
}

static void print_work(const struct dm_status_facts *facts) {
    int64_t done = 0, left = 0, since_utc_us = facts->now_utc_us;
    for (guint i = 0; i < facts->work->len; i++) {
        const struct dm_under_way *work = g_ptr_array_index(facts->work, i);
        done += work->done;
        left += work->left;
        since_utc_us = MIN(since_utc_us, work->since_utc_us);
    }
    if (left == 0) {
        return;
    }
    g_autofree char *all = progress_of(facts, done, left, since_utc_us);
    printf("now      %s\n", all);
    for (guint i = 0; i < MIN(facts->work->len, FOLDERS_SHOWN); i++) {
        const struct dm_under_way *work = g_ptr_array_index(facts->work, i);
        g_autofree char *folder = dm_path_display(work->folder);
        g_autofree char *one = progress_of(facts, work->done, work->left, work->since_utc_us);
        printf("         %s: %s\n", folder, one);
    }
    if (facts->work->len > FOLDERS_SHOWN) {
        printf("         ... and %u more folders\n", facts->work->len - FOLDERS_SHOWN);
    }
}

void dm_status_print_words(const struct dm_status_facts *facts) {
    printf("share    %s\n", facts->places->share);
    print_wrongs(facts);
    if (dm_status_is_ours(facts)) {
        print_work(facts);
    }
    print_live(facts);
    if (!dm_status_is_ours(facts)) {
        return;
    }
    print_counts(facts);
    print_held_up(facts->waiting, (const char *const[]){"NOT COMPLETE", "WHY", NULL}, "seen");
    print_held_up(facts->parked, (const char *const[]){"HELD UP", "WHY", NULL}, "parked");
    print_parked_uploads(facts);
    print_problems(facts);
}
