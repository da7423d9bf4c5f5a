/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/pathway_message.h"

#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "store/rows.h"

/* Columns of a step, from the first of them on. */
enum step_column { STEP, LABEL, USE_CASE, URGENCY, PROFESSION, SPECIALITY, PREVIOUS, DELAY };

int pathway_enum_find(const ProtobufCEnumDescriptor *type, const char *prefix, const char *name)
{
    size_t prefix_bytes = strlen(prefix);
    for (unsigned i = 0; i < type->n_values; i++) {
        if (strncmp(type->values[i].name, prefix, prefix_bytes) == 0 &&
            strcmp(type->values[i].name + prefix_bytes, name) == 0)
            return type->values[i].value;
    }
    return 0;
}

Cpts__V1__PathwayTemplateStep *pathway_step_read(struct call *call, const struct rows *rows,
                                                 int row, int column)
{
    Cpts__V1__PathwayTemplateStep *step =
        request_message(call, &cpts__v1__pathway_template_step__descriptor);
    char **previous = NULL;
    int count =
        step == NULL ? -1 : rows_array(rows, row, column + PREVIOUS, call->arena, &previous);
    if (count < 0)
        return NULL;
    step->code = (char *)rows_text(rows, row, column + STEP);
    step->label = (char *)rows_text(rows, row, column + LABEL);
    step->use_case = (Cpts__V1__UseCase)pathway_enum_find(
        &cpts__v1__use_case__descriptor, "USE_CASE_", rows_text(rows, row, column + USE_CASE));
    step->urgency = (Cpts__V1__Urgency)pathway_enum_find(&cpts__v1__urgency__descriptor, "URGENCY_",
                                                         rows_text(rows, row, column + URGENCY));
    step->profession = (char *)rows_text(rows, row, column + PROFESSION);
    step->speciality = (char *)rows_text(rows, row, column + SPECIALITY);
    step->previous = previous;
    step->n_previous = (size_t)count;
    step->delay_days = (int32_t)rows_int(rows, row, column + DELAY);
    return step;
}
