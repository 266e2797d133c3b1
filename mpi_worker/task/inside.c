// SPDX-License-Identifier: MIT
//
// Between the owner outside and a sandbox:
//
//      sandbox -> owner   go                    it is locked in; else why it is not
//      owner -> sandbox   MEMORY LF task line; with two descriptors: the input, the temporary
//      sandbox -> owner   need MEMORY PIXELS    only if it is more than it was given
//      owner -> sandbox   go                    now it has that
//      sandbox -> owner   result line           the verdict
//
// The end of the socket is the end of the sandbox. A verdict is never better for having been made
// in the jail: the owner takes it as a stranger's word (claim.h).
#include "mpi_worker/task/inside.h"

#include "common/error.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/watermarks.h"
#include "mpi_worker/task/allowance.h"
#include "mpi_worker/task/claim.h"
#include "mpi_worker/task/datagram.h"
#include "mpi_worker/task/jail.h"
#include "mpi_worker/task/pages.h"
#include "mpi_worker/task/picture.h"
#include "mpi_worker/task/plan_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef DM_TEST_CRASH
#include "common/path.h"
#include "tests/hostile/misbehave.h"
#endif

enum { ORDER_BYTES = 64 << 10 };
enum { MOST_BLOCKS = 2000 }; // 255 hold the longest profile, some hundred the longest XMP

const char dm_inside_go[2] = {'g', 'o'};

struct dm_inside {
    struct dm_catalogue *catalogue;
    struct dm_plan_cache *plans;
    struct dm_colour background;
    bool jailed;
};

/** One task as it was told. */
struct order {
    struct dm_task task;
    int64_t memory_bytes;
    int fds[DM_DATAGRAM_FDS]; // input, temporary
};

struct dm_inside *dm_inside_new(const struct dm_inside_settings *settings, GError **error) {
    if (!dm_vips_setup(error)) {
        return NULL;
    }
    if (settings->watermarks != NULL) {
        dm_watermarks_load(settings->watermarks);
    }
    struct dm_inside *inside = g_new0(struct dm_inside, 1);
    inside->catalogue = dm_ops_catalogue();
    inside->plans = dm_plan_cache_new(inside->catalogue);
    inside->background = settings->background;
    inside->jailed = settings->jailed;
    return inside;
}

char *dm_inside_order(const struct dm_task *task, int64_t memory_bytes) {
    struct dm_task told = *task;
    told.input_root = told.input = told.output_root = told.temp = "";
#ifdef DM_TEST_CRASH
    told.input = dm_path_base(task->input); // in tests it tells how to misbehave
#endif
    g_autofree char *line = dm_task_line(&told);
    return g_strdup_printf("%" PRId64 "\n%s", memory_bytes, line);
}

// ---- one picture

/** Everything that can be said without a decoder: those walk all pages, or all blocks, for each. */
static bool look_at(struct dm_work *work) {
    const struct dm_bytes *bytes = &work->bytes;
    dm_sniff(bytes->data, bytes->size, &work->sniff);
    if (work->sniff.codec == NULL) {
        g_autofree char *refusal = dm_sniff_refusal(&work->sniff);
        return dm_verdict(work->ret, DM_STATUS_FAILED, work->sniff.reason, "%s", refusal);
    }
    if (work->sniff.header.cut_short ||
        (work->sniff.codec->forgiving &&
         !dm_codec_is_whole(work->sniff.codec, bytes->data, bytes->size))) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TRUNCATED,
                          "the file ends before the picture does");
    }
    if (work->sniff.header.blocks > MOST_BLOCKS) {
        return dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                          "it has %" PRId64 " blocks of metadata, at most %d are allowed",
                          work->sniff.header.blocks, MOST_BLOCKS);
    }
    return dm_picture_pages_within(work->task, work->sniff.header.pages, work->ret) &&
           dm_picture_within(work->task, work->sniff.header.width_px, work->sniff.header.height_px,
                             1, work->ret);
}

/** Ask for what the pixels will take, if it is more than is there. */
static bool get_allowance(const struct order *order, struct dm_work *work) {
    char answer[sizeof(dm_inside_go)];
    const struct dm_need need = {
        .memory_bytes = dm_plan_memory(work->plan, &work->picture, work->shrink),
        .pixels = dm_plan_pixels(work->plan, &work->picture, work->shrink),
    };
    if (need.memory_bytes <= order->memory_bytes && need.pixels <= DM_ALLOWANCE_PIXELS) {
        return true;
    }
    g_autofree char *line = dm_need_line(&need);
    return (write(DM_JAIL_SOCKET, line, strlen(line)) > 0 &&
            dm_datagram_receive(DM_JAIL_SOCKET, answer, sizeof(answer), NULL) > 0) ||
           dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "nobody answers");
}

static bool make_picture(struct dm_inside *inside, const struct order *order,
                         struct dm_work *work) {
    GError *error = NULL;
    work->plan = dm_plan_cache_get(inside->plans, work->task->chain, &error);
    if (work->plan == NULL) {
        dm_verdict(work->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "chain '%s': %s",
                   work->task->chain, error->message);
        g_error_free(error);
        return false;
    }
    bool good = dm_picture_open(work) && get_allowance(order, work) && dm_pages_make(work);
    dm_picture_close(work);
    dm_plan_cache_give_back(inside->plans, work->plan);
    return good;
}

static void succeed(struct dm_work *work) {
    dm_record_take(&work->ret->message, g_strdup(work->remarks->str));
    work->ret->status = DM_STATUS_DONE;
    work->ret->reason = DM_REASON_NONE;
}

static void do_task(struct dm_inside *inside, const struct order *order, struct dm_result *ret) {
    struct dm_work work = {.task = &order->task,
                           .ret = ret,
                           .temp = {.dir_fd = -1, .fd = order->fds[1]},
                           .background = inside->background,
                           .remarks = g_string_new(NULL)};
    vips_error_clear();
#ifdef DM_TEST_CRASH
    dm_misbehave(&order->task, order->fds);
#endif
    if (dm_original_read(order->fds[0], &work.bytes, ret) && look_at(&work) &&
        make_picture(inside, order, &work)) {
        succeed(&work);
    }
    g_free(work.bytes.data);
    g_string_free(work.remarks, TRUE);
}

// ---- one message after the other

static G_GNUC_NORETURN void leave(int code) {
#if defined(__SANITIZE_ADDRESS__)
    exit(code); // which looks for leaks
#else
    _exit(code);
#endif
}

static void say(const char *text, size_t size) {
    if (write(DM_JAIL_SOCKET, text, size) < 0) {
        leave(EXIT_FAILURE);
    }
}

/** Read what dm_inside_order() wrote, of which @text holds all, NUL-terminated. */
static bool read_order(const char *text, struct order *ret) {
    char *behind = NULL;
    ret->memory_bytes = g_ascii_strtoll(text, &behind, 10);
    return *behind == '\n' && ret->fds[0] >= 0 && ret->fds[1] >= 0 &&
           dm_task_parse(behind + 1, &ret->task, NULL);
}

static void serve(struct dm_inside *inside, struct order *order) {
    struct dm_result result = {.id = order->task.id, .attempt = order->task.attempt};
    do_task(inside, order, &result);
    dm_record_take(&result.message, g_strndup(result.message, DM_CLAIM_MESSAGE_BYTES));
    g_autofree char *line = dm_result_line(&result);
    say(line, strlen(line));
    dm_result_clear(&result);
    dm_task_clear(&order->task);
    close(order->fds[0]);
    close(order->fds[1]);
}

/** Descriptors are the socket, and at 1 and 2 something that takes no word and gives none. */
static bool keep_only(int socket, GError **error) {
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool good = null_fd >= 0 && dup2(socket, DM_JAIL_SOCKET) == DM_JAIL_SOCKET &&
                dup2(null_fd, STDOUT_FILENO) == STDOUT_FILENO;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    good = good && dup2(null_fd, STDERR_FILENO) == STDERR_FILENO;
#endif
    return (good && close_range(STDERR_FILENO + 1, ~0U, 0) == 0) ||
           dm_fail_errno(error, errno, "cannot close the descriptors of a sandbox");
}

static bool lock_in(const struct dm_inside *inside, int socket, GError **error) {
    prctl(PR_SET_NAME, "dm-sandbox");
    return keep_only(socket, error) && dm_jail_harden(error) &&
           (!inside->jailed || dm_jail_enter(error));
}

void dm_inside_live(struct dm_inside *inside, int socket) {
    static char text[ORDER_BYTES + 1];
    GError *error = NULL;
    struct order order = {0};
    if (!lock_in(inside, socket, &error)) {
        say(error->message, strlen(error->message));
        leave(EXIT_FAILURE);
    }
    say(dm_inside_go, sizeof(dm_inside_go));
    for (;;) {
        ssize_t size = dm_datagram_receive(DM_JAIL_SOCKET, text, ORDER_BYTES, order.fds);
        if (size <= 0) {
            leave(EXIT_SUCCESS);
        }
        text[size] = '\0';
        if (!read_order(text, &order)) {
            leave(EXIT_FAILURE);
        }
        serve(inside, &order);
    }
}
