/* SPDX-License-Identifier: Apache-2.0 */
#include "export_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define US_PER_S INT64_C(1000000)

const struct export_table *const EXPORT_TABLES[] = {
    &EXPORT_CPTS,
    &EXPORT_STAGE_HISTORY,
    &EXPORT_TERRITORY,
    &EXPORT_COVERAGE_BY_REGION,
    &EXPORT_COVERAGE_BY_STAGE,
    &EXPORT_COVERAGE_BY_DEFINITION,
    &EXPORT_TRAJECTORY,
    &EXPORT_PUBLISHED_COUNT,
    &EXPORT_PROJECTION,
    &EXPORT_PROJECTION_FIT,
    &EXPORT_GAP,
    &EXPORT_CONFLICT,
    &EXPORT_CLOCK_DUE,
    &EXPORT_BUDGET,
    &EXPORT_REGION,
    &EXPORT_DICTIONARY,
};
const size_t EXPORT_TABLE_COUNT = sizeof EXPORT_TABLES / sizeof EXPORT_TABLES[0];

const char *const EXPORT_STAGES[] = {"EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE",
                                     "ACI_SIGNE", "ABANDONNE",        "FUSIONNE",
                                     "DISSOUS",   "NON_RENOUVELE",    NULL};
const char *const EXPORT_LIVE_STAGES[] = {"EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE",
                                          "ACI_SIGNE", NULL};

void export_instant(int64_t instant_us, char ret_text[EXPORT_INSTANT_BYTES])
{
    time_t seconds = (time_t)(instant_us / US_PER_S);
    int micros = (int)(instant_us % US_PER_S);
    struct tm day;
    ret_text[0] = '\0';
    if (instant_us <= 0 || gmtime_r(&seconds, &day) == NULL)
        return;
    char text[EXPORT_INSTANT_BYTES];
    if (strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &day) == strlen("2024-02-01T12:00:00"))
        snprintf(ret_text, EXPORT_INSTANT_BYTES, "%.19s.%06dZ", text, micros);
}

const char *export_region_name(const struct export *export, const char *code)
{
    for (size_t i = 0; i < export->regions->region_count; i++) {
        if (strcmp(export->regions->regions[i].code, code) == 0)
            return export->regions->regions[i].name;
    }
    return "";
}
