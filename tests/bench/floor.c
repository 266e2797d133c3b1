// SPDX-License-Identifier: MIT
//
// The floor under every operation on a JPEG: libjpeg-turbo decodes it into RGB rows and encodes
// these rows again, at quality 85 and with the source's chroma sampling. No pixel is touched, and
// reading and writing the file does not count: nothing that makes a JPEG out of a JPEG's pixels
// with this library can take less.
//
//   floor THREADS OPERATION OUTDIR FILE...    prints what file_pool.h says
#include "tests/bench/file_pool.h"

#include <glib.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h> // wants stdio.h before it

enum { QUALITY = 85 };

/** A decoder and an encoder, which share what happens when libjpeg gives up. */
struct codec {
    struct jpeg_decompress_struct in;
    struct jpeg_compress_struct out;
    struct jpeg_error_mgr errors;
    jmp_buf give_up;
    JSAMPROW row;
};

static void give_up(j_common_ptr info) {
    struct codec *codec = info->client_data;
    (*info->err->output_message)(info);
    longjmp(codec->give_up, 1);
}

static void start(struct codec *codec, const unsigned char *bytes, size_t size,
                  unsigned char **result, unsigned long *result_size) {
    jpeg_mem_src(&codec->in, bytes, size);
    jpeg_read_header(&codec->in, TRUE);
    jpeg_start_decompress(&codec->in);
    jpeg_mem_dest(&codec->out, result, result_size);
    codec->out.image_width = codec->in.output_width;
    codec->out.image_height = codec->in.output_height;
    codec->out.input_components = codec->in.output_components;
    codec->out.in_color_space = codec->in.out_color_space;
    jpeg_set_defaults(&codec->out);
    jpeg_set_quality(&codec->out, QUALITY, TRUE);
    for (int i = 0; i < codec->in.num_components; i++) {
        codec->out.comp_info[i].h_samp_factor = codec->in.comp_info[i].h_samp_factor;
        codec->out.comp_info[i].v_samp_factor = codec->in.comp_info[i].v_samp_factor;
    }
    jpeg_start_compress(&codec->out, TRUE);
    codec->row = g_malloc((size_t)codec->in.output_width * (size_t)codec->in.output_components);
}

static bool recode(struct codec *codec, const void *bytes, size_t size, unsigned char **result,
                   unsigned long *result_size) {
    if (setjmp(codec->give_up) != 0) {
        return false;
    }
    start(codec, bytes, size, result, result_size);
    while (codec->in.output_scanline < codec->in.output_height) {
        jpeg_read_scanlines(&codec->in, &codec->row, 1);
        jpeg_write_scanlines(&codec->out, &codec->row, 1);
    }
    jpeg_finish_compress(&codec->out);
    jpeg_finish_decompress(&codec->in);
    return true;
}

/** @ret_result starts as a buffer of @ret_size bytes, large enough for libjpeg not to grow it. */
static bool decode_and_encode(const void *bytes, size_t size, unsigned char **result,
                              unsigned long *result_size) {
    struct codec codec = {.row = NULL};
    codec.in.err = codec.out.err = jpeg_std_error(&codec.errors);
    codec.errors.error_exit = give_up;
    codec.in.client_data = codec.out.client_data = &codec;
    jpeg_create_decompress(&codec.in);
    jpeg_create_compress(&codec.out);
    bool good = recode(&codec, bytes, size, result, result_size);
    jpeg_destroy_compress(&codec.out);
    jpeg_destroy_decompress(&codec.in);
    g_free(codec.row);
    return good;
}

static bool one(struct file_job *job) {
    double begin_s = file_pool_thread_cpu_s();
    g_autofree char *bytes = NULL;
    size_t size = 0;
    if (!g_file_get_contents(job->in, &bytes, &size, NULL)) {
        fprintf(stderr, "floor: %s cannot be read\n", job->in);
        return false;
    }
    unsigned long result_size = 2 * size + 4096;
    unsigned char *const room = g_malloc(result_size), *result = room;
    double read_s = file_pool_thread_cpu_s();
    bool good = decode_and_encode(bytes, size, &result, &result_size);
    double encoded_s = file_pool_thread_cpu_s();
    good = good && file_pool_write(job->out, result, result_size);
    if (result != room) {
        free(result); // libjpeg's own, after all
    }
    g_free(room);
    job->uncounted_s = file_pool_thread_cpu_s() - encoded_s + read_s - begin_s;
    return good;
}

static bool begin(const char *operation) {
    return !g_str_has_prefix(operation, "resize"); // whose encoder has less to do
}

int main(int argc, char **argv) {
    static const struct file_work work = {.operations = "OPERATION", .begin = begin, .one = one};
    return file_pool_main(argc, argv, &work);
}
