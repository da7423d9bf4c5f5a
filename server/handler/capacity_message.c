/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/capacity_message.h"

#include "base/call.h"
#include "handler/request.h"
#include "store/rows.h"

bool capacity_objective_read(struct call *call, const struct rows *rows, int column,
                             Cpts__V1__CapacityObjective **ret_objective)
{
    if (rows_is_null(rows, 0, column))
        return true;
    Cpts__V1__CapacityObjective *objective =
        request_message(call, &cpts__v1__capacity_objective__descriptor);
    if (objective == NULL)
        return false;
    objective->snp_percent = rows_double(rows, 0, column);
    objective->source = (char *)rows_text(rows, 0, column + 1);
    objective->confidence = (char *)rows_text(rows, 0, column + 2);
    *ret_objective = objective;
    return true;
}
