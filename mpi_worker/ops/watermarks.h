// SPDX-License-Identifier: MIT
//
// The pictures that `watermark` lays on others. They are read once, by the process that sandboxes
// are made of (they open no files), and never change after that; so any thread may look.
#ifndef DM_MPI_WORKER_OPS_WATERMARKS_H
#define DM_MPI_WORKER_OPS_WATERMARKS_H

#include <vips/vips.h>

/** The names, blank-separated: the forms of `watermark`'s first parameter. */
extern char dm_watermark_forms[];

/** One of them. */
struct dm_watermark {
    char *name;
    // In memory, sRGB or gray of 8 bits with alpha; NULL: it could not be read.
    VipsImage *image;
    // Why it could not be, as a sentence.
    char *trouble;
};

/**
 * Read them all, @specs being NULL-terminated "NAME=PATH" (nullable: none). One that cannot be read
 * keeps its name, so that its folder is understood and its tasks say why they fail; one whose name
 * is no word for a folder name is left out. Again: forgets the ones before. Threads: main, while
 * there is no other.
 */
void dm_watermarks_load(const char *const *specs);
void dm_watermarks_clear(void);

/** The one at @index in the order of the names, which is that of the specs. */
const struct dm_watermark *dm_watermark_at(int index);

/** What went wrong with number @index, as a sentence that names it; NULL past the end. */
const char *dm_watermarks_trouble(guint index);

#endif
