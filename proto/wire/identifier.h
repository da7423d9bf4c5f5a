/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_IDENTIFIER_H
#define WIRE_IDENTIFIER_H

/**
 * @file
 * National identifiers of professionals and structures: their shape and key.
 * That one is well-formed does not mean that somebody bears it.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>

/** RPPS number: 11 digits, the last one a key (Luhn, ISO/IEC 7812-1). */
bool identifier_is_rpps(const char *text);

/** FINESS number: 9 characters, two of the département (digits, or 2A, 2B) and
 * 7 digits. It is not checked for a key. */
bool identifier_is_finess(const char *text);

/** SIRET number: 14 digits, SIREN and establishment, both with a key (Luhn).
 * Establishments of La Poste (SIREN 356000000) have another: their digits add
 * up to a multiple of 5. Source: INSEE, Sirene. */
bool identifier_is_siret(const char *text);

#endif
