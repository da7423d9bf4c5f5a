/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/stage_basis.h"

#include <string.h>

#include "wire/error.h"

#define BASIS_COUNT 4

static const char *const CODES[BASIS_COUNT] = {"HISTORY", "HISTORY", "DECISION", "TACIT"};

const char *stage_basis_code(Cpts__V1__StageBasis basis)
{
    return (unsigned)basis < BASIS_COUNT ? CODES[basis] : CODES[0];
}

Cpts__V1__StageBasis stage_basis_find(const char *code)
{
    for (int basis = BASIS_COUNT - 1; basis > 0; basis--) {
        if (strcmp(CODES[basis], code) == 0)
            return (Cpts__V1__StageBasis)basis;
    }
    return CPTS__V1__STAGE_BASIS__STAGE_BASIS_HISTORY;
}

cpts_status stage_basis_check(Cpts__V1__StageBasis basis, const struct transition *transition,
                              struct cpts_error *err)
{
    if ((unsigned)basis >= BASIS_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "basis", "not a basis");
    if (basis == CPTS__V1__STAGE_BASIS__STAGE_BASIS_TACIT && !transition->tacit)
        return error_set_field(err, REASON_FIELD_INVALID, "basis",
                               "silence does not decide that step");
    return CPTS_OK;
}
