/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_NAME_FOLD_H
#define TOOL_NAME_FOLD_H

/**
 * @file
 * Names as people type them, made equal: accents, case, hyphens, apostrophes,
 * ligatures, "St" and "Saint", "Havre (Le)" and "Le Havre", "Paris 11e" and
 * "PARIS 11EME ARRONDISSEMENT".
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>

/** Longest name that is folded, bytes, with its NUL. */
#define FOLD_BYTES 256

/** Folds any words: lower case ASCII letters and digits, one space between
 * words. Longer texts are cut. */
void name_fold_words(const char *text, char ret_folded[FOLD_BYTES]);

/** Folds the name of a commune or of an arrondissement municipal. */
void name_fold_commune(const char *text, char ret_folded[FOLD_BYTES]);

/** Folds the name of a CPTS: without "CPTS" and the little words behind it. */
void name_fold_cpts(const char *text, char ret_folded[FOLD_BYTES]);

#endif
