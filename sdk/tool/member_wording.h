/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_WORDING_H
#define TOOL_MEMBER_WORDING_H

/**
 * @file
 * Professions, kinds of structures, colleges, voices and numbers as lists of
 * members write them.
 *
 * Threads: one thread at a time; the functions without a lexicon, any thread.
 */

#include <cpts/composition.h>
#include <stdbool.h>

#include "import_pool.h"

/** Bytes of an identifier with its prefix and the final NUL. */
#define MEMBER_IDENTIFIER_BYTES 16

struct member_word;

/** The words for the categories of a node. */
struct member_lexicon {
    const struct cpts_member_categories *categories;
    struct member_word *words;
    size_t count, capacity;
    struct import_pool pool;
};

/** Collects codes, national codes, labels and usual wordings; categories are
 * borrowed. @return false when memory is out. */
bool member_lexicon_make(struct member_lexicon *lexicon,
                         const struct cpts_member_categories *categories);

void member_lexicon_done(struct member_lexicon *lexicon);

/** Finds the category of a text.
 * @param is_person  A profession is meant, else a kind of structure.
 * @param ret_other  A second one that the text could mean, or NULL.
 * @return its code, or NULL. */
const char *member_lexicon_find(const struct member_lexicon *lexicon, const char *text,
                                bool is_person, const char **ret_other);

/** The nearest wording, or NULL. */
const char *member_lexicon_near(const struct member_lexicon *lexicon, const char *text,
                                bool is_person);

/** Reads a college or a voice. @return false when the text names none. */
bool member_wording_college(const char *text, enum cpts_college *ret_college);
bool member_wording_voice(const char *text, enum cpts_voice *ret_voice);

/** The kinds of numbers, by their prefix. */
enum { NUMBER_FINESS = '1', NUMBER_SIRET = '3', NUMBER_RPPS = '8' };

/** What is wrong with a number. */
enum number_problem { NUMBER_FINE, NUMBER_PADDED, NUMBER_INVALID };

/** Reads a number as people write it: spaces, dots and hyphens between digits,
 * the national prefix in front or not, a FINESS number whose leading zero a
 * spreadsheet took (NUMBER_PADDED).
 * @param kind  NUMBER_..., or 0 = to be told by its length.
 * @param ret_identifier  With its prefix; untouched when it is NUMBER_INVALID. */
enum number_problem member_wording_number(const char *text, int kind,
                                          char ret_identifier[MEMBER_IDENTIFIER_BYTES]);

#endif
