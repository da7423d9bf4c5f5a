/* SPDX-License-Identifier: Apache-2.0 */
/* UpdateIdentity. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

#define FIELDS 7

static cpts_status check_statuts_on(const char *text, const char *field, struct cpts_error *err)
{
    if (text[0] == '\0' || calendar_is_date(text))
        return CPTS_OK;
    return error_set_field(err, REASON_FIELD_INVALID, field, "not a date: YYYY-MM-DD");
}

/* The fields that a mask may name: a check, or the class of a code. */
static const struct {
    const char *path;
    const char *field;
    cpts_status (*check)(const char *text, const char *field, struct cpts_error *err);
    enum dossier_class class;
} ROWS[FIELDS] = {
    {"legal_form", "identity.legal_form", NULL, DOSSIER_LEGAL_FORM},
    {"statuts_on", "identity.statuts_on", check_statuts_on, DOSSIER_CLASS_COUNT},
    {"rna", "identity.rna", cpts_rna_check, DOSSIER_CLASS_COUNT},
    {"siret", "identity.siret", cpts_siret_check, DOSSIER_CLASS_COUNT},
    {"nature", "identity.nature", NULL, DOSSIER_NATURE},
    {"origin", "identity.origin", NULL, DOSSIER_ORIGIN},
    {"ambition", "identity.ambition", NULL, DOSSIER_AMBITION},
};

static int find_row(const char *path)
{
    for (int i = 0; i < FIELDS; i++) {
        if (strcmp(ROWS[i].path, path) == 0)
            return i;
    }
    return -1;
}

/* Values in the order of ROWS. */
static void read_values(const Cpts__V1__Identity *identity, char *values[FIELDS])
{
    static const Cpts__V1__Identity NOTHING = CPTS__V1__IDENTITY__INIT;
    const Cpts__V1__Identity *from = identity == NULL ? &NOTHING : identity;
    char *const own[FIELDS] = {from->legal_form, from->statuts_on, from->rna,     from->siret,
                               from->nature,     from->origin,     from->ambition};
    memcpy(values, own, sizeof own);
}

static cpts_status check_value(int row, const char *value, struct cpts_error *err)
{
    if (ROWS[row].check != NULL)
        return ROWS[row].check(value, ROWS[row].field, err);
    return dossier_code_check(ROWS[row].class, value, false, ROWS[row].field, err);
}

/* Leaves NULL where the mask does not name a field. */
static cpts_status read_mask(const Cpts__V1__UpdateIdentityRequest *request,
                             const char *named[FIELDS], struct cpts_error *err)
{
    const Google__Protobuf__FieldMask *mask = request->update_mask;
    char *values[FIELDS];
    if (mask == NULL || mask->n_paths == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "update_mask",
                               "name at least one field of identity");
    read_values(request->identity, values);
    for (size_t i = 0; i < mask->n_paths; i++) {
        int row = find_row(mask->paths[i]);
        if (row < 0)
            return error_set_field(err, REASON_FIELD_INVALID, "update_mask",
                                   "'%.40s' is no field of identity", mask->paths[i]);
        cpts_status status = check_value(row, values[row], err);
        if (status != CPTS_OK)
            return status;
        named[row] = values[row];
    }
    return CPTS_OK;
}

static cpts_status check_date(const char *text, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    return calendar_past_check(text, today, "effective_on", err);
}

/* A text that is packed also when it is empty: protobuf-c takes a field of a
 * oneof that points at its own empty string for an absent one. */
static char *present(const char *text)
{
    static char empty[] = "";
    return text[0] == '\0' ? empty : (char *)text;
}

#define TAKE(row, member, UPPER)                                                                   \
    if (named[row] != NULL) {                                                                      \
        updated->_##member##_case = CPTS__V1__CPTS_IDENTITY_UPDATED___##UPPER##_##UPPER;           \
        updated->member = present(named[row]);                                                     \
    }

static void describe(const char *const named[FIELDS], Cpts__V1__CptsIdentityUpdated *updated){
    TAKE(0, legal_form, LEGAL_FORM) TAKE(1, statuts_on, STATUTS_ON) TAKE(2, rna, RNA)
        TAKE(3, siret, SIRET) TAKE(4, nature, NATURE) TAKE(5, origin, ORIGIN)
            TAKE(6, ambition, AMBITION)}

cpts_status identity_update_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__UpdateIdentityRequest *request = message;
    const char *named[FIELDS] = {NULL};
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_date(request->effective_on, err);
    if (status == CPTS_OK)
        status = read_mask(request, named, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsIdentityUpdated updated = CPTS__V1__CPTS_IDENTITY_UPDATED__INIT;
    updated.effective_on = request->effective_on;
    describe(named, &updated);
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_IDENTITY_UPDATED;
    change.cpts_identity_updated = &updated;
    struct command command = {STATEMENT_IDENTITY_UPDATE, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, request->effective_on);
    for (int row = 0; row < FIELDS; row++)
        query_text(call->query, named[row]);
    return CPTS_OK;
}

cpts_status identity_update_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__update_identity_response__descriptor, err);
}
