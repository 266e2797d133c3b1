// SPDX-License-Identifier: MIT
//
// The inbox against a model: users do what they can think of in a real directory, and the source of
// events lies (events are lost, come twice, late, in another order, or an overflow comes instead).
// In the end every file was taken as it was last, and no row is without its file.
//
// A script follows from its number; $MODEL_SCRIPTS of them are played from $MODEL_SEED on (make
// model: 10,000). One that fails is made as short as it still fails, and printed.
#include "tests/unit/watcher/support/inbox_world.h"
#include "tests/unit/watcher/support/row_facts.h"

#include <stdlib.h>

#define STEPS_MAX 40
#define HANDLES 4
#define ROUNDS_MAX 30

enum act {
    ACT_WRITE,
    ACT_OPEN,
    ACT_APPEND,
    ACT_CLOSE,
    ACT_RENAME,
    ACT_REPLACE,
    ACT_REMOVE,
    ACT_MOVE_FOLDER,
    ACT_REMOVE_FOLDER,
    ACT_LINK,
    ACT_MAKE_FOLDER,
    ACT_ODD,
    ACT_WAIT,
    ACT_TAKE,
    ACT_COUNT,
};

static const char *const act_names[ACT_COUNT] = {
    [ACT_WRITE] = "write",
    [ACT_OPEN] = "open and write",
    [ACT_APPEND] = "append",
    [ACT_CLOSE] = "close",
    [ACT_RENAME] = "rename",
    [ACT_REPLACE] = "replace",
    [ACT_REMOVE] = "remove",
    [ACT_MOVE_FOLDER] = "move folder",
    [ACT_REMOVE_FOLDER] = "remove folder",
    [ACT_LINK] = "link",
    [ACT_MAKE_FOLDER] = "make folder",
    [ACT_ODD] = "make something odd",
    [ACT_WAIT] = "wait",
    [ACT_TAKE] = "take",
};

static const char *const folders[] = {
    "gray",       "gray/s",    "blur-1",       "blur-1/s",
    "blur-1/s/t", "rotate-90", "no operation", "../out", // not ours, and not in the inbox
};
static const char *const names[] = {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.part", ".5.jpg"};

struct step {
    enum act act;
    char *path, *other;
    // Of the lies that are told after it.
    guint32 seed;
};

struct play {
    struct world world;
    int handles[HANDLES];
    // struct dm_notify_event with owned strings: seen, and not yet told.
    GPtrArray *told;
    GRand *lies;
    unsigned writes;
    char *failure;
};

// ---- scripts

static char *any_path(GRand *dice) {
    return g_strdup_printf("%s/%s", folders[g_rand_int_range(dice, 0, G_N_ELEMENTS(folders))],
                           names[g_rand_int_range(dice, 0, G_N_ELEMENTS(names))]);
}

static void step_free(void *data) {
    struct step *step = data;
    g_free(step->path);
    g_free(step->other);
    g_free(step);
}

static bool is_of_folder(enum act act) {
    return act == ACT_MOVE_FOLDER || act == ACT_REMOVE_FOLDER || act == ACT_MAKE_FOLDER;
}

static GPtrArray *make_script(guint32 number) {
    GRand *dice = g_rand_new_with_seed(number);
    GPtrArray *script = g_ptr_array_new_with_free_func(step_free);
    for (int i = g_rand_int_range(dice, 3, STEPS_MAX); i > 0; i--) {
        struct step *step = g_new(struct step, 1);
        step->act = (enum act)g_rand_int_range(dice, 0, ACT_COUNT);
        step->path = any_path(dice);
        step->other = any_path(dice);
        step->seed = g_rand_int(dice);
        if (is_of_folder(step->act)) {
            *strrchr(step->path, '/') = '\0';
            *strrchr(step->other, '/') = '\0';
        }
        g_ptr_array_add(script, step);
    }
    g_rand_free(dice);
    return script;
}

static void print_script(const GPtrArray *script) {
    for (guint i = 0; i < script->len; i++) {
        const struct step *step = script->pdata[i];
        g_printerr("#   %s '%s' '%s' (lies %u)\n", act_names[step->act], step->path, step->other,
                   step->seed);
    }
}

// ---- the source of events

static void remember(const struct dm_notify_event *event, void *data) {
    struct play *play = data;
    struct dm_notify_event *copy = g_new(struct dm_notify_event, 1);
    *copy = (struct dm_notify_event){
        .what = event->what, .dir = g_strdup(event->dir), .name = g_strdup(event->name)};
    g_ptr_array_add(play->told, copy);
}

static void forget(void *data) {
    struct dm_notify_event *event = data;
    g_free((char *)event->dir);
    g_free((char *)event->name);
    g_free(event);
}

/** Tell of what has happened, or not. */
static void tell(struct play *play) {
    struct dm_inbox *inbox = play->world.inbox;
    dm_notify_read(inbox->notify, remember, play);
    for (guint left = play->told->len; left > 0 && play->told->len > 0; left--) {
        guint at = (guint)g_rand_int_range(play->lies, 0, (gint32)play->told->len);
        int fate = g_rand_int_range(play->lies, 0, 20);
        if (fate == 0) { // so many at once that all are lost
            const struct dm_notify_event all = {.what = DM_NOTIFY_OVERFLOW, .dir = "", .name = ""};
            g_ptr_array_set_size(play->told, 0);
            dm_plan_event(&all, inbox);
            return;
        }
        if (fate > 5) { // 1 to 5: lost, or later
            dm_plan_event(play->told->pdata[at], inbox);
        }
        if (fate != 1 && fate != 2 && fate != 6) { // later; again
            g_ptr_array_remove_index_fast(play->told, at);
        }
    }
}

/** Give turns; what is heard meanwhile is kept for the next lies. */
static void pass(struct play *play, int64_t us) {
    dm_notify_read(play->world.inbox->notify, remember, play);
    world_pass(&play->world, us);
}

// ---- users

static void write_text(struct play *play, int fd) {
    g_autofree char *text = g_strdup_printf("text %u;", play->writes++);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
}

static void write_file(struct play *play, const char *full) {
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0644);
    if (fd >= 0) { // else there is no such folder
        write_text(play, fd);
        close(fd);
    }
}

static void open_file(struct play *play, const char *full) {
    for (int i = 0; i < HANDLES; i++) {
        if (play->handles[i] < 0) {
            play->handles[i] =
                open(full, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0644);
            if (play->handles[i] >= 0) {
                write_text(play, play->handles[i]);
            }
            return;
        }
    }
}

static void use_handle(struct play *play, guint32 which, bool closes) {
    int *fd = &play->handles[which % HANDLES];
    if (*fd < 0) {
        return;
    }
    write_text(play, *fd);
    if (closes) {
        close(*fd);
        *fd = -1;
    }
}

static void replace(struct play *play, const char *full) {
    g_autofree char *fresh = world_path(&play->world, "../fresh");
    write_file(play, fresh);
    (void)g_rename(fresh, full);
}

static bool is_open(const struct play *play, const struct dm_fingerprint *print) {
    for (int i = 0; i < HANDLES; i++) {
        struct dm_fingerprint open_one;
        if (play->handles[i] >= 0 && dm_fingerprint_fd(play->handles[i], &open_one) == 0 &&
            open_one.ino == print->ino) {
            return true;
        }
    }
    return false;
}

/** The other rooms begin with a file that is READY. */
static void begin_one(struct play *play, struct dm_row *row) {
    struct dm_fingerprint found;
    g_autofree char *full = world_path(&play->world, row->path);
    bool there = dm_fingerprint_at(AT_FDCWD, full, &found, NULL) == 0;
    if (!there || !is_open(play, &found)) {
        row_move(play->world.ledger, row, DM_FACT_DISPATCHED);
    }
}

/** They end with it: if it is as it was accepted it is made, and its original leaves. */
static void end_one(struct play *play, struct dm_row *row) {
    static const enum dm_fact facts[] = {DM_FACT_COMPUTED, DM_FACT_PUBLISHED, DM_FACT_RETIRED};
    struct dm_fingerprint found;
    g_autofree char *full = world_path(&play->world, row->path);
    if (dm_fingerprint_at(AT_FDCWD, full, &found, NULL) != 0 ||
        !dm_fingerprint_equal(&found, &row->fingerprint)) {
        row_move(play->world.ledger, row, DM_FACT_CHANGED);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        row_move(play->world.ledger, row, facts[i]);
    }
    g_assert_cmpint(g_unlink(full), ==, 0);
}

static void for_rows(struct play *play, enum dm_state state,
                     void (*work)(struct play *play, struct dm_row *row)) {
    const struct dm_query query = {.states = 1u << state};
    g_autoptr(GPtrArray) rows = dm_ledger_list(play->world.ledger, &query);
    for (guint i = 0; i < rows->len; i++) {
        work(play, rows->pdata[i]);
    }
}

/** What was begun the last time comes to its end. */
static void take(struct play *play) {
    for_rows(play, DM_STATE_RUNNING, end_one);
    for_rows(play, DM_STATE_READY, begin_one);
}

static void do_step(struct play *play, const struct step *step) {
    g_autofree char *full = world_path(&play->world, step->path);
    g_autofree char *other = world_path(&play->world, step->other);
    switch (step->act) {
    case ACT_WRITE:
        write_file(play, full);
        break;
    case ACT_OPEN:
        open_file(play, full);
        break;
    case ACT_APPEND:
    case ACT_CLOSE:
        use_handle(play, step->seed, step->act == ACT_CLOSE);
        break;
    case ACT_RENAME:
    case ACT_MOVE_FOLDER:
        (void)g_rename(full, other);
        break;
    case ACT_REPLACE:
        replace(play, full);
        break;
    case ACT_REMOVE:
        (void)g_remove(full);
        break;
    case ACT_REMOVE_FOLDER:
        dm_remove_tree(full);
        break;
    case ACT_LINK:
        (void)!link(full, other);
        break;
    case ACT_MAKE_FOLDER:
        (void)g_mkdir_with_parents(full, 0755);
        break;
    case ACT_ODD:
        (void)!(step->seed % 2 ? symlink("/etc/passwd", full) : mkfifo(full, 0644));
        break;
    case ACT_WAIT:
        pass(play, step->seed % (6 * SECOND));
        break;
    case ACT_TAKE:
        take(play);
        break;
    case ACT_COUNT:
        g_assert_not_reached();
    }
}

// ---- what must be true in the end

static void fail(struct play *play, const char *what, const char *path) {
    if (play->failure == NULL) {
        play->failure = g_strdup_printf("%s: '%s'", what, path);
    }
}

static void expect_files_of_rows(struct play *play) {
    g_autoptr(GPtrArray) live = dm_ledger_live_paths(play->world.ledger, "", "\xff", -1);
    for (guint i = 0; i < live->len; i++) {
        g_autofree char *full = world_path(&play->world, live->pdata[i]);
        if (!g_file_test(full, G_FILE_TEST_IS_REGULAR)) {
            fail(play, "a live row has no file", live->pdata[i]);
        }
    }
}

/** Say whether something lies there that is to be taken. */
static bool has_files(struct play *play, const char **ret_path) {
    for (size_t f = 0; f + 2 < G_N_ELEMENTS(folders); f++) {
        for (size_t n = 0; n < 4; n++) {
            g_autofree char *path = g_strdup_printf("%s/%s", folders[f], names[n]);
            g_autofree char *full = world_path(&play->world, path);
            if (g_file_test(full, G_FILE_TEST_IS_REGULAR) &&
                !g_file_test(full, G_FILE_TEST_IS_SYMLINK)) {
                *ret_path = g_intern_string(path);
                return true;
            }
        }
    }
    return false;
}

static void come_to_an_end(struct play *play, bool by_sweep) {
    const char *path = NULL;
    for (int i = 0; i < HANDLES; i++) {
        use_handle(play, (guint32)i, true);
    }
    tell(play);
    play->world.inbox->everything |= !by_sweep;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        pass(play, 150 * SECOND);
        expect_files_of_rows(play);
        take(play);
        take(play);
        world_settle(&play->world);
        if (!has_files(play, &path) && dm_pendings_count(play->world.inbox->pendings) == 0) {
            break;
        }
    }
    if (has_files(play, &path)) {
        fail(play, "a file was never taken", path);
    }
    if (dm_ledger_has(play->world.ledger, DM_LIVE_STATES)) {
        fail(play, "there are live rows", "");
    }
}

/** Say whether a change of a directory that was looked at a moment ago shows in its times. */
static bool has_fine_times(const struct world *world) {
    struct dm_fingerprint before, after;
    world_mkdir(world, "../fine");
    g_autofree char *full = world_path(world, "../fine");
    bool fine = true;
    for (int i = 0; i < 20; i++) {
        g_autofree char *path = g_strdup_printf("../fine/%d", i);
        dm_fingerprint_at(AT_FDCWD, full, &before, NULL);
        world_write(world, path, "x");
        dm_fingerprint_at(AT_FDCWD, full, &after, NULL);
        fine &= before.mtime_ns != after.mtime_ns;
    }
    return fine;
}

/** Returns what went wrong (transfer full), or NULL. */
static char *run(const GPtrArray *script, guint32 number) {
    struct play play = {.handles = {-1, -1, -1, -1}};
    world_init(&play.world);
    play.world.config.settings.sweep_us = 30 * (int64_t)SECOND;
    play.world.config.settings.waits.returns_us = 0;
    play.told = g_ptr_array_new_with_free_func(forget);
    play.lies = g_rand_new_with_seed(number);
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i += 2) {
        world_mkdir(&play.world, folders[i]);
    }
    world_mkdir(&play.world, "../out");
    world_start(&play.world);
    if (has_fine_times(&play.world)) {
        play.world.inbox->grain_ns = 0;
    }
    world_settle(&play.world);
    for (guint i = 0; i < script->len; i++) {
        const struct step *step = script->pdata[i];
        do_step(&play, step);
        g_rand_set_seed(play.lies, step->seed);
        if (step->seed % 3 == 0) {
            tell(&play);
            world_settle(&play.world);
        }
    }
    come_to_an_end(&play, number % 2 == 0);
    world_stop(&play.world);
    world_clear(&play.world);
    g_ptr_array_unref(play.told);
    g_rand_free(play.lies);
    return play.failure;
}

// ---- the shortest script that fails

static GPtrArray *without(const GPtrArray *script, guint from, guint count) {
    GPtrArray *shorter = g_ptr_array_new();
    for (guint i = 0; i < script->len; i++) {
        if (i < from || i >= from + count) {
            g_ptr_array_add(shorter, script->pdata[i]);
        }
    }
    return shorter;
}

/** (transfer container) */
static GPtrArray *shrink(const GPtrArray *script, guint32 number) {
    GPtrArray *best = without(script, 0, 0);
    for (guint count = MAX(best->len / 2, 1); count > 0; count /= 2) {
        for (guint from = 0; from + count <= best->len;) {
            GPtrArray *shorter = without(best, from, count);
            g_autofree char *failure = run(shorter, number);
            if (failure != NULL) {
                g_ptr_array_unref(best);
                best = shorter;
            } else {
                g_ptr_array_unref(shorter);
                from += count;
            }
        }
    }
    return best;
}

static guint32 number_of(const char *name, guint32 otherwise) {
    const char *text = g_getenv(name);
    return text != NULL ? (guint32)g_ascii_strtoull(text, NULL, 10) : otherwise;
}

static void test_model(void) {
    guint32 first = number_of("MODEL_SEED", 1), count = number_of("MODEL_SCRIPTS", 60);
    for (guint32 number = first; number < first + count; number++) {
        g_autoptr(GPtrArray) script = make_script(number);
        g_autofree char *failure = run(script, number);
        if (failure == NULL) {
            continue;
        }
        g_autoptr(GPtrArray) shortest = shrink(script, number);
        g_autofree char *its_failure = run(shortest, number);
        g_printerr("# script %u: %s; %u of %u steps do: %s\n", number, failure, shortest->len,
                   script->len, its_failure);
        print_script(shortest);
        g_test_fail();
        return;
    }
}

static void silence(const char *domain, GLogLevelFlags level, const char *message, void *data) {
    (void)domain, (void)level, (void)message, (void)data;
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_log_set_default_handler(silence, NULL); // odd names are part of the play
    g_test_add_func("/inbox/model", test_model);
    return g_test_run();
}
