// SPDX-License-Identifier: MIT
//
// Verdicts: what the watcher is told about every kind of bad file, changed file and unwilling disk,
// and that no temporary is left behind (bench_run_task() looks each time). Pixels are in
// test_picture.c.
#include "tests/unit/mpi_worker/bench.h"

#include "mpi_worker/task/files.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void expect_task(const struct dm_task *task, const char *status, enum dm_reason reason,
                        const char *pattern) {
    struct dm_result result = bench_run_task(task);
    g_test_message("%s of %s: %s, %s: %s", task->chain, task->input, dm_status_name(result.status),
                   dm_reason_name(result.reason), result.message);
    g_assert_cmpstr(dm_status_name(result.status), ==, status);
    g_assert_cmpstr(dm_reason_name(result.reason), ==, dm_reason_name(reason));
    g_assert_true(g_pattern_match_simple(pattern, result.message));
    dm_result_clear(&result);
}

static void expect(const char *chain, const char *name, const char *status, enum dm_reason reason,
                   const char *pattern) {
    struct dm_task task = bench_task(chain, name);
    expect_task(&task, status, reason, pattern);
}

static void test_result(void) {
    drop_image(paint(640, 480, 3, false), "a.jpg");
    struct dm_result result = bench_run("rotate-90_png", "a.jpg");
    g_autofree char *path = out_path();
    struct stat s;
    g_assert_cmpstr(result.format, ==, "png");
    g_assert_cmpint(result.width_px, ==, 480);
    g_assert_cmpint(result.height_px, ==, 640);
    g_assert_cmpint(stat(path, &s), ==, 0);
    g_assert_cmpint(result.bytes, ==, s.st_size);
    g_assert_cmpint((int)(s.st_mode & 0777), ==, 0664 & ~(int)umask(022));
    g_assert_cmpint(result.elapsed_us, >, 0);
    dm_result_clear(&result);
}

/** A result is never readable by more people than its original is. */
static void test_readers(void) {
    static const struct {
        mode_t original, wanted, result;
    } cases[] = {
        {0644, 0660, 0660}, {0644, 0664, 0664}, {0640, 0664, 0660}, {0600, 0664, 0600},
        {0600, 0660, 0600}, {0604, 0664, 0600}, {0600, 0, 0600},    {0664, 0660, 0660},
    };
    drop_image(paint(64, 48, 3, false), "a.jpg");
    g_autofree char *original = in_path("a.jpg"), *path = out_path();
    struct stat s;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(g_chmod(original, cases[i].original), ==, 0);
        struct dm_task task = bench_task("png", "a.jpg");
        task.mode = cases[i].wanted;
        struct dm_result result = bench_run_task(&task);
        g_assert_cmpint(stat(path, &s), ==, 0);
        g_assert_cmpuint(s.st_mode & 0777, ==, cases[i].result);
        dm_result_clear(&result);
    }
    // Of another group than the result's: its people may not know ours.
    if (geteuid() == 0) {
        g_assert_cmpint(chown(original, 0, 61002), ==, 0);
        g_assert_cmpint(g_chmod(original, 0640), ==, 0);
        struct dm_task task = bench_task("png", "a.jpg");
        task.mode = 0664;
        struct dm_result result = bench_run_task(&task);
        g_assert_cmpint(stat(path, &s), ==, 0);
        g_assert_cmpuint(s.st_mode & 0777, ==, 0600);
        dm_result_clear(&result);
    }
}

static void test_no_pictures(void) {
    static const struct {
        const char *bytes;
        size_t size;
        enum dm_reason reason;
        const char *pattern;
    } cases[] = {
        {"", 0, DM_REASON_EMPTY, "*empty*"},
        {"just words, named .jpg", 22, DM_REASON_NOT_AN_IMAGE, "*text*jpeg, png*"},
        {"2 2\n1 2\n3 4\n", 12, DM_REASON_NOT_AN_IMAGE, "*text*"}, // libvips could read this one
        {"<svg xmlns='http://www.w3.org/2000/svg'/>", 41, DM_REASON_UNSUPPORTED_FORMAT, "*an SVG*"},
        {"%PDF-1.4", 8, DM_REASON_UNSUPPORTED_FORMAT, "*a PDF*"},
        {"\xFF\xD8\xFF\xE0", 4, DM_REASON_TRUNCATED, "*ends before*"},
        {"\x89PNG\r\n\x1A\n", 8, DM_REASON_TRUNCATED, "*ends before*"},
        {"GIF89a", 6, DM_REASON_TRUNCATED, "*ends before*"},
        {"II*\0\10\0\0\0", 8, DM_REASON_TRUNCATED, "*ends before*"},
        {"\1\2\3\4", 4, DM_REASON_NOT_AN_IMAGE, "*no known picture*"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        drop("x.jpg", cases[i].bytes, cases[i].size);
        expect("copy", "x.jpg", "failed", cases[i].reason, cases[i].pattern);
    }
}

/** Cut anywhere, no file becomes a result with grey in it, and the reason is always the same. */
static void test_truncated(void) {
    static const char *const names[] = {"t.jpg",  "p.jpg", "t.png", "i.png",
                                        "t.webp", "t.tif", "t.gif", "l.webp"};
    static const char *const saves[] = {
        "t.jpg", "p.jpg[interlace]", "t.png", "i.png[interlace]", "t.webp", "t.tif",
        "t.gif", "l.webp[lossless]"};
    static const char *const chains[] = {"copy", "flip", "resize-40", "gray_threshold",
                                         "crop-9x9-0-0"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        drop_image(paint(300, 400, 3, false), saves[i]);
        g_autofree char *path = in_path(names[i]), *data = NULL;
        size_t size = 0;
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        for (size_t k = 1; k < 24; k++) {
            drop(names[i], data, MAX(size * k / 24, 13));
            expect(chains[k % G_N_ELEMENTS(chains)], names[i], "failed", DM_REASON_TRUNCATED,
                   "the file ends before the picture does");
        }
    }
}

static void drop_damaged(void) {
    drop_image(paint(300, 200, 3, false), "d.png");
    g_autofree char *path = in_path("d.png"), *data = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    data[size / 2] = (char)~data[size / 2];
    drop("d.png", data, size);
}

static void test_damaged(void) {
    drop_damaged();
    expect("copy", "d.png", "failed", DM_REASON_DAMAGED, "the png cannot be decoded: *png*");
}

/** libvips' words come to us through whichever step needed the pixels; the verdict is the same. */
static void test_damaged_in_a_step(void) {
    static const char *const chains[] = {"flip", "threshold", "enhance", "blur-5_resize-50",
                                         "webp"};
    drop_damaged();
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++) {
        expect(chains[i], "d.png", "failed", DM_REASON_DAMAGED, "the png cannot be decoded: *png*");
    }
}

static void test_limits(void) {
    drop_image(paint(300, 200, 3, false), "l.jpg");
    struct dm_task task = bench_task("copy", "l.jpg");
    task.max_pixels = 59999;
    expect_task(&task, "failed", DM_REASON_TOO_LARGE, "*300 x 200 pixels*59999*");
    task.max_pixels = 60000;
    expect_task(&task, "done", DM_REASON_NONE, "");
    task.chain = (char *)"gray_enlarge-301";
    expect_task(&task, "failed", DM_REASON_TOO_LARGE, "enlarge-301 would make 301 x 201*");
    task = bench_task("copy", "l.jpg");
    task.max_bytes = 1000;
    expect_task(&task, "failed", DM_REASON_TOO_LARGE, "*bytes, at most 1000*");
    expect("enlarge-20000x20000_webp", "l.jpg", "failed", DM_REASON_TOO_LARGE, "*");
}

/** 437 KB that would be 3.6 billion pixels; a GIF whose pages are too many only together. */
static void test_bombs(void) {
    static const char header[] = "\x89PNG\r\n\x1A\n\0\0\0\15IHDR\0\0\xEA\x60\0\0\xEA\x60\10\2\0\0\0"
                                 "\0\0\0\0\0\0\0\0IEND\xAE\x42\x60\x82";
    drop("bomb.png", header, sizeof(header) - 1);
    expect("copy", "bomb.png", "failed", DM_REASON_TOO_LARGE, "*60000 x 60000*");
    VipsImage *page = paint(100, 100, 3, false), *roll = NULL, *pages = NULL;
    vips_replicate(page, &roll, 1, 20, NULL);
    vips_copy(roll, &pages, NULL);
    vips_image_set_int(pages, VIPS_META_PAGE_HEIGHT, 100);
    g_object_unref(page);
    g_object_unref(roll);
    drop_image(pages, "many.gif");
    struct dm_task task = bench_task("copy", "many.gif");
    task.max_pixels = 199999;
    expect_task(&task, "failed", DM_REASON_TOO_LARGE, "*100 x 100 x 20 pages*");
    task.max_pixels = 200000;
    expect_task(&task, "done", DM_REASON_NONE, "*");
    task.chain = (char *)"enlarge-150";
    expect_task(&task, "failed", DM_REASON_TOO_LARGE, "*enlarge-150*");
}

static void test_bad_steps(void) {
    drop_image(paint(300, 200, 3, false), "s.jpg");
    expect("crop-400x100", "s.jpg", "failed", DM_REASON_BAD_STEP, "crop*400x100*");
    expect("nonsense-5", "s.jpg", "failed", DM_REASON_INTERNAL, "chain 'nonsense-5'*");
    drop_image(paint(17000, 4, 3, false), "long.png");
    expect("webp", "long.png", "failed", DM_REASON_TOO_LARGE, "*17000 x 4*webp*16383*");
}

static void test_fingerprint(void) {
    drop_image(paint(30, 20, 3, false), "f.png");
    g_autofree char *path = in_path("f.png");
    struct dm_task task = bench_task("copy", "f.png");
    g_assert_cmpint(dm_fingerprint_at(AT_FDCWD, path, &task.fingerprint, NULL), ==, 0);
    expect_task(&task, "done", DM_REASON_NONE, "");
    task.fingerprint.mtime_ns++;
    expect_task(&task, "changed", DM_REASON_CHANGED, "*changed*");
    task.input = (char *)"gone.png";
    expect_task(&task, "changed", DM_REASON_CHANGED, "*No such file*");
}

/** Between reading and the verdict: written into, or another file put in its place. */
static void test_recheck(void) {
    static const char *const moves[] = {"write", "replace", "remove", "move its directory"};
    for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
        g_autofree char *dir = in_path("sub"), *moved = in_path("moved"),
                        *path = in_path("sub/r.txt"), *other = in_path("other.txt");
        g_test_message("%s", moves[i]);
        g_mkdir(dir, 0777);
        drop("sub/r.txt", "abc", 3);
        struct dm_task task = bench_task("copy", "sub/r.txt");
        struct dm_result result = {0};
        struct dm_original input;
        g_assert_true(dm_original_open(&task, &input, &result));
        struct dm_bytes bytes;
        g_assert_true(dm_original_read(input.fd, &bytes, &result));
        g_assert_cmpuint(bytes.size, ==, 3);
        g_assert_cmpint(memcmp(bytes.data, "abc", 3), ==, 0);
        g_free(bytes.data);
        g_assert_true(dm_original_recheck(&task, &input, &result));
        FILE *file = fopen(i == 0 ? path : other, "w");
        fputs("abcd", file);
        fclose(file);
        if (i == 1) {
            g_assert_cmpint(g_rename(other, path), ==, 0);
        }
        if (i == 2) {
            g_unlink(path);
        }
        if (i == 3) {
            g_assert_cmpint(g_rename(dir, moved), ==, 0);
        }
        g_assert_false(dm_original_recheck(&task, &input, &result));
        g_assert_cmpint((int)result.status, ==, (int)DM_STATUS_CHANGED);
        dm_original_clear(&input);
        dm_result_clear(&result);
    }
}

static void test_strange_files(void) {
    drop_image(paint(30, 20, 3, false), "real.png");
    g_autofree char *link = in_path("link.png"), *fifo = in_path("fifo"), *dir = in_path("dir"),
                    *dir_link = in_path("dirlink");
    g_assert_cmpint(symlink("real.png", link), ==, 0);
    g_assert_cmpint(symlink(".", dir_link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0666), ==, 0);
    g_assert_cmpint(g_mkdir(dir, 0777), ==, 0);
    expect("copy", "link.png", "failed", DM_REASON_UNREADABLE, "*symbolic link*");
    expect("copy", "dirlink/real.png", "failed", DM_REASON_UNREADABLE, "*symbolic link*");
    expect("copy", "fifo", "failed", DM_REASON_UNREADABLE, "*not a regular file*");
    expect("copy", "dir", "failed", DM_REASON_UNREADABLE, "*not a regular file*");
    expect("copy", "../etc/passwd", "failed", DM_REASON_UNREADABLE, "*");
    expect("copy", "/etc/passwd", "failed", DM_REASON_UNREADABLE, "*");
    expect("copy", "real.png/x", "changed", DM_REASON_CHANGED, "*");
}

static void test_names(void) {
    static const char *const names[] = {"with blank.png", "-dash.png",    "quo\"te'.png",
                                        "new\nline.png",  "\xE4\xFF.png", "*?[.png"};
    drop_image(paint(30, 20, 3, false), "n.png");
    g_autofree char *from = in_path("n.png"), *data = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(from, &data, &size, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        drop(names[i], data, size);
        expect("copy", names[i], "done", DM_REASON_NONE, "");
    }
}

// ---- the output side refuses

static void test_no_outbox(void) {
    drop_image(paint(30, 20, 3, false), "o.png");
    struct dm_task task = bench_task("copy", "o.png");
    task.output_root = (char *)"/nonexistent/outbox";
    expect_task(&task, "blocked", DM_REASON_CANNOT_WRITE, "*/nonexistent/outbox/a/b*No such file*");
    task.output_root = outbox;
    task.temp = (char *)"blocker/x.tmp";
    g_autofree char *blocker = g_build_filename(outbox, "blocker", NULL);
    g_assert_true(g_file_set_contents(blocker, "", 0, NULL));
    expect_task(&task, "blocked", DM_REASON_CANNOT_WRITE, "*blocker*");
    task.temp = (char *)"../outside.tmp";
    expect_task(&task, "blocked", DM_REASON_CANNOT_WRITE, "*");
    task = bench_task("copy", "o.png");
    task.input_root = (char *)"/nonexistent/inbox";
    expect_task(&task, "blocked", DM_REASON_UNREADABLE, "*/nonexistent/inbox*");
}

static struct dm_mark mark_of(const char *path) {
    struct dm_mark mark;
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    int fd = dm_open_root(absolute, NULL);
    g_assert_cmpint(dm_mark_fd(fd, &mark), ==, 0);
    close(fd);
    return mark;
}

/** Another file system has come in the place of the share: nothing is read or made there. */
static void test_other_roots(void) {
    drop_image(paint(30, 20, 3, false), "o.png");
    struct dm_task task = bench_task("copy", "o.png");
    task.temp = (char *)"nowhere/x.tmp";
    task.input_mark = mark_of(task.input_root);
    task.output_mark = mark_of(task.output_root);
    task.output_mark.btime_ns++;
    expect_task(&task, "blocked", DM_REASON_CANNOT_WRITE, "another directory is in the place of*");
    task.output_mark.btime_ns--;
    task.output_mark.dev++;
    expect_task(&task, "blocked", DM_REASON_CANNOT_WRITE, "another directory is in the place of*");
    g_autofree char *made = g_build_filename(outbox, "nowhere", NULL);
    g_assert_false(g_file_test(made, G_FILE_TEST_EXISTS));
    task.output_mark.dev--;
    task.input_mark.ino++;
    expect_task(&task, "blocked", DM_REASON_UNREADABLE, "another directory is in the place of*");
    task.input_mark.ino--;
    task.input_mark.dev = task.output_mark.dev = 0; // on another machine
    struct dm_result result = bench_run_task(&task);
    g_assert_cmpstr(dm_status_name(result.status), ==, "done");
    dm_result_clear(&result);
}

/** A limit on the size of files stands in for a full disk: both make write(2) fail. */
static void test_full(void) {
    static const char *const chains[] = {"copy", "png", "webp", "tiff"};
    drop_image(paint(600, 400, 3, false), "o.jpg[Q=100]");
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, tiny = {1000, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &old);
    tiny.rlim_max = old.rlim_max;
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++) {
        struct dm_task task = bench_task(chains[i], "o.jpg");
        setrlimit(RLIMIT_FSIZE, &tiny);
        struct dm_result result = bench_run_task(&task);
        setrlimit(RLIMIT_FSIZE, &old);
        g_assert_cmpstr(dm_status_name(result.status), ==, "blocked");
        g_assert_cmpstr(dm_reason_name(result.reason), ==, "cannot-write");
        g_assert_nonnull(strstr(result.message, "/a/b': File too large"));
        dm_result_clear(&result);
    }
}

/** What lies where the temporary will be is neither written through nor in the way. */
static void test_stale_temporary(void) {
    drop_image(paint(30, 20, 3, false), "o.png");
    g_autofree char *path = out_path(), *victim = g_build_filename(outbox, "victim", NULL);
    g_autofree char *dir = g_path_get_dirname(path), *text = NULL;
    g_assert_true(g_file_set_contents(victim, "precious", -1, NULL));
    g_assert_cmpint(g_mkdir_with_parents(dir, 0777), ==, 0);
    g_unlink(path);
    g_assert_cmpint(link(victim, path), ==, 0);
    struct dm_task task = bench_task("copy", "o.png");
    for (int i = 0; i < 2; i++) {
        struct dm_result result;
        dm_task_run(shared, &task, &result);
        g_assert_cmpstr(dm_status_name(result.status), ==, "done");
        dm_result_clear(&result);
    }
    g_assert_true(g_file_get_contents(victim, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
}

/** Somebody's thing under the temporary's name stays; the watcher is told to take another name. */
static void test_taken_temporary(void) {
    drop_image(paint(30, 20, 3, false), "o.png");
    g_autofree char *path = out_path();
    g_autofree char *dir = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0777), ==, 0);
    struct dm_task task = bench_task("copy", "o.png");
    for (int i = 0; i < 3; i++) {
        struct dm_result result;
        g_remove(path);
        int code = i == 0   ? mkfifo(path, 0666)
                   : i == 1 ? mkdir(path, 0777)
                            : symlink("/etc/passwd", path);
        g_assert_cmpint(code, ==, 0);
        dm_task_run(shared, &task, &result);
        g_assert_cmpstr(dm_status_name(result.status), ==, "blocked");
        g_assert_cmpstr(dm_reason_name(result.reason), ==, "name-taken");
        dm_result_clear(&result);
        struct stat s;
        g_assert_cmpint(lstat(path, &s), ==, 0);
        g_assert_false(S_ISREG(s.st_mode));
    }
    g_remove(path);
}

// ---- many at once

enum { THREADS = 4, ROUNDS = 12 };
static const char *const crowd[] = {"good.jpg", "short.jpg", "bad.png",
                                    "bad.jpg",  "good.png",  "good.gif"};
static char *lonely_digest[G_N_ELEMENTS(crowd)];

/** Result, words and bytes in one text. */
static char *digest(const struct dm_task *task) {
    struct dm_result result = bench_run_task(task);
    g_autofree char *path = g_build_filename(task->output_root, task->temp, NULL), *data = NULL;
    g_autofree char *sum = NULL;
    size_t size = 0;
    if (g_file_get_contents(path, &data, &size, NULL)) {
        sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, size);
    }
    char *text = g_strdup_printf("%s %s [%s] %s", dm_status_name(result.status),
                                 dm_reason_name(result.reason), result.message, sum);
    dm_result_clear(&result);
    return text;
}

static void *work(void *data) {
    size_t thread = GPOINTER_TO_SIZE(data);
    g_autofree char *temp = g_strdup_printf("t%zu/x.tmp", thread);
    for (size_t i = 0; i < ROUNDS; i++) {
        size_t which = (i + thread) % G_N_ELEMENTS(crowd);
        struct dm_task task = bench_task("rotate-90_blur-3_invert", crowd[which]);
        task.temp = temp;
        g_autofree char *seen = digest(&task);
        g_assert_cmpstr(seen, ==, lonely_digest[which]);
    }
    dm_task_thread_end();
    return NULL;
}

/** The same bytes and the same words, whatever the neighbours do. */
static void test_many_threads(void) {
    drop_image(paint(500, 400, 3, false), "good.jpg");
    drop_image(paint(500, 400, 4, false), "good.png");
    drop_image(paint(90, 400, 3, false), "good.gif");
    g_autofree char *jpg = in_path("good.jpg"), *png = in_path("good.png"), *data = NULL,
                    *bytes = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(jpg, &data, &size, NULL));
    drop("short.jpg", data, size / 2);
    g_autofree char *progressive = in_path("bad.jpg"), *scans = NULL;
    drop_image(paint(500, 400, 3, false), "bad.jpg[interlace]");
    g_assert_true(g_file_get_contents(progressive, &scans, &size, NULL));
    memcpy(scans + size / 2, "\xFF\xBE", 2); // no marker that JPEG has
    drop("bad.jpg", scans, size);
    g_assert_true(g_file_get_contents(png, &bytes, &size, NULL));
    memset(bytes + size / 2, 0, 30);
    drop("bad.png", bytes, size);
    for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
        struct dm_task task = bench_task("rotate-90_blur-3_invert", crowd[i]);
        lonely_digest[i] = digest(&task);
        g_test_message("%s: %s", crowd[i], lonely_digest[i]);
    }
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, GSIZE_TO_POINTER(i));
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
        g_free(lonely_digest[i]);
    }
}

/** Any byte changed anywhere ends as a result or as a reason. */
static void test_any_damage(void) {
    static const char *const names[] = {"z.jpg", "z.png", "z.webp", "z.tif", "z.gif"};
    GRand *random = g_rand_new_with_seed(11);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        drop_image(paint(60, 50, 3, false), names[i]);
        g_autofree char *path = in_path(names[i]), *data = NULL;
        size_t size = 0;
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        for (int round = 0; round < 60; round++) {
            g_autofree char *hurt = g_memdup2(data, size);
            for (int k = 0; k < 3; k++) {
                hurt[g_rand_int_range(random, 0, (gint32)MIN(size, 2000))] =
                    (char)g_rand_int(random);
            }
            drop(names[i], hurt, size);
            struct dm_result result = bench_run("rotate-90_invert", names[i]);
            g_assert_cmpint((int)result.status, <=, (int)DM_STATUS_FAILED);
            dm_result_clear(&result);
        }
    }
    g_rand_free(random);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/task/result", test_result);
    g_test_add_func("/task/readers", test_readers);
    g_test_add_func("/task/no-pictures", test_no_pictures);
    g_test_add_func("/task/truncated", test_truncated);
    g_test_add_func("/task/damaged", test_damaged);
    g_test_add_func("/task/damaged-in-a-step", test_damaged_in_a_step);
    g_test_add_func("/task/limits", test_limits);
    g_test_add_func("/task/bombs", test_bombs);
    g_test_add_func("/task/bad-steps", test_bad_steps);
    g_test_add_func("/task/fingerprint", test_fingerprint);
    g_test_add_func("/task/recheck", test_recheck);
    g_test_add_func("/task/strange-files", test_strange_files);
    g_test_add_func("/task/names", test_names);
    g_test_add_func("/task/no-outbox", test_no_outbox);
    g_test_add_func("/task/other-roots", test_other_roots);
    g_test_add_func("/task/full", test_full);
    g_test_add_func("/task/stale-temporary", test_stale_temporary);
    g_test_add_func("/task/taken-temporary", test_taken_temporary);
    g_test_add_func("/task/many-threads", test_many_threads);
    g_test_add_func("/task/any-damage", test_any_damage);
    int code = g_test_run();
    bench_close();
    return code;
}
