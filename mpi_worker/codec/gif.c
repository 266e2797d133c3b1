// SPDX-License-Identifier: MIT
//
// Reading GIF (the GIF89a specification; Netscape's extension for the rounds). As browsers do: the
// canvas is transparent at first, a frame that is to be replaced by "the background" leaves
// transparency, and the canvas grows with frames that do not fit.
#include "common/bytes.h"
#include "mpi_worker/codec/frames.h"

#include <string.h>

enum { EXTENSION = 0x21, PICTURE = 0x2C, END = 0x3B, CONTROL = 0xF9, APPLICATION = 0xFF };
enum { TABLE_FLAG = 0x80, INTERLACE_FLAG = 0x40, TRANSPARENT_FLAG = 1 };
enum { HEADER_BYTES = 13, PICTURE_BYTES = 10, CENTISECOND_MS = 10 };
enum { MAX_CODE_BITS = 12, MAX_CODES = 1 << MAX_CODE_BITS, NO_CODE = -1 };

struct file {
    const uint8_t *data;
    size_t size;
};

/** What stands before a picture and is about it. */
struct control {
    bool transparent;
    int index; // which colour is
    int delay_ms;
    enum dm_dispose dispose;
};

static size_t table_bytes(uint8_t flags) {
    return flags & TABLE_FLAG ? (size_t)3 << ((flags & 7) + 1) : 0;
}

static size_t skip_blocks(const struct file *file, size_t at) {
    while (at < file->size && file->data[at] != 0) {
        at += 1 + (size_t)file->data[at];
    }
    return at < file->size ? at + 1 : file->size;
}

/** A graphic control extension, which begins at @at. */
static struct control read_control(const struct file *file, size_t at) {
    static const enum dm_dispose disposals[8] = {
        [2] = DM_DISPOSE_CLEAR, [3] = DM_DISPOSE_RESTORE, [4] = DM_DISPOSE_RESTORE};
    if (file->size - at < 8 || file->data[at + 2] < 4) {
        return (struct control){0};
    }
    const uint8_t *p = file->data + at + 3;
    return (struct control){.transparent = p[0] & TRANSPARENT_FLAG,
                            .index = p[3],
                            .delay_ms = (int)dm_le16(p + 1) * CENTISECOND_MS,
                            .dispose = disposals[p[0] >> 2 & 7]};
}

// ---- a picture's codes: LZW, appendix F

struct lzw {
    const struct file *file;
    size_t at, left; // in the block at hand
    uint32_t bits;
    int bit_count;
    int16_t before[MAX_CODES];
    uint8_t last[MAX_CODES], first[MAX_CODES];
};

static int next_byte(struct lzw *lzw) {
    if (lzw->left == 0) {
        if (lzw->at >= lzw->file->size || lzw->file->data[lzw->at] == 0) {
            return -1;
        }
        lzw->left = lzw->file->data[lzw->at++];
    }
    if (lzw->at >= lzw->file->size) {
        return -1;
    }
    lzw->left--;
    return lzw->file->data[lzw->at++];
}

static int next_code(struct lzw *lzw, int code_bits) {
    while (lzw->bit_count < code_bits) {
        int byte = next_byte(lzw);
        if (byte < 0) {
            return NO_CODE;
        }
        lzw->bits |= (uint32_t)byte << lzw->bit_count;
        lzw->bit_count += 8;
    }
    int code = (int)(lzw->bits & ((1U << code_bits) - 1));
    lzw->bits >>= code_bits;
    lzw->bit_count -= code_bits;
    return code;
}

/** Write what @code stands for from the end to the front. Returns its length. */
static size_t spell(const struct lzw *lzw, int code, uint8_t *out, size_t room) {
    size_t length = 1;
    for (int c = code; lzw->before[c] != NO_CODE; c = lzw->before[c]) {
        length++;
    }
    size_t at = length;
    for (int c = code; c != NO_CODE; c = lzw->before[c]) {
        at--;
        if (at < room) {
            out[at] = lzw->last[c];
        }
    }
    return length;
}

static void learn(struct lzw *lzw, int code, int before, uint8_t last) {
    lzw->before[code] = (int16_t)before;
    lzw->last[code] = last;
    lzw->first[code] = before == NO_CODE ? last : lzw->first[before];
}

/** Decode @count indices. False: there are fewer, or the codes are no codes. */
static bool decode_lzw(struct lzw *lzw, int minimum, uint8_t *out, size_t count) {
    int clear = 1 << minimum, used = clear + 2, bits = minimum + 1, before = NO_CODE;
    size_t done = 0;
    for (int code = 0; code < clear; code++) {
        learn(lzw, code, NO_CODE, (uint8_t)code);
    }
    while (done < count) {
        int code = next_code(lzw, bits);
        if (code == NO_CODE || code == clear + 1) {
            return false;
        }
        if (code == clear) {
            used = clear + 2;
            bits = minimum + 1;
            before = NO_CODE;
            continue;
        }
        if (code > used || (code == used && before == NO_CODE) ||
            (before == NO_CODE && code > clear)) {
            return false;
        }
        if (before != NO_CODE && used < MAX_CODES) {
            learn(lzw, used, before, lzw->first[code == used ? before : code]);
            used++;
            bits += used == 1 << bits && bits < MAX_CODE_BITS;
        } else if (code >= used) {
            return false;
        }
        done += spell(lzw, code, out + done, count - done);
        before = code;
    }
    return true;
}

// ---- a frame

/** The row of the picture that row @index of its codes is. */
static int interlaced_row(int index, int height) {
    static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    for (size_t pass = 0; pass < G_N_ELEMENTS(starts); pass++) {
        int rows = (height - starts[pass] + steps[pass] - 1) / steps[pass];
        if (index < rows) {
            return starts[pass] + index * steps[pass];
        }
        index -= MAX(rows, 0);
    }
    return index;
}

/** The colours of the picture at @at: its own, or those of all. Returns where its codes begin. */
static size_t read_table(const struct file *file, size_t at, uint8_t table[static 256 * 4]) {
    uint8_t flags = file->data[at + 9];
    bool own = flags & TABLE_FLAG;
    size_t from = own ? at + PICTURE_BYTES : HEADER_BYTES;
    size_t bytes = table_bytes(own ? flags : file->data[10]);
    for (size_t i = 0; i < 256; i++) {
        bool known = 3 * i + 3 <= bytes && from + 3 * i + 3 <= file->size;
        const uint8_t *colour = known ? file->data + from + 3 * i : (const uint8_t *)"\0\0";
        memcpy(table + 4 * i, colour, 3);
        table[4 * i + 3] = 255;
    }
    return at + PICTURE_BYTES + (own ? bytes : 0);
}

static void colour_rows(const struct dm_frame *frame, const uint8_t *indices, bool interlaced,
                        const uint8_t *table, uint8_t *rgba) {
    size_t width = (size_t)frame->width;
    for (int y = 0; y < frame->height; y++) {
        int row = interlaced ? interlaced_row(y, frame->height) : y;
        const uint8_t *from = indices + (size_t)y * width;
        uint8_t *to = rgba + (size_t)row * width * 4;
        for (size_t x = 0; x < width; x++) {
            memcpy(to + 4 * x, table + (size_t)4 * from[x], 4);
        }
    }
}

static bool decode_frame(const struct dm_frames *frames, const struct dm_frame *frame,
                         uint8_t *ret_rgba) {
    const struct file file = {frames->bytes->data, frames->bytes->size};
    size_t count = (size_t)frame->width * (size_t)frame->height;
    uint8_t table[256 * 4];
    size_t at = read_table(&file, frame->at, table);
    if (count == 0) {
        return true;
    }
    if (at >= file.size || file.data[at] < 1 || file.data[at] > 8) {
        return false;
    }
    if (frame->transparent >= 0) {
        memset(table + (size_t)4 * (size_t)frame->transparent, 0, 4);
    }
    struct lzw *lzw = g_new(struct lzw, 1);
    g_autofree uint8_t *indices = g_malloc0(count);
    *lzw = (struct lzw){.file = &file, .at = at + 1};
    bool good = decode_lzw(lzw, file.data[at], indices, count);
    g_free(lzw);
    colour_rows(frame, indices, file.data[frame->at + 9] & INTERLACE_FLAG, table, ret_rgba);
    return good;
}

// ---- the file

static bool table_is_gray(const struct file *file, size_t at, size_t bytes) {
    for (size_t i = 0; i + 3 <= bytes && at + i + 3 <= file->size; i += 3) {
        const uint8_t *colour = file->data + at + i;
        if (colour[0] != colour[1] || colour[1] != colour[2]) {
            return false;
        }
    }
    return true;
}

/** The picture at @at becomes a frame, and the canvas as large as it needs. */
static void add_frame(struct dm_frames *frames, const struct file *file, size_t at,
                      const struct control *control) {
    const uint8_t *p = file->data + at;
    struct dm_frame frame = {.left = (int)dm_le16(p + 1),
                             .top = (int)dm_le16(p + 3),
                             .width = (int)dm_le16(p + 5),
                             .height = (int)dm_le16(p + 7),
                             .delay_ms = control->delay_ms,
                             .dispose = control->dispose,
                             .over = true,
                             .at = at,
                             .transparent = control->transparent ? control->index : -1};
    bool own = p[9] & TABLE_FLAG;
    frames->gray = frames->gray && table_is_gray(file, own ? at + PICTURE_BYTES : HEADER_BYTES,
                                                 table_bytes(own ? p[9] : file->data[10]));
    frames->width = MAX(frames->width, frame.left + frame.width);
    frames->height = MAX(frames->height, frame.top + frame.height);
    g_array_append_val(frames->list, frame);
}

/** Netscape's, at @at: 11 bytes of name, then a block 1, count. */
static void read_loops(struct dm_frames *frames, const struct file *file, size_t at) {
    static const char names[2][12] = {"NETSCAPE2.0", "ANIMEXTS1.0"};
    if (file->size - at < 19 || file->data[at + 2] != 11 || file->data[at + 14] != 3 ||
        file->data[at + 15] != 1) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (memcmp(file->data + at + 3, names[i], 11) == 0) {
            uint32_t again = dm_le16(file->data + at + 16);
            frames->loops = again == 0 ? 0 : (int)again + 1;
        }
    }
}

static void read_file(struct dm_frames *frames, const struct file *file) {
    struct control control = {0};
    size_t at = HEADER_BYTES + table_bytes(file->data[10]);
    while (at + 1 < file->size && file->data[at] != END) {
        if (file->data[at] == EXTENSION) {
            if (file->data[at + 1] == CONTROL) {
                control = read_control(file, at);
            } else if (file->data[at + 1] == APPLICATION) {
                read_loops(frames, file, at);
            }
            at = skip_blocks(file, at + 2);
        } else if (file->data[at] == PICTURE && file->size - at > PICTURE_BYTES) {
            add_frame(frames, file, at, &control);
            control = (struct control){0};
            at = skip_blocks(file, at + PICTURE_BYTES + 1 + table_bytes(file->data[at + 9]));
        } else {
            return;
        }
    }
}

/** Whether some pixel of some frame may be seen through. */
static bool may_be_transparent(const struct dm_frames *frames) {
    for (guint i = 0; i < frames->list->len; i++) {
        const struct dm_frame *frame = &g_array_index(frames->list, struct dm_frame, i);
        bool covers = frame->width == frames->width && frame->height == frames->height;
        bool clears = i > 0 && frame[-1].dispose == DM_DISPOSE_CLEAR;
        if (frame->transparent >= 0 || (!covers && (i == 0 || clears))) {
            return true;
        }
    }
    return false;
}

VipsImage *dm_open_gif(const struct dm_bytes *bytes, const struct dm_decode *how) {
    const struct file file = {bytes->data, bytes->size};
    struct dm_frames *frames = g_new0(struct dm_frames, 1);
    frames->list = g_array_new(FALSE, FALSE, sizeof(struct dm_frame));
    frames->bytes = bytes;
    frames->decode = decode_frame;
    frames->loops = 1;
    frames->gray = true;
    if (bytes->size > HEADER_BYTES) {
        frames->width = (int)dm_le16(bytes->data + 6);
        frames->height = (int)dm_le16(bytes->data + 8);
        read_file(frames, &file);
    }
    if (frames->list->len == 0 || frames->width == 0 || frames->height == 0) {
        vips_error("gif", "there is no picture in it");
        dm_frames_free(frames);
        return NULL;
    }
    frames->alpha = may_be_transparent(frames);
    return dm_frames_open(frames, NULL, how->all_pages);
}
