// SPDX-License-Identifier: MIT
//
// See tone.h.
#include "mpi_worker/kernels/tone.h"

#include <math.h>

static const double white = 203;      // cd/m2
static const double brightest = 1000; // of what both are made for
static const double shoulder = 0.6;   // from here on light is pressed together

static double from_pq(double e) {
    const double m1 = 2610 / 16384.0, m2 = 2523 / 4096.0 * 128;
    const double c1 = 3424 / 4096.0, c2 = 2413 / 4096.0 * 32, c3 = 2392 / 4096.0 * 32;
    double p = pow(e, 1 / m2);
    return 10000 * pow(fmax(p - c1, 0) / (c2 - c3 * p), 1 / m1) / white;
}

/** Light of the scene, 0 to 1. */
static double from_hlg(double e) {
    const double a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * log(4 * a);
    return e <= 0.5 ? e * e / 3 : (exp((e - c) / a) + b) / 12;
}

static double to_srgb(double light) {
    return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

void dm_tone_init(struct dm_tone *tone) {
    for (int i = 0; i < DM_TONE_ENTRIES; i++) {
        double v = i / 65535.0;
        tone->light[i] = (float)(tone->hlg ? from_hlg(v) : from_pq(v));
        tone->sample[i] = (uint16_t)(to_srgb(v) * 65535 + 0.5);
    }
}

/** What @light, of which 1 is white, keeps of itself. */
static float keep(float light) {
    const float knee = (float)shoulder, most = (float)(brightest / white);
    if (light <= knee) {
        return 1;
    }
    float part = (light - knee) / (most - knee), slope = (most - knee) / (1 - knee);
    if (part >= 1) {
        return 1 / light;
    }
    return (knee + (1 - knee) * slope * part / (1 + (slope - 1) * part)) / light;
}

/** HLG is light of the scene; a screen shows more contrast the brighter it is: 1.2 at 1000 cd/m2.
 */
static float shown(const struct dm_tone *tone, const float *rgb) {
    float luma = tone->luma[0] * rgb[0] + tone->luma[1] * rgb[1] + tone->luma[2] * rgb[2];
    return tone->hlg ? (float)(brightest / white) * powf(fmaxf(luma, 1e-6F), 0.2F) : 1;
}

static uint16_t to_sample(const struct dm_tone *tone, float light) {
    return tone->sample[(int)(fminf(fmaxf(light, 0), 1) * 65535 + 0.5F)];
}

void dm_tone_row(const struct dm_tone *tone, const uint16_t *from, uint16_t *to, size_t count,
                 int colours, bool alpha) {
    int bands = colours + alpha;
    for (size_t x = 0; x < count; x++, from += bands, to += bands) {
        float rgb[3], scale;
        for (int i = 0; i < 3; i++) {
            rgb[i] = tone->light[from[colours == 3 ? i : 0]];
        }
        scale = shown(tone, rgb);
        scale *= keep(scale * fmaxf(rgb[0], fmaxf(rgb[1], rgb[2])));
        for (int i = 0; i < colours; i++) {
            const float *row = tone->matrix + 3 * i;
            to[i] = to_sample(tone, scale * (row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]));
        }
        if (alpha) {
            to[colours] = from[colours];
        }
    }
}
