/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_MEMBER_H
#define DOMAIN_MEMBER_H

/**
 * @file
 * Members of a CPTS, seats of representatives of users and adhesion counts, as
 * a caller states them: what can be judged without the database.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

/** Most members of one command, and most seats of representatives of a CPTS. */
#define MEMBERS_MAX 500
#define REPRESENTATIVES_MAX 200

/** Bytes of an identifier with its prefix and the final NUL. */
#define MEMBER_IDENTIFIER_BYTES 16

/** Numbers of cpts.v1.College and cpts.v1.Voice. */
enum college { COLLEGE_NONE, COLLEGE_PROFESSIONAL, COLLEGE_PARTNER, COLLEGE_COUNT };
enum voice { VOICE_NONE, VOICE_DELIBERATIVE, VOICE_CONSULTATIVE, VOICE_COUNT };

/** Name of a college or voice, as in the database; "" for another number. */
const char *college_code(int college);
const char *voice_code(int voice);

/** Number of that name, 0 when there is none. */
int college_find(const char *code);
int voice_find(const char *code);

/** Who a member is: one of the three is not empty. */
struct member_numbers {
    const char *rpps;
    const char *finess;
    const char *siret;
};

/** Reads who a member is. @param prefix  Put before the fields' names,
 * "members[17]." or "".
 * @param ret_identifier  With its prefix (8 RPPS, 1 FINESS, 3 SIRET).
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED without any,
 *         FIELD_INVALID with several, RPPS_INVALID, FINESS_INVALID,
 *         SIRET_INVALID. */
CPTS_MUST_CHECK cpts_status member_identify(const struct member_numbers *numbers,
                                            const char *prefix,
                                            char ret_identifier[MEMBER_IDENTIFIER_BYTES],
                                            struct cpts_error *err);

/** Sets the numbers from an identifier; texts are borrowed, the others "". */
void member_numbers_read(const char *identifier, struct member_numbers *ret_numbers);

/** Days of a membership or of a seat. */
struct member_days {
    const char *from;
    /** Names of the fields. */
    const char *from_field;
    const char *to;
    const char *to_field;
};

/** Checks them: @p from given, neither in the future, @p to empty or after.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID,
 *         DATE_IN_FUTURE. */
CPTS_MUST_CHECK cpts_status member_days_check(const struct member_days *days, const char *prefix,
                                              const char *today, struct cpts_error *err);

/** Checks an adhesion: at least one professional, no more members than that.
 * @return CPTS_OK · INVALID_ARGUMENT / ADHESION_INVALID. */
CPTS_MUST_CHECK cpts_status adhesion_check(int32_t adherent_count, int32_t professional_count,
                                           struct cpts_error *err);

#endif
