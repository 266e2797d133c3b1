// SPDX-License-Identifier: MIT
//
// How long a file is thought to take: by its chain, by its size, by what was measured last.
#include "watcher/engine/known_work.h"

#define MS INT64_C(1000)
#define MB INT64_C(1000000)

struct lessons {
    struct dm_known_work *known;
    struct dm_work_kind *gray, *blur;
};

static void set_up(struct lessons *lessons, gconstpointer data) {
    (void)data;
    lessons->known = dm_known_work_new();
    lessons->gray = dm_known_work_of(lessons->known, "gray");
    lessons->blur = dm_known_work_of(lessons->known, "blur-5");
}

static void tear_down(struct lessons *lessons, gconstpointer data) {
    (void)data;
    dm_known_work_free(lessons->known);
}

static int64_t guess(const struct lessons *lessons, const struct dm_work_kind *kind,
                     int64_t bytes) {
    return dm_known_work_guess(lessons->known, kind, bytes);
}

static void learn(struct lessons *lessons, struct dm_work_kind *kind, int count, int64_t bytes,
                  int64_t elapsed_us) {
    for (int i = 0; i < count; i++) {
        dm_known_work_learn(lessons->known, kind, bytes, elapsed_us);
    }
}

static void test_nothing_known(struct lessons *lessons, gconstpointer data) {
    (void)data;
    g_assert_cmpint(guess(lessons, lessons->gray, 1), ==, 100 * MS);
    g_assert_cmpint(guess(lessons, lessons->gray, 100 * MB), ==, 100 * MS);
}

static void test_by_chain(struct lessons *lessons, gconstpointer data) {
    (void)data;
    learn(lessons, lessons->gray, 100, MB, 20 * MS);
    g_assert_cmpint(guess(lessons, lessons->gray, MB), ==, 20 * MS);
    g_assert_cmpint(guess(lessons, lessons->blur, MB), ==, 20 * MS); // as any
    learn(lessons, lessons->blur, 1, MB, 900 * MS);                  // from the first on
    g_assert_cmpint(guess(lessons, lessons->blur, MB), ==, 900 * MS);
    g_assert_cmpint(guess(lessons, lessons->gray, MB), ==, 20 * MS);
    g_assert_true(dm_known_work_of(lessons->known, "gray") == lessons->gray);
}

/** A large one among small ones is not taken for one of them, nor small ones for nothing. */
static void test_by_size(struct lessons *lessons, gconstpointer data) {
    (void)data;
    learn(lessons, lessons->gray, 100, MB, 20 * MS);
    g_assert_cmpint(guess(lessons, lessons->gray, 100 * MB), ==, 1010 * MS);
    g_assert_cmpint(guess(lessons, lessons->gray, 0), ==, 10 * MS);
}

static void test_changes_with_the_files(struct lessons *lessons, gconstpointer data) {
    (void)data;
    learn(lessons, lessons->gray, 1000, MB, 20 * MS);
    learn(lessons, lessons->gray, 100, MB, 400 * MS);
    g_assert_cmpint(guess(lessons, lessons->gray, MB), >, 390 * MS);
}

/** Times and sizes that no file has. */
static void test_extremes(struct lessons *lessons, gconstpointer data) {
    (void)data;
    learn(lessons, lessons->gray, 20, 0, 0);
    g_assert_cmpint(guess(lessons, lessons->gray, 0), ==, 1);
    g_assert_cmpint(guess(lessons, lessons->gray, 100 * MB), ==, 1);
    dm_known_work_free(NULL);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(struct lessons *lessons, gconstpointer data);
    } tests[] = {
        {"/known-work/nothing-known", test_nothing_known},
        {"/known-work/by-chain", test_by_chain},
        {"/known-work/by-size", test_by_size},
        {"/known-work/changes-with-the-files", test_changes_with_the_files},
        {"/known-work/extremes", test_extremes},
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add(tests[i].name, struct lessons, NULL, set_up, tests[i].run, tear_down);
    }
    return g_test_run();
}
