// SPDX-License-Identifier: MIT
//
// What the tests of operations share: parameters read by the real parser.
#ifndef DM_TESTS_OP_CASE_H
#define DM_TESTS_OP_CASE_H

#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/watermarks.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** `logo`, a coloured and half transparent ellipse, and `gray`, a ramp without alpha. */
static inline void save_watermarks(const char *logo, const char *gray) {
    uint8_t coloured[30 * 20 * 4], ramp[16 * 8];
    for (int i = 0; i < 30 * 20; i++) {
        int x = i % 30, y = i / 30;
        bool inside = (x - 15) * (x - 15) * 4 + (y - 10) * (y - 10) * 9 < 800;
        const uint8_t pixel[4] = {(uint8_t)(x * 8), 40, (uint8_t)(y * 12), inside ? 200 : 0};
        memcpy(coloured + i * 4, pixel, 4);
    }
    for (int i = 0; i < 16 * 8; i++) {
        ramp[i] = (uint8_t)(i * 2);
    }
    VipsImage *images[] = {
        vips_image_new_from_memory(coloured, sizeof(coloured), 30, 20, 4, VIPS_FORMAT_UCHAR),
        vips_image_new_from_memory(ramp, sizeof(ramp), 16, 8, 1, VIPS_FORMAT_UCHAR)};
    images[0]->Type = VIPS_INTERPRETATION_sRGB;
    images[1]->Type = VIPS_INTERPRETATION_B_W;
    g_assert_cmpint(vips_image_write_to_file(images[0], logo, NULL), ==, 0);
    g_assert_cmpint(vips_image_write_to_file(images[1], gray, NULL), ==, 0);
    g_object_unref(images[0]);
    g_object_unref(images[1]);
}

/**
 * Watermarks as a configuration would have them. They are saved by a child, so that libvips starts
 * no threads in this process.
 */
static inline void load_watermarks(void) {
    g_autofree char *dir = g_dir_make_tmp("dropmill-logos-XXXXXX", NULL);
    g_autofree char *logo = g_build_filename(dir, "logo.png", NULL);
    g_autofree char *gray = g_build_filename(dir, "gray.png", NULL);
    g_autofree char *logo_spec = g_strconcat("logo=", logo, NULL);
    g_autofree char *gray_spec = g_strconcat("gray=", gray, NULL);
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        save_watermarks(logo, gray);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    dm_watermarks_load((const char *const[]){logo_spec, gray_spec, NULL});
    g_assert_null(dm_watermarks_trouble(0));
    g_unlink(logo);
    g_unlink(gray);
    g_rmdir(dir);
}

static inline struct dm_chain *parse(const struct dm_catalogue *catalogue, const char *text,
                                     GError **error) {
    struct dm_chain *chain = NULL;
    dm_chain_parse(catalogue, NULL, text, &chain, NULL, error);
    return chain;
}

/** Parse one step and fill in its parameters; (transfer full), NULL on error. */
static inline void *params_of(const struct dm_catalogue *catalogue, const char *text,
                              GError **error) {
    struct dm_chain *chain = parse(catalogue, text, error);
    if (chain == NULL) {
        return NULL;
    }
    g_test_message("%s: %s", text, chain->written);
    g_assert_cmpuint(chain->step_count, ==, 1);
    const struct dm_op *op = dm_op_find(chain->steps[0].operation->name);
    g_assert_nonnull(op);
    void *params = g_malloc0(op->params_size + 1);
    if (!dm_op_fill_params(op, &chain->steps[0], params, error))
        g_clear_pointer(&params, g_free);
    dm_chain_free(chain);
    return params;
}

#endif
