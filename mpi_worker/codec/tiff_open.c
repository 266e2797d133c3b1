// SPDX-License-Identifier: MIT
//
// Opening one page of a TIFF. Which directory it is, and whether libvips or tiff_samples.c reads
// it, is decided here.
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/tiff_file.h"
#include "mpi_worker/codec/tiff_samples.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"

/** What is found out before any loader. */
struct page {
    struct dm_tiff_kind kind;
    uint32_t directory;
    int pages;
};

static void remark_copies(const struct dm_decode *how, int copies) {
    if (copies > 0 && how->remarks != NULL) {
        dm_remark(how->remarks, "the reduced copies in the tiff left out");
    }
}

/** Find the page. False: libtiff refused, or there is no such page. */
static bool find_page(TIFF *tiff, const struct dm_decode *how, struct page *ret) {
    int copies = 0;
    g_autoptr(GArray) pages = dm_tiff_pages(tiff, &copies);
    ret->pages = (int)pages->len;
    if (how->page < 0 || how->page >= ret->pages) {
        vips_error("tiff", "it has no page %d", how->page + 1);
        return false;
    }
    ret->directory = g_array_index(pages, uint32_t, how->page);
    remark_copies(how, copies);
    return TIFFSetDirectory(tiff, (tdir_t)ret->directory) && dm_tiff_kind(tiff, &ret->kind);
}

// ---- the picture

/** Libvips takes what follows the colours for alpha, which only the file can say that it is. */
static void describe(VipsImage *image, const struct page *page) {
    const struct dm_tiff_kind *kind = &page->kind;
    bool usual = kind->samples == kind->colours + (kind->alpha >= 0);
    vips_image_set_int(image, VIPS_META_N_PAGES, page->pages);
    if (!usual && !dm_tiff_is_ycc(kind) && kind->photometric != PHOTOMETRIC_PALETTE) {
        vips_image_set_int(image, DM_COLOUR_BANDS_FIELD, kind->colours);
        vips_image_set_int(image, DM_ALPHA_BAND_FIELD, MAX(kind->alpha, 0));
    }
    if (kind->photometric == PHOTOMETRIC_PALETTE) {
        vips_image_set_int(image, DM_PALETTE_FIELD, 1);
    }
    if (kind->bits < 8) {
        vips_image_set_int(image, DM_BITS_FIELD, kind->bits);
    }
}

static VipsImage *load(const struct dm_bytes *bytes, const struct dm_decode *how,
                       const struct page *page) {
    const struct dm_tiff_kind *kind = &page->kind;
    bool odd_order = kind->associated && kind->alpha != kind->samples - 1;
    VipsImage *image = NULL;
    if (how->all_pages) {
        return dm_open_by_loader("tiffload_buffer", bytes, "n", -1);
    }
    if (dm_tiff_is_plain(kind) && !odd_order) {
        image = dm_open_by_loader("tiffload_buffer", bytes, "page", (int)page->directory);
    } else {
        image = dm_tiff_samples(bytes, page->directory, how->remarks);
    }
    if (image != NULL) {
        describe(image, page);
    }
    return image;
}

static VipsImage *open_page(TIFF *tiff, const struct dm_bytes *bytes, const struct dm_decode *how) {
    struct page page;
    if (!find_page(tiff, how, &page)) {
        return NULL;
    }
    g_autofree char *unsupported = dm_tiff_unsupported(&page.kind);
    if (unsupported == NULL) {
        return load(bytes, how, &page);
    }
    vips_error("tiff", "%s", unsupported);
    if (how->ret_unsupported != NULL) {
        g_free(*how->ret_unsupported);
        *how->ret_unsupported = g_steal_pointer(&unsupported);
    }
    return NULL;
}

VipsImage *dm_open_tiff(const struct dm_bytes *bytes, const struct dm_decode *how) {
    struct dm_tiff_source source;
    TIFF *tiff = dm_tiff_file_open(&source, bytes);
    if (tiff == NULL) {
        return NULL;
    }
    VipsImage *image = open_page(tiff, bytes, how);
    TIFFClose(tiff);
    return image;
}
