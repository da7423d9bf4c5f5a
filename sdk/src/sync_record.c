/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/sync_record.h>
#include <string.h>

#define WHOLE true
#define KEPT false

/* As cpts.sync_table and the primary keys of the node's schema (a test compares them),
 * but for the column with the aggregate's own id. */
/* clang-format off */
static const struct cpts_sync_record_kind KINDS[] = {
    {"cpts", "CPTS", {NULL}, WHOLE, true},
    {"cpts_former", "CPTS", {"version", NULL}, KEPT, true},
    {"cpts_stage", "CPTS", {"version", "valid_from", NULL}, KEPT, true},
    {"cpts_territory", "CPTS", {"version", "unit_code", "valid_from", NULL}, KEPT, true},
    {"cpts_population", "CPTS", {"version", "department", "valid_from", NULL}, KEPT, false},
    {"cpts_identity", "CPTS", {"version", "valid_from", NULL}, KEPT, true},
    {"cpts_milestone", "CPTS", {"version", "valid_from", NULL}, KEPT, true},
    {"cpts_capacity", "CPTS", {"version", "valid_from", "kind", "area", NULL}, KEPT, true},
    {"cpts_member_count", "CPTS", {"category", "version", NULL}, KEPT, true},
    {"referral_opt_in", "CPTS", {"use_case", NULL}, WHOLE, true},
    {"cpts_adhesion", "CPTS", {"valid_from", "version", NULL}, KEPT, true},
    {"cpts_clock", "CPTS", {"version", "clock_id", NULL}, KEPT, true},
    {"cpts_correction", "CPTS", {"version", NULL}, KEPT, true},
    {"cpts_crisis", "CPTS", {"version", "kind", "valid_from", NULL}, KEPT, true},
    {"cpts_document", "CPTS", {"document_id", NULL}, KEPT, true},
    {"cpts_filing", "CPTS", {"filing_id", "version", NULL}, KEPT, true},
    {"cpts_indicator_target", "CPTS", {"version", "indicator", "valid_from", NULL}, KEPT, true},
    {"cpts_indicator_value", "CPTS", {"version", "indicator", "period", NULL}, KEPT, true},
    {"cpts_member", "CPTS", {"identifier", "version", "valid_from", NULL}, KEPT, true},
    {"cpts_mission", "CPTS", {"version", "mission", "valid_from", NULL}, KEPT, true},
    {"cpts_mission_plan", "CPTS", {"version", "mission", "valid_from", NULL}, KEPT, true},
    {"cpts_lead", "CPTS", {"version", "valid_from", NULL}, KEPT, true},
    {"cpts_representative", "CPTS", {"representative_id", "version", NULL}, KEPT, true},
    {"referral", "REFERRAL", {NULL}, WHOLE, true},
    {"assignment", "REFERRAL", {"assignment_id", NULL}, WHOLE, true},
    {"referral_candidate", "REFERRAL", {"rank", NULL}, WHOLE, true},
    {"referral_clock", "REFERRAL", {"assignment_id", "kind", NULL}, WHOLE, true},
    {"referral_content", "REFERRAL", {NULL}, KEPT, true},
    {"referral_note", "REFERRAL", {"note_id", NULL}, KEPT, true},
    {"referral_attachment", "ATTACHMENT", {"referral_id", NULL}, WHOLE, true},
    {"referral_chunk", "ATTACHMENT", {"referral_id", "chunk_index", NULL}, WHOLE, true},
    {"pathway", "PATHWAY", {NULL}, WHOLE, true},
    {"key_statement", "KEY", {"serial", "kind", "authority_serial", NULL}, KEPT, true},
    {"unit_zoning", "ZONING", {"version", "unit_code", "valid_from", NULL}, KEPT, true},
};
/* clang-format on */

const struct cpts_sync_record_kind *cpts_sync_record_kinds(size_t *ret_count)
{
    *ret_count = sizeof KINDS / sizeof KINDS[0];
    return KINDS;
}

const struct cpts_sync_record_kind *cpts_sync_record_kind(const char *name)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (strcmp(KINDS[i].name, name) == 0)
            return &KINDS[i];
    }
    return NULL;
}
