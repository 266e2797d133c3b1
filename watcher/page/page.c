// SPDX-License-Identifier: MIT
#include "watcher/page/page.h"

#include "common/chain.h"
#include "common/path.h"
#include "common/reason.h"
#include "watcher/page/html.h"

#include <string.h>

struct visit {
    struct dm_page *page;
    struct dm_request *request;
    void (*answer)(struct dm_page *page, struct dm_request *request);
};

static void on_fresh(void *data) {
    g_autofree struct visit *visit = data;
    dm_request_on_gone(visit->request, NULL, NULL);
    visit->answer(visit->page, visit->request);
}

static void on_gone(void *data) {
    g_autofree struct visit *visit = data;
    dm_board_forget(visit->page->board, visit);
}

void dm_page_fresh(struct dm_page *page, struct dm_request *request,
                   void (*answer)(struct dm_page *page, struct dm_request *request)) {
    struct visit *visit = g_new(struct visit, 1);
    *visit = (struct visit){page, request, answer};
    dm_request_on_gone(request, on_gone, visit);
    dm_board_look(page->board, on_fresh, visit);
}

// ---- how it is

static char *working_detail(double rate) {
    if (rate < 0.05) {
        return g_strdup("");
    }
    if (rate < 0.95) {
        return g_strdup_printf("%.0f pictures a minute", rate * 60);
    }
    g_autofree char *number = dm_html_number((int64_t)(rate + 0.5));
    return g_strdup_printf("%s picture%s a second", number, rate < 1.5 ? "" : "s");
}

/** Why nothing is handed out though somebody could do it; `words` is NULL if it is. */
static struct dm_mood held_mood(const struct dm_page *page) {
    static const struct {
        const char *held;
        struct dm_mood mood;
    } moods[] = {
        {"paused", {"paused", "Paused", NULL}},
        {"quiet hours", {"paused", "Quiet hours", NULL}},
        {"no room", {"paused", "No room on the share", NULL}},
    };
    const char *held = dm_board_text(page->board, "work.held");
    for (size_t i = 0; i < G_N_ELEMENTS(moods); i++) {
        if (strcmp(moods[i].held, held) == 0) {
            return moods[i].mood;
        }
    }
    return (struct dm_mood){0};
}

/** "until 18:00", if that is known. */
static char *until_words(const struct dm_page *page) {
    int64_t until_utc_us = dm_board_number(page->board, "work.until_utc_us");
    if (until_utc_us <= 0 || until_utc_us == INT64_MAX) {
        return g_strdup("pictures wait");
    }
    g_autofree char *time = dm_html_time(until_utc_us);
    return g_strdup_printf("until %s", time);
}

void dm_page_mood(const struct dm_page *page, struct dm_mood *ret) {
    const int64_t *rows = dm_board_rows(page->board);
    int64_t open = rows[DM_STATE_SEEN] + rows[DM_STATE_READY] + rows[DM_STATE_RUNNING] +
                   rows[DM_STATE_COMPUTED];
    const struct dm_mood held = held_mood(page);
    if (dm_board_status(page->board) == NULL) {
        *ret = (struct dm_mood){"gone", "Not running", g_strdup("pictures wait until it is")};
    } else if (dm_board_number(page->board, "share.online") == 0) {
        *ret = (struct dm_mood){"offline", "The share is away", g_strdup("pictures wait")};
    } else if (held.words != NULL) {
        *ret = held;
        ret->detail = until_words(page);
    } else if (open > 0) {
        *ret = (struct dm_mood){"working", "Working", working_detail(dm_board_rate(page->board))};
    } else {
        *ret = (struct dm_mood){"idle", "Ready", g_strdup("")};
    }
}

void dm_mood_clear(struct dm_mood *mood) {
    g_clear_pointer(&mood->detail, g_free);
}

int64_t dm_page_max_file_bytes(const struct dm_page *page) {
    return page->config->engine.limits.max_file_bytes;
}

int64_t dm_page_problems(const struct dm_page *page) {
    struct dm_ledger *ledger = dm_board_ledger(page->board);
    if (ledger == NULL) {
        return 0;
    }
    g_autoptr(GPtrArray) folders = dm_ledger_folder_problems(ledger);
    return dm_board_rows(page->board)[DM_STATE_FAILED] + folders->len;
}

const char *dm_page_drop_state(const struct dm_board_drop *drop) {
    const struct dm_tally *tally = &drop->tally;
    int64_t here = dm_board_here(drop);
    if (here < drop->expected_files) {
        return "sending";
    }
    if (dm_board_ended(tally) == here) {
        return "done";
    }
    return dm_board_processing(tally) > 0 || drop->rate > 0 ? "processing" : "waiting";
}

char *dm_page_log_words(const struct dm_history *line) {
    g_autofree char *name = dm_path_display(dm_path_base(line->path));
    if (line->state == DM_STATE_DONE) {
        return g_strdup_printf("%s done", name);
    }
    if (line->state == DM_STATE_FAILED) {
        g_autofree char *what = g_strdup(dm_reason_what(line->reason));
        what[strcspn(what, ".")] = '\0';
        return g_strdup_printf("%s could not be processed: %s", name, what);
    }
    return NULL;
}

unsigned dm_page_states(const char *name) {
    static const struct {
        const char *name;
        unsigned states;
    } words[] = {
        {"done", 1u << DM_STATE_DONE},
        {"failed", 1u << DM_STATE_FAILED},
        {"problems", 1u << DM_STATE_FAILED},
        {"waiting", ~(1u << DM_STATE_DONE | 1u << DM_STATE_FAILED)},
    };
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(words); i++) {
        if (strcmp(name, words[i].name) == 0) {
            return words[i].states;
        }
    }
    return ~0u;
}

bool dm_page_understands(const struct dm_page *page, const char *name) {
    struct dm_chain *chain = NULL;
    bool good = dm_chain_parse(page->catalogue, page->config->recipes, name, &chain, NULL, NULL);
    if (good) {
        dm_chain_free(chain);
    }
    return good;
}
