// SPDX-License-Identifier: MIT
//
// See code_points.h. The numbers: ITU-T H.273, tables 2 and 3; PNG third edition, 11.3.2.
#include "mpi_worker/image/code_points.h"

#include <lcms2.h>
#include <math.h>
#include <string.h>

enum { ADOBE_PRIMARIES = 1000 }; // beyond those of H.273, which have 8 bits
enum { TRANSFER_709 = 1, TRANSFER_UNKNOWN = 2, TRANSFER_601 = 6, TRANSFER_2020_10 = 14 };
enum { TRANSFER_2020_12 = 15, TRANSFER_SRGB = 13, TRANSFER_PQ = 16, TRANSFER_HLG = 18 };
enum { SRGB_GAMMA = 45455, GAMMA_ONE = 100000, DATE_AT = 24, DATE_BYTES = 12 };

/** White, red, green, blue: x and y. */
struct primaries {
    int code;
    const char *name;
    double xy[8];
};

#define D65 0.3127, 0.3290

static const struct primaries known_primaries[] = {
    {1, "BT.709", {D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06}},
    {4, "BT.470 M", {0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08}},
    {5, "BT.470 BG", {D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06}},
    {6, "BT.601", {D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}},
    {7, "SMPTE 240", {D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}},
    {8, "film", {0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049}},
    {9, "BT.2020", {D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046}},
    {11, "DCI P3", {0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},
    {12, "Display P3", {D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},
    {22, "EBU 3213", {D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077}},
    {ADOBE_PRIMARIES, "Adobe RGB (1998)", {D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06}},
};

/** From a sample to light: a power, or lcms' parametric curve of type 4. */
struct transfer {
    int code;
    double numbers[5];
};

#define BT709_CURVE                                                                                \
    { 1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081 }

static const struct transfer known_transfers[] = {
    {TRANSFER_709, BT709_CURVE},
    {4, {2.2}},
    {5, {2.8}},
    {TRANSFER_601, BT709_CURVE},
    {7, {1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0913}},
    {8, {1}},
    {TRANSFER_SRGB, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}},
    {TRANSFER_2020_10, BT709_CURVE},
    {TRANSFER_2020_12, BT709_CURVE},
};

static const struct primaries *find_primaries(int code) {
    for (size_t i = 0; i < G_N_ELEMENTS(known_primaries); i++) {
        if (known_primaries[i].code == code) {
            return &known_primaries[i];
        }
    }
    return NULL;
}

static const struct transfer *find_transfer(int code) {
    for (size_t i = 0; i < G_N_ELEMENTS(known_transfers); i++) {
        if (known_transfers[i].code == code) {
            return &known_transfers[i];
        }
    }
    return NULL;
}

// ---- what they amount to

static bool is_like_srgb(int transfer) {
    return transfer == TRANSFER_SRGB || transfer == TRANSFER_UNKNOWN || transfer == TRANSFER_709 ||
           transfer == TRANSFER_601 || transfer == TRANSFER_2020_10 || transfer == TRANSFER_2020_12;
}

enum dm_codes dm_codes_of_points(const struct dm_meta_colour *said) {
    int primaries = said->primaries == 2 ? 1 : said->primaries;
    int transfer = said->transfer == TRANSFER_UNKNOWN ? TRANSFER_SRGB : said->transfer;
    if (find_primaries(primaries) == NULL) {
        return DM_CODES_UNKNOWN;
    }
    if (transfer == TRANSFER_PQ || transfer == TRANSFER_HLG) {
        return DM_CODES_HDR;
    }
    if (primaries == 1 && is_like_srgb(transfer)) {
        return DM_CODES_SRGB;
    }
    return find_transfer(transfer) != NULL ? DM_CODES_PROFILE : DM_CODES_UNKNOWN;
}

/** What cHRM says is sRGB's, to the digits that programs write. */
static bool has_srgb_chroma(const struct dm_meta_colour *said) {
    const struct primaries *srgb = find_primaries(1);
    for (int i = 0; said->has_chroma && i < 8; i++) {
        if (fabs((double)said->chroma[i] / GAMMA_ONE - srgb->xy[i]) > 0.001) {
            return false;
        }
    }
    return true;
}

enum dm_codes dm_codes_of_chunks(const struct dm_meta_colour *said) {
    bool srgb_gamma = said->gamma == 0 || labs((long)said->gamma - SRGB_GAMMA) <= 100;
    if (said->srgb || (srgb_gamma && has_srgb_chroma(said))) {
        return DM_CODES_SRGB;
    }
    return DM_CODES_PROFILE;
}

// ---- profiles

/** A profile tells when it was made: ours always the same. */
static GBytes *save(cmsHPROFILE profile, const char *name) {
    static const uint8_t date[DATE_BYTES] = {7, 232, 0, 1, 0, 1}; // 2024-01-01
    cmsUInt32Number size = 0;
    GBytes *bytes = NULL;
    if (profile == NULL) {
        return NULL;
    }
    cmsMLU *text = cmsMLUalloc(NULL, 1);
    cmsMLUsetASCII(text, "en", "US", name);
    cmsWriteTag(profile, cmsSigProfileDescriptionTag, text);
    cmsMLUfree(text);
    if (cmsSaveProfileToMem(profile, NULL, &size) && size > DATE_AT + DATE_BYTES) {
        uint8_t *data = g_malloc(size);
        cmsSaveProfileToMem(profile, data, &size);
        memcpy(data + DATE_AT, date, DATE_BYTES);
        bytes = g_bytes_new_take(data, size);
    }
    cmsCloseProfile(profile);
    return bytes;
}

static cmsToneCurve *curve_of(const struct transfer *transfer) {
    return transfer->numbers[1] > 0 ? cmsBuildParametricToneCurve(NULL, 4, transfer->numbers)
                                    : cmsBuildGamma(NULL, transfer->numbers[0]);
}

static GBytes *make(const double xy[static 8], cmsToneCurve *curve, bool gray, const char *name) {
    const cmsCIExyY white = {xy[0], xy[1], 1};
    const cmsCIExyYTRIPLE colours = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    cmsToneCurve *const curves[3] = {curve, curve, curve};
    if (curve == NULL) {
        return NULL;
    }
    // Gray is gray in any light: by D50, the white of profiles.
    cmsHPROFILE profile = gray ? cmsCreateGrayProfile(cmsD50_xyY(), curve)
                               : cmsCreateRGBProfile(&white, &colours, curves);
    GBytes *bytes = save(profile, name);
    cmsFreeToneCurve(curve);
    return bytes;
}

GBytes *dm_codes_profile_of_points(const struct dm_meta_colour *said, bool gray) {
    const struct primaries *primaries = find_primaries(said->primaries == 2 ? 1 : said->primaries);
    int code = said->transfer == TRANSFER_UNKNOWN ? TRANSFER_SRGB : said->transfer;
    const struct transfer *transfer = find_transfer(code);
    g_assert(primaries != NULL && transfer != NULL);
    g_autofree char *name =
        g_strdup_printf("%s, H.273 %d/%d", primaries->name, primaries->code, code);
    return make(primaries->xy, curve_of(transfer), gray, name);
}

GBytes *dm_codes_profile_of_chunks(const struct dm_meta_colour *said, bool gray) {
    double xy[8];
    double gamma = said->gamma > 0 ? (double)GAMMA_ONE / said->gamma : 0;
    memcpy(xy, find_primaries(1)->xy, sizeof(xy));
    for (int i = 0; said->has_chroma && i < 8; i++) {
        xy[i] = (double)said->chroma[i] / GAMMA_ONE;
    }
    for (int i = 0; i < 8; i += 2) {
        if (!(xy[i] >= 0 && xy[i + 1] > 0.001 && xy[i] + xy[i + 1] <= 1.2)) {
            return NULL;
        }
    }
    if (gamma != 0 && (gamma < 0.1 || gamma > 10)) {
        return NULL;
    }
    g_autofree char *name =
        gamma > 0 ? g_strdup_printf("PNG gamma %.4g", gamma) : g_strdup("PNG chromaticities");
    cmsToneCurve *curve =
        gamma > 0 ? cmsBuildGamma(NULL, gamma) : curve_of(find_transfer(TRANSFER_SRGB));
    return make(xy, curve, gray, name);
}

GBytes *dm_codes_adobe_rgb(bool gray) {
    const struct primaries *adobe = find_primaries(ADOBE_PRIMARIES);
    return make(adobe->xy, cmsBuildGamma(NULL, 563 / 256.0), gray, adobe->name);
}

GBytes *dm_codes_gray_of(const void *profile, size_t size) {
    cmsHPROFILE rgb =
        size <= G_MAXUINT32 ? cmsOpenProfileFromMem(profile, (cmsUInt32Number)size) : NULL;
    GBytes *bytes = NULL;
    if (rgb == NULL) {
        return NULL;
    }
    const cmsToneCurve *curve = cmsReadTag(rgb, cmsSigGreenTRCTag);
    if (curve != NULL && cmsIsMatrixShaper(rgb)) {
        bytes = save(cmsCreateGrayProfile(cmsD50_xyY(), curve), "gray of a profile for colours");
    }
    cmsCloseProfile(rgb);
    return bytes;
}

// ---- light

static void invert(const double m[static 9], double ret[static 9]) {
    double d = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
               m[2] * (m[3] * m[7] - m[4] * m[6]);
    for (int i = 0; i < 9; i++) { // the minor of the place across the diagonal
        int a = (i % 3 + 1) % 3, b = (i % 3 + 2) % 3, c = (i / 3 + 1) % 3, e = (i / 3 + 2) % 3;
        ret[i] = (m[3 * a + c] * m[3 * b + e] - m[3 * a + e] * m[3 * b + c]) / d;
    }
}

/** The rows of the matrix from light to XYZ: its columns are the primaries' own, scaled to white.
 */
static void matrix_to_xyz(const double xy[static 8], double ret[static 9]) {
    double p[9], white[3], scale[3];
    for (int i = 0; i < 3; i++) {
        double x = xy[2 + 2 * i], y = xy[3 + 2 * i];
        p[i] = x / y;
        p[3 + i] = 1;
        p[6 + i] = (1 - x - y) / y;
    }
    white[0] = xy[0] / xy[1];
    white[1] = 1;
    white[2] = (1 - xy[0] - xy[1]) / xy[1];
    double inverse[9];
    invert(p, inverse);
    for (int i = 0; i < 3; i++) {
        scale[i] = inverse[3 * i] * white[0] + inverse[3 * i + 1] * white[1] +
                   inverse[3 * i + 2] * white[2];
    }
    for (int i = 0; i < 9; i++) {
        ret[i] = p[i] * scale[i % 3];
    }
}

bool dm_codes_matrix_to_srgb(int primaries, double ret_matrix[static 9]) {
    const struct primaries *from = find_primaries(primaries == 2 ? 1 : primaries);
    const struct primaries *srgb = find_primaries(1);
    double there[9], back[9], inverse[9];
    if (from == NULL) {
        return false;
    }
    matrix_to_xyz(from->xy, there);
    matrix_to_xyz(srgb->xy, back);
    for (int row = 0; row < 3; row++) { // white becomes white
        double to_white = back[3 * row] + back[3 * row + 1] + back[3 * row + 2];
        double from_white = there[3 * row] + there[3 * row + 1] + there[3 * row + 2];
        for (int i = 0; i < 3; i++) {
            there[3 * row + i] *= to_white / from_white;
        }
    }
    invert(back, inverse);
    for (int i = 0; i < 9; i++) {
        const double *row = inverse + i / 3 * 3;
        ret_matrix[i] =
            row[0] * there[i % 3] + row[1] * there[3 + i % 3] + row[2] * there[6 + i % 3];
    }
    return true;
}
