/* SPDX-License-Identifier: Apache-2.0 */
#include "import_finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const KIND_NAMES[FINDING_KIND_COUNT] = {
    [FINDING_REFUSED] = "refused",
    [FINDING_CONFLICT] = "conflict",
    [FINDING_CHANGE] = "change",
    [FINDING_NOTE] = "note",
};

static const struct {
    const char *reason;
    const char *advice;
} ADVICE[] = {
    {"AMBIGUOUS_COMMUNE", "add the département or the INSEE code to that line"},
    {"UNKNOWN_COMMUNE", "correct the name, or give the INSEE code"},
    {"UNKNOWN_CODE", "correct the code, or leave it empty and give the name"},
    {"CODE_NAME_MISMATCH", "correct the code or the name: they are two communes"},
    {"COMMUNE_MISSING", "give a commune's code or name on that line"},
    {"DEPARTMENT_UNKNOWN", "give the département's code or name"},
    {"UNIT_REPEATED", "remove one of the two lines, or put their shares together"},
    {"SHARE_INVALID", "write a share above 0 and up to 1, like 0,5 or 50 %"},
    {"NAME_MISSING", "give the name of the CPTS"},
    {"NAME_TOO_LONG", "shorten the name to 200 characters"},
    {"REGION_UNKNOWN", "give the region's INSEE code or name, or --region CODE"},
    {"REGION_UNCLEAR", "give the lead region, in a column or with --region CODE"},
    {"STAGE_MISSING", "give the stage"},
    {"STAGE_UNKNOWN", "use a published wording or a stage's name (cptsctl cpts list --help)"},
    {"STAGE_DATE_MISSING", "give the date, or --effective-on DATE for all that have none"},
    {"EARLIER_DATES_MISSING", "give the earlier dates, or --fill-dates to have them invented"},
    {"DATES_FILLED", "correct the dates when you learn them"},
    {"DATE_INVALID", "write the date as 31/12/2023"},
    {"DATE_IN_FUTURE", "correct the date"},
    {"STAGE_ORDER_INVALID", "correct the stage or its date"},
    {"SUCCESSOR_INVALID", "record the merger with cptsctl cpts stage, which names the successor"},
    {"FIELD_INVALID", "keep within the limit"},
    {"RPPS_INVALID", "correct the number; format its column as text in the spreadsheet"},
    {"FINESS_INVALID", "correct the number: 9 characters, the first zero too"},
    {"SIRET_INVALID", "correct the number; format its column as text in the spreadsheet"},
    {"NUMBER_INVALID", "give an RPPS, FINESS or SIRET number"},
    {"NUMBER_MISSING", "give the RPPS, FINESS or SIRET number of that member"},
    {"SEVERAL_NUMBERS", "keep the member's own number on its line"},
    {"CATEGORY_MISSING", "give the profession or the kind of structure"},
    {"CATEGORY_AMBIGUOUS", "say which of them, by its code"},
    {"UNKNOWN_PROFESSION", "use a code or a label of cptsctl members categories"},
    {"UNKNOWN_STRUCTURE_KIND", "use a code or a label of cptsctl members categories"},
    {"COLLEGE_UNKNOWN", "write professionnels or partenaires"},
    {"VOICE_UNKNOWN", "write délibérative or consultative"},
    {"VOICE_MISSING", "give the voice, or --voice NAME for all lines without one"},
    {"JOINED_MISSING", "give the date, or --joined-on DATE for all lines without one"},
    {"LEFT_BEFORE_JOINED", "correct one of the two dates"},
    {"MEMBER_DIFFERS", "check which is right; --restate withdraws what the node has"},
    {"MEMBER_REPEATED", "keep one of the two lines, or end the first membership before"},
    {"UNKNOWN_CPTS", "correct it, or register the CPTS first (cptsctl cpts create, import)"},
    {"SEVERAL_CPTS", "add the region, the FINESS number or the id of the CPTS"},
    {"CPTS_MISSING", "name the CPTS on that line, or --cpts ID for the whole file"},
    {"OUT_OF_SCOPE", "leave it to those who may change that CPTS"},
    {"LINES_DIFFER", "keep the line that is right"},
    {"VALUE_DIFFERS", "check which is right; the import replaces what the node has"},
    {"INDICATOR_MISSING", "give a code of cptsctl indicator list"},
    {"UNKNOWN_INDICATOR", "use a code or a label of cptsctl indicator list, in force then"},
    {"INDICATOR_LOCKED", "an ARS corrects it, with --reason TEXT"},
    {"PERIOD_INVALID", "write 2024, 2024-S1, 2024-T3 or 2024-07"},
    {"WEEK_INVALID", "write an ISO week, like 2024-W07 or S07 2024"},
    {"AREA_INVALID", "give the INSEE code of a commune or of a département"},
    {"UNKNOWN_UNIT", "give today's INSEE code of a commune or of a département"},
    {"VALUE_INVALID", "write a number, like 72,4, or oui or non"},
    {"VALUES_DIFFER", "write the same value on every line of the CPTS"},
    {"SAME_CPTS", "make one CPTS of the two, or give them different names"},
    {"SEVERAL_MATCH", "add the FINESS number, or correct the names on the node first"},
    {"TERRITORY_DIFFERS", "run again with --update --effective-on DATE to change it"},
    {"STAGE_DIFFERS", "run again with --update --effective-on DATE to record it"},
    {"STAGE_STEPS_MISSING", "give the dates of the stages between"},
    {"STAGE_BEHIND", "check which is right: a stage is never taken back by an import"},
    {"CPTS_ENDED", "check whether it is another CPTS: an ended one is not changed"},
    {"TERRITORY_CONFLICT", "let both CPTS agree (conciliation), or give shares"},
    {"RESOLVED_BY_NEIGHBOURS", "check that it is the commune that is meant"},
    {"RESOLVED_BY_REGION", "check that it is the commune that is meant"},
    {"OLD_UNIT_CODE", "use today's code"},
    {"OLD_UNIT_NAME", "use today's name: the whole commune is meant now"},
    {"POPULATION_DIFFERS", "check the list of communes and the shares"},
};

void findings_add(struct findings *findings, struct finding finding, const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    if (vasprintf(&text, format, values) < 0)
        text = NULL;
    va_end(values);
    if (text == NULL || !import_pool_grow((void **)&findings->findings, &findings->capacity,
                                          findings->count, sizeof finding)) {
        findings->pool.is_out_of_memory = true;
        free(text);
        return;
    }
    import_text_mend(text);
    finding.message = import_pool_copy(&findings->pool, text, strlen(text));
    finding.candidates =
        finding.candidates == NULL
            ? ""
            : import_pool_copy(&findings->pool, finding.candidates, strlen(finding.candidates));
    free(text);
    findings->findings[findings->count++] = finding;
    findings->kind_counts[finding.kind]++;
}

const char *finding_kind_name(enum finding_kind kind)
{
    return KIND_NAMES[kind];
}

const char *finding_advice(const char *reason)
{
    for (size_t i = 0; i < COUNT(ADVICE); i++) {
        if (strcmp(reason, ADVICE[i].reason) == 0)
            return ADVICE[i].advice;
    }
    return "";
}

void findings_done(struct findings *findings)
{
    free(findings->findings);
    import_pool_done(&findings->pool);
    memset(findings, 0, sizeof *findings);
}
