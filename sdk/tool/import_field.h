/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_FIELD_H
#define TOOL_IMPORT_FIELD_H

/**
 * @file
 * What the columns of a table of CPTS can mean.
 *
 * Threads: any thread.
 */

#include "import_heading.h"

/** What a column can mean. */
enum import_field {
    FIELD_KEY,
    FIELD_NAME,
    FIELD_REGION,
    FIELD_DEPARTMENT,
    FIELD_POSTCODE,
    FIELD_COMMUNE_CODE,
    FIELD_COMMUNE_NAME,
    /** A list of communes, codes or names, in one cell. */
    FIELD_COMMUNES,
    FIELD_SHARE,
    FIELD_STAGE,
    FIELD_STAGE_ON,
    FIELD_EMERGENCE_ON,
    FIELD_LETTRE_INTENTION_ON,
    FIELD_PROJET_VALIDE_ON,
    FIELD_ACI_SIGNE_ON,
    FIELD_POPULATION,
    FIELD_FINESS,
    FIELD_WEBSITE,
    FIELD_IRIS,
    FIELD_COUNT
};

/** The fields of a table of CPTS. */
extern const struct import_field_set IMPORT_CPTS_FIELDS;

/** Name of a field on the command line and in reports. Static text. */
const char *import_field_name(enum import_field field);

#endif
