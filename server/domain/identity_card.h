/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_IDENTITY_CARD_H
#define DOMAIN_IDENTITY_CARD_H

/**
 * @file
 * The fields by which people and registers recognise a CPTS: name, FINESS
 * number, site, RNA number, SIRET.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>

/** Characters (not bytes) of a name and of a site's address. */
#define CPTS_NAME_CHARACTERS_MAX 200
#define CPTS_WEBSITE_CHARACTERS_MAX 200

/** 1..200 characters, not only blanks, no control character.
 * INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID, field `name`. */
CPTS_MUST_CHECK cpts_status cpts_name_check(const char *name, struct cpts_error *err);

/** Empty, or 9 characters: 2 of the département (digits, or 2A, 2B) and 7
 * digits. INVALID_ARGUMENT / FIELD_INVALID, field `finess`. */
CPTS_MUST_CHECK cpts_status cpts_finess_check(const char *finess, struct cpts_error *err);

/** Empty, or an http(s) address of at most 200 characters without blanks.
 * INVALID_ARGUMENT / FIELD_INVALID, field `website`. */
CPTS_MUST_CHECK cpts_status cpts_website_check(const char *website, struct cpts_error *err);

/** Empty, or the number of an association in the répertoire national des
 * associations: W and 9 digits. INVALID_ARGUMENT / FIELD_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_rna_check(const char *rna, const char *field,
                                           struct cpts_error *err);

/** Empty, or a SIRET: 14 digits whose last one is a key (Luhn). The offices of
 * La Poste, SIREN 356000000, have another rule: the digits add up to a multiple
 * of 5. INVALID_ARGUMENT / FIELD_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_siret_check(const char *siret, const char *field,
                                             struct cpts_error *err);

/** At most @p max characters, none of control; @p is_required: at least one
 * that is not blank. INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_text_check(const char *text, int max, bool is_required,
                                            const char *field, struct cpts_error *err);

#endif
