// SPDX-License-Identifier: MIT
//
// dropmill watch: a line a drop (ledger/drops.h), while it changes. On a terminal the lines stay
// where they are; else a line is written whenever one says something else. With a drop: until it is
// done.
//
// Which drops there are is found out once, and then from those that wait and from what is added to
// the history; only those that changed are counted.
#include "watcher/cli/commands.h"
#include "watcher/json.h"

#include "common/path.h"
#include "watcher/ledger/drops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#define LOOK_US (G_USEC_PER_SEC / 2)
#define DROPS_MAX 100      // that wait are looked for
#define LINES_AT_ONCE 5000 // of the history
#define WIDE 10000

static const GOptionEntry options[] = {{0}};

/** A drop that is shown. */
struct watched {
    char *drop;
    struct dm_tally tally;
    // Since it was counted something has happened.
    bool changed;
    // As it was written last; NULL: not yet.
    char *text;
    // Counts looks: the one that last found it changed.
    int64_t look;
};

struct watch {
    const struct dm_cli *cli;
    struct dm_ledger *ledger;
    // (nullable) This one alone.
    const char *only;
    // Of struct watched, in the order in which they came up.
    GPtrArray *drops;
    int64_t last_history, looks;
    bool is_terminal;
    // On the terminal, of ours.
    guint lines;
};

static void free_watched(void *data) {
    struct watched *watched = data;
    g_free(watched->drop);
    g_free(watched->text);
    g_free(watched);
}

// ---- which, and how many

static void mark(struct watch *watch, const char *drop) {
    if (*drop == '\0' || (watch->only != NULL && strcmp(drop, watch->only) != 0)) {
        return;
    }
    for (guint i = 0; i < watch->drops->len; i++) {
        struct watched *watched = watch->drops->pdata[i];
        if (strcmp(watched->drop, drop) == 0) {
            watched->changed = true;
            return;
        }
    }
    struct watched *watched = g_new0(struct watched, 1);
    watched->drop = g_strdup(drop);
    watched->changed = true;
    g_ptr_array_add(watch->drops, watched);
}

static void find_changed(struct watch *watch) {
    g_autoptr(GPtrArray) waiting = dm_ledger_waiting_drops(watch->ledger, DROPS_MAX);
    for (guint i = 0; i < waiting->len; i++) {
        mark(watch, waiting->pdata[i]);
    }
    int64_t limit = watch->last_history == 0 ? 1 : LINES_AT_ONCE;
    g_autoptr(GPtrArray) lines =
        dm_ledger_history_after(watch->ledger, watch->last_history, limit, &watch->last_history);
    for (guint i = 0; i < lines->len; i++) {
        const struct dm_history *line = lines->pdata[i];
        g_autofree char *drop = dm_drop_of(line->path);
        mark(watch, drop);
    }
}

static int64_t total(const struct dm_tally *tally) {
    int64_t sum = 0;
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        sum += tally->rows[state];
    }
    return sum;
}

static bool is_over(const struct dm_tally *tally) {
    return tally->rows[DM_STATE_DONE] + tally->rows[DM_STATE_FAILED] == total(tally);
}

// ---- how it is said

/** "gray/Holiday 2024: 12 of 250 done, 1 failed, 8 in work, 229 waiting"; (transfer full). */
static char *text_of(const struct watched *watched) {
    const int64_t *rows = watched->tally.rows;
    int64_t in_work = rows[DM_STATE_RUNNING] + rows[DM_STATE_COMPUTED] + rows[DM_STATE_PUBLISHED];
    const struct {
        const char *words;
        int64_t count;
    } parts[] = {{"failed", rows[DM_STATE_FAILED]},
                 {"in work", in_work},
                 {"waiting", rows[DM_STATE_SEEN] + rows[DM_STATE_READY]},
                 {"held up", rows[DM_STATE_PARKED]}};
    g_autofree char *shown = dm_path_display(watched->drop);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s: %" PRId64 " of %" PRId64 " done", shown, rows[DM_STATE_DONE],
                           total(&watched->tally));
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i].count > 0) {
            g_string_append_printf(text, ", %" PRId64 " %s", parts[i].count, parts[i].words);
        }
    }
    return g_string_free(text, FALSE);
}

static void write_line(const struct watched *watched) {
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "drop", watched->drop);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        dm_json_integer(json, dm_state_name((enum dm_state)state), watched->tally.rows[state]);
    }
    dm_json_bool(json, "over", is_over(&watched->tally));
    dm_json_close(json);
    dm_json_print(json);
}

static void tell(const struct watch *watch, const struct watched *watched) {
    if (watch->cli->json) {
        write_line(watched);
    } else if (!watch->is_terminal && !watch->cli->quiet) {
        puts(watched->text);
    }
}

static int compare_looks(const void *a, const void *b) {
    const struct watched *const *one = a, *const *other = b;
    return ((*one)->look < (*other)->look) - ((*one)->look > (*other)->look);
}

/** Write @text as a line of at most @columns. */
static void draw_line(const char *text, guint columns) {
    glong length = g_utf8_strlen(text, -1);
    g_autofree char *fitting = g_utf8_substring(text, 0, MIN(length, (glong)columns));
    printf("%s\033[K\n", fitting);
}

/** All lines anew, where they are: as many as there is room for, what changed last on top. */
static void draw(struct watch *watch) {
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2;
    guint rows = known ? size.ws_row - 1u : WIDE, columns = known ? size.ws_col : WIDE;
    if (watch->lines > 0) {
        printf("\033[%uA", watch->lines);
    }
    g_ptr_array_sort(watch->drops, compare_looks);
    watch->lines = MIN(watch->drops->len, rows);
    for (guint i = 0; i < watch->lines; i++) {
        draw_line(((const struct watched *)watch->drops->pdata[i])->text, columns);
    }
}

// ---- again and again

static void look(struct watch *watch) {
    bool news = false;
    watch->looks++;
    find_changed(watch);
    for (guint i = 0; i < watch->drops->len; i++) {
        struct watched *watched = watch->drops->pdata[i];
        if (!watched->changed) {
            continue;
        }
        dm_ledger_tally_drop(watch->ledger, watched->drop, &watched->tally);
        watched->changed = false;
        g_autofree char *text = text_of(watched);
        if (g_strcmp0(text, watched->text) != 0) {
            g_free(watched->text);
            watched->text = g_steal_pointer(&text);
            watched->look = watch->looks;
            tell(watch, watched);
            news = true;
        }
    }
    if (news && watch->is_terminal && !watch->cli->json && !watch->cli->quiet) {
        draw(watch);
    }
    fflush(stdout);
}

/** Until the one drop is over, or for ever. Returns an exit code. */
static int watch_on(struct watch *watch) {
    GError *error = NULL;
    while (true) {
        look(watch);
        if (!dm_ledger_commit(watch->ledger, &error)) { // nothing was written: what failed, if so
            return dm_cli_fail(error);
        }
        const struct watched *first = watch->drops->len > 0 ? watch->drops->pdata[0] : NULL;
        if (watch->only != NULL && first != NULL && is_over(&first->tally)) {
            return first->tally.rows[DM_STATE_FAILED] > 0 ? EX_DATAERR : EX_OK;
        }
        if (ferror(stdout)) {
            return EX_IOERR;
        }
        g_usleep(LOOK_US);
    }
}

/** The one drop is there, whether or not anything happens to it; else no such is known. */
static bool has_drop(struct watch *watch) {
    struct dm_tally tally;
    dm_ledger_tally_drop(watch->ledger, watch->only, &tally);
    mark(watch, watch->only);
    return total(&tally) > 0;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    struct watch watch = {.cli = cli, .is_terminal = isatty(STDOUT_FILENO)};
    if (arguments[0] != NULL && arguments[1] != NULL) {
        return dm_cli_usage(&dm_cmd_watch, "one drop, or all");
    }
    if (!dm_cli_ledger(cli, &watch.ledger, &error)) {
        return dm_cli_fail(error);
    }
    if (watch.ledger == NULL) {
        return dm_cli_say(EX_NOINPUT, "nothing has been dropped here yet");
    }
    g_autofree char *only =
        arguments[0] != NULL ? dm_cli_room_path(cli->places, arguments[0], &error) : NULL;
    if (error != NULL) {
        return dm_cli_fail(error);
    }
    dm_cli_warn_stranger(cli->places);
    watch.only = only;
    watch.drops = g_ptr_array_new_with_free_func(free_watched);
    int exit_code = only == NULL || has_drop(&watch)
                        ? watch_on(&watch)
                        : dm_cli_say(EX_NOINPUT, "'%s': nothing is known of it", only);
    g_ptr_array_unref(watch.drops);
    return exit_code;
}

const struct dm_command dm_cmd_watch = {
    .name = "watch",
    .usage = "[DROP]",
    .summary = "Show how drops get on, a line each, until interrupted",
    .help = "DROP is a folder in a folder of the inbox, as 'resize-1600/Holiday 2024', or\n"
            "'resize-1600' for the files loose in it: until it is done. Status 65: some of its\n"
            "files failed. Where the output is no terminal: a line whenever something changes.\n",
    .options = options,
    .run = run,
};
