/* SPDX-License-Identifier: Apache-2.0 */
#include "suggest.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#define DISTANCE_MIN 2

static int smallest(int one, int two, int three)
{
    int smaller = one < two ? one : two;
    return smaller < three ? smaller : three;
}

int suggest_distance(const char *one, const char *other)
{
    size_t one_length = strlen(one), other_length = strlen(other);
    int row[SUGGEST_WORD_MAX + 1];
    if (one_length > SUGGEST_WORD_MAX || other_length > SUGGEST_WORD_MAX)
        return INT_MAX;
    for (size_t j = 0; j <= other_length; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= one_length; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= other_length; j++) {
            int cost = tolower((unsigned char)one[i - 1]) != tolower((unsigned char)other[j - 1]);
            int best = smallest(row[j] + 1, row[j - 1] + 1, diagonal + cost);
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[other_length];
}

const char *suggest_nearest(const char *word, const char *const *words, size_t count)
{
    int near = (int)strlen(word) / 3;
    int best = near < DISTANCE_MIN ? DISTANCE_MIN : near;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        int distance = suggest_distance(word, words[i]);
        if (distance < best || (distance == best && nearest == NULL)) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
