// SPDX-License-Identifier: MIT
//
// Did you mean: see suggest.h.
#include "common/suggest.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

// ---- the nearest of some words

static int min3(int a, int b, int c) {
    return MIN(MIN(a, b), c);
}

enum { MAX_WORD = 40 };

typedef int distances[MAX_WORD + 1][MAX_WORD + 1];

/** The distance of the first @i bytes of @a from the first @j of @b, those of shorter ones known.
 */
static int step_distance(const char *a, const char *b, int i, int j, distances d) {
    if (i == 0 || j == 0) {
        return i + j;
    }
    int least = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
    bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
    return swapped ? MIN(least, d[i - 2][j - 2] + 1) : least;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1.
 */
static int edit_distance(const char *a, const char *b) {
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > MAX_WORD || m > MAX_WORD) {
        return MAX_WORD;
    }
    distances d;
    for (int i = 0; i <= n; i++) {
        for (int j = 0; j <= m; j++) {
            d[i][j] = step_distance(a, b, i, j, d);
        }
    }
    return d[n][m];
}

/** Letters exchanged and nothing else: all that is forgiven in a word of three. */
static bool is_anagram(const char *a, const char *b) {
    int count[256] = {0};
    for (; *a != '\0'; a++) {
        count[(unsigned char)*a]++;
    }
    for (; *b != '\0'; b++) {
        count[(unsigned char)*b]--;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(count); i++) {
        if (count[i] != 0) {
            return false;
        }
    }
    return true;
}

const char *dm_nearest(const char *word, const char *const *candidates, size_t count) {
    size_t length = strlen(word);
    int limit = length <= 5 ? 1 : 2;
    const char *nearest = NULL;
    int least = limit + 1;
    for (size_t i = 0; i < count; i++) {
        int distance = *word == *candidates[i] ? edit_distance(word, candidates[i]) : MAX_WORD;
        bool good = length > 3 || distance == 0 || is_anagram(word, candidates[i]);
        if (good && distance < least) {
            least = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
