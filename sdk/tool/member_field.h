/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_FIELD_H
#define TOOL_MEMBER_FIELD_H

/**
 * @file
 * What the columns of a table of members can mean.
 *
 * Threads: constants.
 */

#include "import_target.h"

/** After those of import_target.h. */
enum member_field {
    MEMBER_RPPS = TARGET_FIELD_COUNT,
    MEMBER_FINESS,
    MEMBER_SIRET,
    /** Any of the three. */
    MEMBER_NUMBER,
    MEMBER_CATEGORY,
    MEMBER_COLLEGE,
    MEMBER_VOICE,
    MEMBER_JOINED_ON,
    MEMBER_LEFT_ON,
    MEMBER_FIELD_COUNT
};

extern const struct import_field_set MEMBER_FIELDS;

/** Name of a field on the command line and in reports. Static text. */
const char *member_field_name(int field);

#endif
