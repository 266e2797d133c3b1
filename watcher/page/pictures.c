// SPDX-License-Identifier: MIT
//
// A job is one picture that the maker has been asked for; requests wait for it: of a thumbnail any
// number, of a preview one. When its last request goes before it is begun, so does the job. What is
// begun is finished, for it takes no longer than ending it would.
//
// The files of job N, in our directory: N.in (of a preview) and N.jpg. Both go with it.
#include "watcher/page/pictures.h"

#include "common/chain.h"
#include "common/error.h"
#include "common/fsutil.h"
#include "watcher/page/picture_size.h"
#include "watcher/page/thumb_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THUMB_CHAIN "strip_fit-320_jpeg-70"
#define CACHE_BYTES (INT64_C(64) << 20)
#define PATIENCE_US (INT64_C(10) * G_USEC_PER_SEC)

enum { MOST_SIDE = 65535 };

struct dm_picture_request {
    struct job *job;
    dm_picture_done done;
    void *data;
};

struct job {
    struct dm_pictures *pictures;
    // As the maker knows it.
    int64_t number;
    // Of our directory.
    char *input, *temp;
    GPtrArray *requests; // struct dm_picture_request, owned
    guint patience;      // of a preview, until it is begun

    // A thumbnail.
    int64_t row, generation;
    // A preview; NULL: it is none.
    char *client;
    struct dm_preview_chain chain;
};

struct dm_pictures {
    struct dm_pictures_config config;
    char *dir;
    int dir_fd;
    int64_t files; // given a name so far
    struct dm_thumb_cache *cache;
    GPtrArray *jobs; // struct job
};

// ---- answers

static void answer_one(struct dm_picture_request *request, const struct dm_picture_answer *answer) {
    request->done(request->data, answer);
    g_free(request);
}

/** Answer before there is a request. */
static struct dm_picture_request *answer_now(dm_picture_done done, void *data,
                                             const struct dm_picture_answer *answer) {
    done(data, answer);
    return NULL;
}

static struct dm_picture_request *fail_now(dm_picture_done done, void *data,
                                           enum dm_picture_outcome outcome, const char *message) {
    const struct dm_picture_answer answer = {
        .outcome = outcome, .reason = DM_REASON_BAD_STEP, .message = message};
    return answer_now(done, data, &answer);
}

// ---- jobs

static void remove_file(const struct dm_pictures *pictures, const char *name) {
    if (name != NULL) {
        unlinkat(pictures->dir_fd, name, 0);
    }
}

static struct job *job_new(struct dm_pictures *pictures) {
    struct job *job = g_new0(struct job, 1);
    job->pictures = pictures;
    job->temp = g_strdup_printf("%" PRId64 ".jpg", ++pictures->files);
    job->requests = g_ptr_array_new();
    return job;
}

static void job_free(struct job *job) {
    remove_file(job->pictures, job->input);
    remove_file(job->pictures, job->temp);
    if (job->patience != 0) {
        g_source_remove(job->patience);
    }
    g_ptr_array_unref(job->requests);
    dm_preview_chain_clear(&job->chain);
    g_free(job->input);
    g_free(job->temp);
    g_free(job->client);
    g_free(job);
}

/** Answer all that wait for @job, which is over and in no list any more. */
static void conclude(struct job *job, const struct dm_picture_answer *answer) {
    g_autoptr(GPtrArray) requests = g_ptr_array_ref(job->requests);
    for (guint i = 0; i < requests->len; i++) {
        answer_one(g_ptr_array_index(requests, i), answer);
    }
    job_free(job);
}

static struct dm_picture_request *join(struct job *job, dm_picture_done done, void *data) {
    struct dm_picture_request *request = g_new(struct dm_picture_request, 1);
    *request = (struct dm_picture_request){job, done, data};
    g_ptr_array_add(job->requests, request);
    return request;
}

/** Take a job back that nobody has begun. */
static bool withdraw(struct job *job) {
    const struct dm_picture_maker *maker = &job->pictures->config.maker;
    return maker->withdraw(maker->maker, job->number) &&
           g_ptr_array_remove_fast(job->pictures->jobs, job);
}

// ---- the maker's answer

/** How large the result will be, where only its preview could tell. */
static void measure(struct job *job, const struct dm_result *result,
                    struct dm_picture_answer *answer) {
    const struct dm_preview_chain *chain = &job->chain;
    *answer = (struct dm_picture_answer){.result = chain->result,
                                         .exact = chain->exact,
                                         .scale = chain->scale,
                                         .ratio = chain->ratio,
                                         .bytes = (int64_t)((double)result->bytes * chain->bytes),
                                         .rough = chain->rough};
    bool file = chain->result.width == 0;
    bool of_all = file || chain->scale < 1 || chain->exact;
    if (!chain->exact && of_all) {
        answer->result = (struct dm_extent){(int)round((double)result->width_px / chain->scale),
                                            (int)round((double)result->height_px / chain->scale)};
        answer->exact = file;
    }
}

static GBytes *read_picture(const struct job *job, int64_t bytes) {
    int fd = dm_open_beneath(job->pictures->dir_fd, job->temp, O_RDONLY, 0);
    g_autofree char *data = g_malloc((gsize)MAX(bytes, 1));
    int64_t have = 0;
    for (ssize_t got = 1; fd >= 0 && have < bytes && got > 0; have += MAX(got, 0)) {
        got = read(fd, data + have, (size_t)(bytes - have));
    }
    if (fd >= 0) {
        close(fd);
    }
    return have == bytes && fd >= 0 ? g_bytes_new_take(g_steal_pointer(&data), (gsize)bytes) : NULL;
}

static enum dm_picture_outcome outcome_of(const struct dm_result *result) {
    switch (result->status) {
    case DM_STATUS_DONE:
        return DM_PICTURE_MADE;
    case DM_STATUS_FAILED:
    case DM_STATUS_CHANGED:
        return DM_PICTURE_FAILED;
    case DM_STATUS_BLOCKED:
    case DM_STATUS_COUNT:
        break;
    }
    return DM_PICTURE_TROUBLE;
}

/** A thumbnail is kept; and that there can be none, unless the file has just gone. */
static void keep(struct job *job, const struct dm_result *result, GBytes *jpeg) {
    g_autoptr(GBytes) none = g_bytes_new(NULL, 0);
    if (job->client == NULL && (jpeg != NULL || result->status == DM_STATUS_FAILED)) {
        dm_thumb_cache_put(job->pictures->cache, job->row, job->generation,
                           jpeg != NULL ? jpeg : none);
    }
}

static void on_made(void *data, const struct dm_result *result) {
    struct job *job = data;
    struct dm_picture_answer answer = {0};
    g_ptr_array_remove_fast(job->pictures->jobs, job);
    if (job->client != NULL && result->status == DM_STATUS_DONE) {
        measure(job, result, &answer);
    }
    answer.outcome = outcome_of(result);
    answer.reason = result->reason;
    answer.message = result->message;
    g_autoptr(GBytes) jpeg =
        answer.outcome == DM_PICTURE_MADE ? read_picture(job, result->bytes) : NULL;
    answer.jpeg = jpeg;
    if (answer.outcome == DM_PICTURE_MADE && jpeg == NULL) {
        answer.outcome = DM_PICTURE_TROUBLE;
        answer.message = "the picture that was made cannot be read";
    } else {
        keep(job, result, jpeg);
    }
    conclude(job, &answer);
}

/** Ask the maker for @job. False: it is too busy, and the job is gone. */
static bool begin(struct job *job, struct dm_task *task, bool urgent) {
    struct dm_pictures *pictures = job->pictures;
    const struct dm_pictures_config *config = &pictures->config;
    task->output_root = pictures->dir;
    task->temp = job->temp;
    task->max_bytes = config->max_bytes;
    task->max_pixels = config->max_pixels;
    task->max_pages = config->max_pages;
    task->deadline_ms = config->deadline_ms;
    task->mode = 0600;
    job->number = config->maker.ask(config->maker.maker, task, urgent, on_made, job);
    if (job->number == 0) {
        job_free(job);
        return false;
    }
    g_ptr_array_add(pictures->jobs, job);
    return true;
}

// ---- thumbnails

static struct job *find_thumb(const struct dm_pictures *pictures,
                              const struct dm_picture_row *row) {
    struct job *found = NULL;
    for (guint i = 0; i < pictures->jobs->len && found == NULL; i++) {
        struct job *job = g_ptr_array_index(pictures->jobs, i);
        bool same = job->client == NULL && job->row == row->row;
        found = same && job->generation == row->generation ? job : NULL;
    }
    return found;
}

static struct dm_picture_request *answer_kept(GBytes *kept, dm_picture_done done, void *data) {
    bool made = g_bytes_get_size(kept) > 0;
    const struct dm_picture_answer answer = {
        .outcome = made ? DM_PICTURE_MADE : DM_PICTURE_FAILED,
        .jpeg = made ? kept : NULL,
        .reason = made ? DM_REASON_NONE : DM_REASON_DAMAGED,
        .message = made ? "" : "no small picture could be made of it",
    };
    return answer_now(done, data, &answer);
}

struct dm_picture_request *dm_pictures_thumb(struct dm_pictures *pictures,
                                             const struct dm_picture_row *row, dm_picture_done done,
                                             void *data) {
    GBytes *kept = dm_thumb_cache_get(pictures->cache, row->row, row->generation);
    if (kept != NULL) {
        return answer_kept(kept, done, data);
    }
    struct job *job = find_thumb(pictures, row);
    if (job != NULL) {
        return join(job, done, data);
    }
    job = job_new(pictures);
    job->row = row->row;
    job->generation = row->generation;
    struct dm_task task = {.chain = THUMB_CHAIN, .input_root = row->root, .input = row->path};
    if (row->mark != NULL) {
        task.input_mark = *row->mark;
    }
    return begin(job, &task, false) ? join(job, done, data)
                                    : fail_now(done, data, DM_PICTURE_BUSY, "too many wait");
}

// ---- previews

/** Of a client only the newest preview waits. */
static void supersede(struct dm_pictures *pictures, const char *client) {
    for (guint i = pictures->jobs->len; i-- > 0;) {
        struct job *job = g_ptr_array_index(pictures->jobs, i);
        if (job->client != NULL && strcmp(job->client, client) == 0 && withdraw(job)) {
            conclude(job, &(struct dm_picture_answer){.outcome = DM_PICTURE_SUPERSEDED,
                                                      .message = "another one is wanted"});
            return; // no more than one waits
        }
    }
}

static gboolean on_patience(void *data) {
    struct job *job = data;
    job->patience = 0;
    if (withdraw(job)) {
        conclude(job, &(struct dm_picture_answer){.outcome = DM_PICTURE_BUSY,
                                                  .message = "it waited too long"});
    }
    return G_SOURCE_REMOVE;
}

/** The copy's pixels lie as the camera held them, the original's size is upright. */
static struct dm_extent as_upright(struct dm_extent given, struct dm_extent original) {
    bool lies = given.width >= given.height, lay = original.width >= original.height;
    return lies == lay ? given : (struct dm_extent){given.height, given.width};
}

static bool is_extent(struct dm_extent extent) {
    return extent.width >= 1 && extent.height >= 1 && extent.width <= MOST_SIDE &&
           extent.height <= MOST_SIDE;
}

/** How large what was given is, and whether that goes with the original. Errors: DM_ERROR_INPUT. */
static bool measure_given(const struct dm_picture_preview *preview, struct dm_extent *ret,
                          GError **error) {
    gsize size;
    const uint8_t *data = g_bytes_get_data(preview->bytes, &size);
    if (preview->mode == DM_PREVIEW_FILE) {
        return true;
    }
    if (!dm_picture_size(data, size, ret)) {
        return dm_fail(error, DM_ERROR_INPUT, "the copy is neither JPEG nor PNG");
    }
    if (!is_extent(preview->original)) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "the original: '%dx%d' is no size, expected each side from 1 to %d",
                       preview->original.width, preview->original.height, MOST_SIDE);
    }
    bool whole = preview->mode == DM_PREVIEW_WHOLE;
    *ret = whole ? as_upright(*ret, preview->original) : *ret;
    return true;
}

static bool make_chain(const struct dm_pictures *pictures, const struct dm_picture_preview *preview,
                       const struct dm_chain *chain, struct dm_preview_chain *ret, GError **error) {
    struct dm_preview_view view = {
        .mode = preview->mode, .original = preview->original, .of_jpeg = preview->of_jpeg};
    return measure_given(preview, &view.given, error) &&
           dm_preview_chain_make(pictures->config.catalogue, chain, &view, ret, error);
}

static bool write_input(struct job *job, GBytes *bytes, GError **error) {
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    char *name = g_strdup_printf("%" PRId64 ".in", job->pictures->files);
    int fd = dm_create_new(job->pictures->dir_fd, name, 0600);
    job->input = name;
    bool good = fd >= 0 && dm_write_all(fd, data, size);
    int failed = errno;
    if (fd >= 0) {
        close(fd);
    }
    return good || dm_fail_errno(error, failed, "cannot write into '%s'", job->pictures->dir);
}

static struct dm_picture_request *begin_preview(struct dm_pictures *pictures,
                                                const struct dm_picture_preview *preview,
                                                struct dm_preview_chain *chain,
                                                dm_picture_done done, void *data) {
    g_autoptr(GError) error = NULL;
    struct job *job = job_new(pictures);
    job->client = g_strdup(preview->client);
    job->chain = *chain; // transfer
    *chain = (struct dm_preview_chain){0};
    if (!write_input(job, preview->bytes, &error)) {
        job_free(job);
        return fail_now(done, data, DM_PICTURE_TROUBLE, error->message);
    }
    struct dm_task task = {
        .chain = job->chain.text, .input_root = pictures->dir, .input = job->input};
    if (!begin(job, &task, true)) {
        return fail_now(done, data, DM_PICTURE_BUSY, "too many wait");
    }
    job->patience = g_timeout_add((guint)(pictures->config.patience_us / 1000), on_patience, job);
    return join(job, done, data);
}

struct dm_picture_request *dm_pictures_preview(struct dm_pictures *pictures,
                                               const struct dm_picture_preview *preview,
                                               dm_picture_done done, void *data) {
    g_autoptr(GError) error = NULL;
    g_autofree char *suggestion = NULL;
    struct dm_chain *chain = NULL;
    struct dm_preview_chain own = {0};
    supersede(pictures, preview->client);
    if (!dm_chain_parse(pictures->config.catalogue, pictures->config.recipes, preview->chain,
                        &chain, &suggestion, &error)) {
        const struct dm_picture_answer answer = {.outcome = DM_PICTURE_CHAIN,
                                                 .reason = DM_REASON_BAD_STEP,
                                                 .message = error->message,
                                                 .suggestion = suggestion};
        return answer_now(done, data, &answer);
    }
    bool good = make_chain(pictures, preview, chain, &own, &error);
    dm_chain_free(chain);
    return good ? begin_preview(pictures, preview, &own, done, data)
                : fail_now(done, data, DM_PICTURE_FAILED, error->message);
}

// ---- all of them

void dm_pictures_cancel(struct dm_pictures *pictures, struct dm_picture_request *request) {
    struct job *job = request->job;
    g_assert(job->pictures == pictures);
    g_ptr_array_remove_fast(job->requests, request);
    g_free(request);
    if (job->requests->len == 0 && withdraw(job)) {
        job_free(job);
    }
}

/** Open our directory, empty. */
static bool open_dir(struct dm_pictures *pictures, GError **error) {
    dm_remove_tree(pictures->dir);
    if (g_mkdir_with_parents(pictures->dir, 0700) != 0) {
        return dm_fail_errno(error, errno, "cannot make '%s'", pictures->dir);
    }
    pictures->dir_fd = dm_open_root(pictures->dir, error);
    return pictures->dir_fd >= 0;
}

struct dm_pictures *dm_pictures_new(const struct dm_pictures_config *config, GError **error) {
    struct dm_pictures *pictures = g_new0(struct dm_pictures, 1);
    pictures->config = *config;
    pictures->dir = g_strdup(config->dir);
    pictures->dir_fd = -1;
    pictures->jobs = g_ptr_array_new();
    if (pictures->config.patience_us == 0) {
        pictures->config.patience_us = PATIENCE_US;
    }
    int64_t cache_bytes = config->cache_bytes > 0 ? config->cache_bytes : CACHE_BYTES;
    pictures->cache = dm_thumb_cache_new((size_t)cache_bytes);
    if (!open_dir(pictures, error)) {
        dm_pictures_free(pictures);
        return NULL;
    }
    return pictures;
}

void dm_pictures_free(struct dm_pictures *pictures) {
    if (pictures == NULL) {
        return;
    }
    for (guint i = 0; i < pictures->jobs->len; i++) {
        struct job *job = g_ptr_array_index(pictures->jobs, i);
        pictures->config.maker.withdraw(pictures->config.maker.maker, job->number);
        g_ptr_array_foreach(job->requests, (GFunc)(void (*)(void))g_free, NULL);
        job_free(job);
    }
    g_ptr_array_unref(pictures->jobs);
    dm_thumb_cache_free(pictures->cache);
    if (pictures->dir_fd >= 0) {
        close(pictures->dir_fd);
    }
    g_free(pictures->dir);
    g_free(pictures);
}
