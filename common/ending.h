// SPDX-License-Identifier: MIT
//
// Ending: is the end that a format promises there? By structure, never by the last bytes alone
// where more can be had cheaply. The worker asks of the whole file in memory, and gets an exact
// answer. The watcher asks of a descriptor with a bound on what is read; what its answer proves
// then:
//
//   JPEG   the segments up to the first scan are there, and behind it there is an EOI: among the
//          bytes that may be read from there on, or in the last 64 KB. Entropy-coded bytes cannot
//          hold one by chance. Or a phone's own data end the file, in front of which some leave it
//          out. (Where anything else stands in its place, the decoder finds out whether all rows
//          are there: to the watcher the end is missing, which waits longer, and then asks it.)
//   PNG    the last chunk is IEND, or the walk over the chunks has come to it.
//   GIF    the walk over all blocks has come to the trailer; of a file too large for that: the last
//          two bytes are the end of a block and the trailer.
//   RIFF   (WebP) the length in the header lies within the file.
//   TIFF   the strips or tiles of its directories lie within the file: of the first page (which is
//          what a decoder asks for; reduced copies and masks are none), or of all directories.
//   ISO    (HEIF, AVIF) the boxes fill the file.
//
// Damage that is not a missing end is the decoder's to find.
#ifndef DM_COMMON_ENDING_H
#define DM_COMMON_ENDING_H

#include "common/source.h"

enum dm_ending {
    DM_ENDING_UNKNOWN, // not a format that is known here, or one that does not say
    DM_ENDING_THERE,
    DM_ENDING_MISSING,
};

/** What a file says of its end. */
struct dm_ending_look {
    enum dm_ending ending;
    // It is whole as it is, and may have more: scanners add pages to a TIFF.
    bool grows;
};

/** Look at a file of any format; one that is too short to tell what it is has no end. Threads: any.
 */
struct dm_ending_look dm_ending_look(struct dm_source *source);

/** The same for one of a known format. */
enum dm_ending dm_ending_jpeg(struct dm_source *source);
enum dm_ending dm_ending_png(struct dm_source *source);
enum dm_ending dm_ending_gif(struct dm_source *source);
enum dm_ending dm_ending_riff(struct dm_source *source);
enum dm_ending dm_ending_tiff(struct dm_source *source);
enum dm_ending dm_ending_tiff_pages(struct dm_source *source);
enum dm_ending dm_ending_boxes(struct dm_source *source);

#endif
