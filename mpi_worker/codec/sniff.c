// SPDX-License-Identifier: MIT
//
// Magic bytes. `readable` is the allow-list: nothing else ever reaches a decoder. `strangers` gives
// the rest of the world a name for the note that a person will read. To add one: a row. Longer or
// more telling magic stands first.
#include "mpi_worker/codec/sniff.h"

#include <string.h>

struct magic {
    size_t offset;
    const char *bytes;
    size_t length;
    const char *what; // format name, or "a PDF document"
};

#define AT(offset, bytes, what)                                                                    \
    { (offset), (bytes), sizeof(bytes) - 1, (what) }

static const struct magic readable[] = {
    AT(0, "\xFF\xD8\xFF", "jpeg"), AT(0, "\x89PNG\r\n\x1A\n", "png"),
    AT(8, "WEBP", "webp"),         AT(0, "GIF87a", "gif"),
    AT(0, "GIF89a", "gif"),        AT(0, "II*\0", "tiff"),
    AT(0, "MM\0*", "tiff"),        AT(0, "II+\0", "tiff"),
    AT(0, "MM\0+", "tiff"),
};

// Brands of ISO media files: bytes 8 to 11, and the list of compatible ones behind.
static const struct magic brands[] = {
    AT(0, "avif", "avif"), AT(0, "avis", "avif"), AT(0, "heic", "heif"), AT(0, "heix", "heif"),
    AT(0, "heim", "heif"), AT(0, "heis", "heif"), AT(0, "hevc", "heif"), AT(0, "hevx", "heif"),
    AT(0, "mif1", "heif"), AT(0, "msf1", "heif"),
};

static const struct magic strangers[] = {
    AT(0, "%PDF-", "a PDF document"),
    AT(0, "8BPS", "a Photoshop document"),
    AT(0, "BM", "a BMP picture"),
    AT(0, "\0\0\1\0", "an icon (ICO)"),
    AT(0, "\xFF\x0A", "a JPEG XL picture"),
    AT(4, "JXL \r\n", "a JPEG XL picture"),
    AT(4, "jP  \r\n", "a JPEG 2000 picture"),
    AT(0, "\xFF\x4F\xFF\x51", "a JPEG 2000 picture"),
    AT(0, "\x76\x2F\x31\x01", "an OpenEXR picture"),
    AT(0, "#?RADIANCE", "a Radiance HDR picture"),
    AT(0, "gimp xcf", "a GIMP picture"),
    AT(0, "FUJIFILMCCD-RAW", "a camera's raw file (RAF)"),
    AT(0, "IIU\0", "a camera's raw file (RW2)"),
    AT(0, "IIRO", "a camera's raw file (ORF)"),
    AT(0, "IIRS", "a camera's raw file (ORF)"),
    AT(0, "MMOR", "a camera's raw file (ORF)"),
    AT(0, "\0MRM", "a camera's raw file (MRW)"),
    AT(0, "FOVb", "a camera's raw file (X3F)"),
    AT(8, "crx ", "a camera's raw file (CR3)"),
    AT(4, "ftyp", "an MP4 or QuickTime video"),
    AT(4, "moov", "an MP4 or QuickTime video"),
    AT(4, "mdat", "an MP4 or QuickTime video"),
    AT(8, "AVI ", "an AVI video"),
    AT(8, "WAVE", "a sound"),
    AT(0, "\x1A\x45\xDF\xA3", "a Matroska or WebM video"),
    AT(0, "OggS", "an Ogg sound or video"),
    AT(0, "ID3", "an MP3 sound"),
    AT(0, "fLaC", "a sound"),
    AT(0, "PK\3\4", "a ZIP archive or an office document"),
    AT(0, "\xD0\xCF\x11\xE0", "an old office document"),
    AT(0, "7z\xBC\xAF", "a 7-Zip archive"),
    AT(0, "Rar!", "a RAR archive"),
    AT(0, "\x1F\x8B", "a gzip archive"),
    AT(0,
       "\x7F"
       "ELF",
       "a program"),
    AT(0, "MZ", "a program"),
};

static bool matches(const struct magic *magic, const uint8_t *data, size_t size) {
    return size >= magic->offset + magic->length &&
           memcmp(data + magic->offset, magic->bytes, magic->length) == 0;
}

static const struct magic *look_up(const struct magic *table, size_t count, const uint8_t *data,
                                   size_t size) {
    for (size_t i = 0; i < count; i++) {
        if (matches(&table[i], data, size)) {
            return &table[i];
        }
    }
    return NULL;
}

/** HEIF and AVIF share one container: the first known brand decides. */
static const struct magic *by_brand(const uint8_t *data, size_t size) {
    if (size < 16 || memcmp(data + 4, "ftyp", 4) != 0) {
        return NULL;
    }
    size_t box = (size_t)data[2] << 8 | data[3];
    size_t end = MIN(MIN(box, size), 64);
    const struct magic *found = look_up(brands, G_N_ELEMENTS(brands), data + 8, 4);
    // "mif1" says only that the container is HEIF: what is inside stands among the compatible
    // brands.
    bool vague = found == NULL || memcmp(data + 8, "mif1", 4) == 0;
    for (size_t at = 16; vague && at + 4 <= end; at += 4) {
        const struct magic *brand = look_up(brands, G_N_ELEMENTS(brands), data + at, 4);
        if (brand != NULL && memcmp(data + at, "mif1", 4) != 0) {
            return brand;
        }
    }
    return found;
}

// ---- text

/** In any encoding that has ASCII in it: no control characters, and not mostly beyond ASCII. */
static bool is_text(const uint8_t *data, size_t size) {
    size_t length = MIN(size, 512), beyond = 0;
    for (size_t i = 0; i < length; i++) {
        if (data[i] == 0 || (data[i] < 0x20 && strchr("\t\n\r\f\x1B", data[i]) == NULL)) {
            return false;
        }
        beyond += data[i] >= 0x80;
    }
    return beyond * 2 < length;
}

static const char *kind_of_text(const uint8_t *data, size_t size) {
    g_autofree char *start = g_strndup((const char *)data, MIN(size, 1024));
    g_autofree char *lower = g_ascii_strdown(start, -1);
    if (strstr(lower, "<svg") != NULL) {
        return "an SVG drawing";
    }
    if (strstr(lower, "<html") != NULL || strstr(lower, "<!doctype html") != NULL) {
        return "a web page";
    }
    return strstr(lower, "<?xml") != NULL ? "an XML document" : "text";
}

static bool is_zeros(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < MIN(size, 4096); i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return true;
}

static void refuse(const uint8_t *data, size_t size, struct dm_sniff *ret) {
    ret->reason = DM_REASON_NOT_AN_IMAGE;
    if (is_zeros(data, size)) {
        ret->seems = "a file of zeros, which a copy leaves that was never finished";
        return;
    }
    // Two or three letters prove nothing when all that follows can be read: "BMW prices".
    bool text = is_text(data, size);
    const struct magic *magic = look_up(strangers, G_N_ELEMENTS(strangers), data, size);
    if (magic != NULL && (magic->length > 3 || !text)) {
        ret->seems = magic->what;
    } else if (text) {
        ret->seems = kind_of_text(data, size);
    }
    if (ret->seems != NULL && strcmp(ret->seems, "text") != 0) {
        ret->reason = DM_REASON_UNSUPPORTED_FORMAT;
    }
}

void dm_sniff(const uint8_t *data, size_t size, struct dm_sniff *ret) {
    *ret = (struct dm_sniff){0};
    if (size == 0) {
        ret->reason = DM_REASON_EMPTY;
        return;
    }
    const struct magic *magic = look_up(readable, G_N_ELEMENTS(readable), data, size);
    if (magic == NULL) {
        magic = by_brand(data, size);
    }
    if (magic == NULL) {
        refuse(data, size, ret);
        return;
    }
    ret->codec = dm_codec_find(magic->what);
    ret->codec->scan(data, size, &ret->header);
    if (ret->header.camera_raw) {
        bool is_cr2 = size > 10 && memcmp(data + 8, "CR", 2) == 0;
        *ret = (struct dm_sniff){.reason = DM_REASON_UNSUPPORTED_FORMAT,
                                 .seems =
                                     is_cr2 ? "a camera's raw file (CR2)" : "a camera's raw file"};
    }
}

char *dm_sniff_refusal(const struct dm_sniff *sniff) {
    if (sniff->reason == DM_REASON_EMPTY) {
        return g_strdup("the file is empty");
    }
    g_autofree char *formats = dm_formats_readable();
    if (sniff->seems == NULL) {
        return g_strdup_printf("the file is no known picture; these formats work: %s", formats);
    }
    return g_strdup_printf(DM_REASON_SEEMS "%s; these formats work: %s", sniff->seems, formats);
}
