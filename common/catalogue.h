// SPDX-License-Identifier: MIT
//
// The catalogue: every operation, parameter and format, as the worker describes them. The worker's
// descriptors are the single source; `dropmill-worker --catalogue` prints them as text, the watcher
// parses that text once at start. Folder names, configuration checks, "did you mean", help, the man
// page and completion are walks over this structure. How a folder name is read: chain.h.
#ifndef DM_COMMON_CATALOGUE_H
#define DM_COMMON_CATALOGUE_H

#include <glib.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_CATALOGUE_VERSION 1

/** How an argument is stored in the operation's parameter struct. */
enum dm_param_type {
    DM_PARAM_INT,    // int; unset: DM_UNSET_INT
    DM_PARAM_NUMBER, // double; unset: NAN
    DM_PARAM_WORD,   // int: index of the word in `forms`; unset: DM_UNSET_INT
    DM_PARAM_SIZE,   // struct dm_size; unset: all zero
    DM_PARAM_COLOUR, // struct dm_colour; unset: all zero, which is transparent
};

#define DM_UNSET_INT INT_MIN

/** A size as written: 1600, 1600x, x900, 1600x900 or 50pct. What was not written is 0. */
struct dm_size {
    // "1600": of a square, or of the longest side.
    int side_px;
    int width_px;
    int height_px;
    double percent;
};

/** A colour in sRGB. Alpha is 255, or 0 for "transparent". */
struct dm_colour {
    uint8_t red, green, blue, alpha;
};

/** One parameter of an operation: a row of a static table in its op_<name>.c. */
struct dm_param {
    // "sigma".
    const char *name;
    enum dm_param_type type;
    // The spellings accepted, blank-separated; the first that fits an argument wins:
    //   N       a number                     kN qN   a letter, then a number
    //   Npct    a number, then "pct"         W Wx xH WxH   sizes
    //   RRGGBB  six hexadecimal digits       NAME        the name of a colour (colour.h)
    //   any other word stands for itself: "left" "otsu" (types WORD and COLOUR)
    // Those of a WORD may come from the configuration, and may then be none at all.
    const char *forms;
    double min, max; // of the number, or of each side of a size (percent: 1 to 1000); inclusive
    // Goes through the same parser; NULL: unset unless given.
    const char *default_text;
    // Must be given (no default).
    bool required;
    // INT: even numbers are refused.
    bool odd;
    // "px", "degrees", "%" or "".
    const char *unit;
    // Half a sentence.
    const char *doc;
    // (nullable) What its numbers do, for people whose number is refused: "turns by". Without it
    // "takes".
    const char *says;
    // Into the operation's parameter struct (worker only).
    size_t offset;
};

enum dm_operation_flags {
    DM_OP_POINT = 1 << 0,         // each sample by itself, the same table for every colour band
    DM_OP_KEEPS_SIZE = 1 << 1,    // width and height out = in
    DM_OP_RANDOM_ACCESS = 1 << 2, // reads pixels in another order than top to bottom
    DM_OP_GEOMETRY = 1 << 3,      // EXIF orientation is applied before it
    DM_OP_OUTPUT = 1 << 4,        // chooses the output format; the last one in a chain decides
    DM_OP_RESAMPLES = 1 << 5,     // the decoder may take away a part of what it takes away
    DM_OP_SHRINKS = 1 << 6,       // a size is the most that comes out: smaller pictures stay

    // What comes out, without KEEPS_SIZE, is (none of these: nobody knows before; see extent.h)
    DM_OP_SCALES = 1 << 7, // by its size, the aspect stays
    DM_OP_BOXES = 1 << 8,  // exactly its size; without one, the largest square
    DM_OP_PADS = 1 << 9,   // larger by its margin, or its canvas
    DM_OP_TURNS = 1 << 10, // as large as its angle takes

    DM_OP_CUTS = 1 << 11,   // a part of the picture goes
    DM_OP_PLACED = 1 << 12, // what becomes of a pixel depends on where in the picture it lies
    DM_OP_FINE = 1 << 13,   // what it does is seen at single pixels, however small they are
};

/** One operation, as both programs know it. */
struct dm_operation {
    // One lower-case word that never starts with a digit.
    const char *name;
    const char
        *aliases; // blank-separated; "-" inside an alias stands for a blank: "color-inversion"
    // (nullable) Those aliases that are canonical where they are written: the name of a folder that
    // was made when they were operations of their own.
    const char *kept_aliases;
    // One line without a full stop.
    const char *summary;
    // enum dm_operation_flags.
    unsigned flags;
    const struct dm_param *params;
    size_t param_count;
    // The heading that lists show it under: "tone" "colour" "detail" "geometry" "output";
    // operations of one group follow each other.
    const char *group;
    // A folder name that shows it at work: "blur-2.5".
    const char *example;
};

/** A file format. */
struct dm_format {
    // "jpeg".
    const char *name;
    const char
        *extensions; // blank-separated, the first is the one that results get: "jpg jpeg jpe"
    // "image/jpeg".
    const char *mime;
    bool reads, writes;
};

struct dm_catalogue;

/** Make an empty catalogue. */
struct dm_catalogue *dm_catalogue_new(void);
void dm_catalogue_free(struct dm_catalogue *catalogue);

/**
 * Append a sentence about something configured that does not work: a watermark that cannot be read.
 * It says no more of the catalogue.
 */
void dm_catalogue_add_trouble(struct dm_catalogue *catalogue, const char *sentence);

/** All troubles, one a line; NULL when there is none; (transfer full). */
char *dm_catalogue_troubles(const struct dm_catalogue *catalogue);

/** What holds the worker's decoders, for people: "Landlock and seccomp"; "" if that was not said.
 */
void dm_catalogue_set_jail(struct dm_catalogue *catalogue, const char *words);
const char *dm_catalogue_jail(const struct dm_catalogue *catalogue);

/** What the worker is built upon, "8.14.1" and "Open MPI 4.1.4"; both "" if that was not said. */
void dm_catalogue_set_libraries(struct dm_catalogue *catalogue, const char *vips, const char *mpi);
const char *dm_catalogue_vips(const struct dm_catalogue *catalogue);
const char *dm_catalogue_mpi(const struct dm_catalogue *catalogue);

/** Append an operation or format. (borrowed: must outlive the catalogue). */
void dm_catalogue_add_operation(struct dm_catalogue *catalogue,
                                const struct dm_operation *operation);
void dm_catalogue_add_format(struct dm_catalogue *catalogue, const struct dm_format *format);

/** Write the catalogue as its versioned tab-separated text; (transfer full). */
char *dm_catalogue_print(const struct dm_catalogue *catalogue);

/**
 * Read what dm_catalogue_print() wrote. Strings are owned by the new catalogue.
 * Errors: DM_ERROR_REMOTE with the line number, for another version or a malformed line.
 */
struct dm_catalogue *dm_catalogue_parse(const char *text, GError **error);

/** Walk: the number of operations and the one at @index; the same for formats. */
size_t dm_catalogue_operation_count(const struct dm_catalogue *catalogue);
const struct dm_operation *dm_catalogue_operation(const struct dm_catalogue *catalogue,
                                                  size_t index);
size_t dm_catalogue_format_count(const struct dm_catalogue *catalogue);
const struct dm_format *dm_catalogue_format(const struct dm_catalogue *catalogue, size_t index);

/** Say whether the operation at @index is the first of its group. */
bool dm_catalogue_begins_group(const struct dm_catalogue *catalogue, size_t index);

/** Find an operation by name or alias, a format by name; NULL when there is none. */
const struct dm_operation *dm_catalogue_find(const struct dm_catalogue *catalogue,
                                             const char *word);
const struct dm_format *dm_catalogue_find_format(const struct dm_catalogue *catalogue,
                                                 const char *name);

/** The extension that results of @format get, without the dot; (transfer full). */
char *dm_format_extension(const struct dm_format *format);

/** Say whether @extension (no dot, any case) is one of @format's. */
bool dm_format_has_extension(const struct dm_format *format, const char *extension);

#endif
