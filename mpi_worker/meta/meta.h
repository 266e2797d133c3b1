// SPDX-License-Identifier: MIT
//
// What a file says about itself: one noun, read from any container and written into any other,
// without a pixel being decoded. Nothing in this room knows libvips.
//
//   meta.c           the noun: blocks, texts, colour, resolution, parts
//   containers.c     the table of containers: who reads, who writes, what each can hold
//     meta_jpeg.c      jpeg_parts.c    what is behind the picture: gain maps, films, trailers
//     meta_png.c       squeeze.c       zlib, digits
//     meta_tiff.c      tiff_embed.c    writing        tiff_big.c      BigTIFF        tiff_tags.c
//     meta_isobmff.c   isobmff.c       boxes and items, of HEIF and AVIF
//     meta_webp.c      meta_gif.c
//   corrections.c    the table of corrections: what becomes untrue, when, and how it is made true
//     patient.c        what its rows work on
//     faces.c geo.c previews.c promises.c      the longer rows
//     place.c          where things have got to
//   exif.c           EXIF edited in place
//   xmp.c            XMP edited in place         xmp_extended.c      joined, and split for JPEG
//                    xmp_encoding.c      into UTF-8
//   photoshop.c      Photoshop's resources
//
// Three principles. What is not understood is passed on byte for byte. What a step made untrue is
// corrected in place, or removed. What a target cannot hold is removed with a remark.
#ifndef DM_MPI_WORKER_META_META_H
#define DM_MPI_WORKER_META_META_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A line of text with a name to it, as PNG has them. */
struct dm_meta_text {
    // "Title", "Author", ...: Latin-1 in a file, UTF-8 here.
    char *keyword;
    // RFC 3066, "" when unknown.
    char *language;
    // UTF-8.
    char *text;
};

/** What the numbers of the pixels mean. All that is zero was not said. */
struct dm_meta_colour {
    // (nullable) An ICC profile.
    GBytes *profile;
    // Code points of ITU-T H.273, of an nclx box or a cICP chunk.
    bool has_codes;
    uint8_t primaries, transfer, matrix;
    bool full_range;
    // PNG's sRGB chunk, and the rendering intent in it.
    bool srgb;
    uint8_t srgb_intent;
    // In 1/100000 each: PNG's gAMA; cHRM's white x y, red x y, green x y, blue x y.
    uint32_t gamma;
    bool has_chroma;
    uint32_t chroma[8];
    // EXIF's tag: 1 sRGB, 2 Adobe RGB, 65535 uncalibrated; Adobe RGB also when its interoperability
    // index says R03.
    int exif_space;
};

/** What a resolution's length is; NONE: its two numbers say only of what shape a pixel is. */
enum dm_meta_unit { DM_META_UNIT_NONE, DM_META_UNIT_INCH, DM_META_UNIT_CM };

/** Pixels for a length, across and down; 0: not said. */
struct dm_meta_resolution {
    double x, y;
    enum dm_meta_unit unit;
};

/** A piece of a container that we do not know, for another container of the same kind. */
struct dm_meta_other {
    // JPEG: the marker; TIFF: the tag; 0 elsewhere.
    unsigned code;
    // PNG, WebP: the chunk's name; GIF: the application's.
    char name[12];
    // PNG: 0 before PLTE, 1 before IDAT, 2 behind.
    int place;
    GBytes *bytes;
};

enum dm_meta_part_kind {
    DM_META_GAIN_MAP, // another JPEG, which tells how much brighter HDR is
    DM_META_FILM,     // of a moving photo
    DM_META_PICTURE,  // another picture of a multi-picture file
    DM_META_TRAILER,  // bytes of unknown meaning behind the end
};

/** What else is in the file besides the picture, and where. */
struct dm_meta_part {
    enum dm_meta_part_kind kind;
    size_t offset, size;
};

/** All of it. */
struct dm_meta {
    // In the table of containers; static.
    const char *container;
    // How the pixels are to be turned to be seen upright, as EXIF has it: 1 to 8.
    int orientation;
    // (nullable) A TIFF structure, without "Exif\0\0" in front.
    GBytes *exif;
    // (nullable) One packet, standard and extended joined.
    GBytes *xmp;
    // (nullable) Photoshop's resources (8BIM ...), joined; IPTC is one of them.
    GBytes *photoshop;
    // Of struct dm_meta_text, owned.
    GPtrArray *texts;
    // Of GBytes, owned: comments without a name, UTF-8 or what the file had.
    GPtrArray *comments;
    struct dm_meta_colour colour;
    struct dm_meta_resolution resolution;
    // Of struct dm_meta_other, owned, in the order of the file.
    GPtrArray *others;
    // Of struct dm_meta_part, owned, in the order of the file.
    GPtrArray *parts;
    // Of char, owned: sentences that the user should be told.
    GPtrArray *remarks;
};

struct dm_meta *dm_meta_new(void);
void dm_meta_free(struct dm_meta *meta);
/** Share what @meta has; the blocks themselves are never changed. */
struct dm_meta *dm_meta_copy(const struct dm_meta *meta);

/** Note a sentence for the user, once; there are 40 at most. */
void dm_meta_remark(struct dm_meta *meta, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Put @bytes (transfer full, nullable) in place of a block. */
void dm_meta_take(GBytes **block, GBytes *bytes);

void dm_meta_add_text(struct dm_meta *meta, const char *keyword, const char *language,
                      const char *text);
/** @bytes: (transfer full). See struct dm_meta_other. */
void dm_meta_add_other(struct dm_meta *meta, unsigned code, const char *name, int place,
                       GBytes *bytes);
void dm_meta_add_part(struct dm_meta *meta, enum dm_meta_part_kind kind, size_t offset,
                      size_t size);

/** Take away all that tells of people, places and cameras; colour and resolution stay. */
void dm_meta_strip(struct dm_meta *meta);

#endif
