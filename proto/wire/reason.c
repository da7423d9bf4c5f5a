/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reason.h"

#include <string.h>

struct reason_row {
    const char *name;
    cpts_status status;
    bool retryable;
};

static const struct reason_row ROWS[REASON_COUNT] = {
#define REASON_ROW(name, status, retryable) {#name, CPTS_##status, retryable},
    REASON_TABLE(REASON_ROW)
#undef REASON_ROW
};

/* A value outside the table is a bug of the caller: it shows as INTERNAL_ERROR. */
static const struct reason_row *row_of(enum reason reason)
{
    return &ROWS[(unsigned)reason < REASON_COUNT ? reason : REASON_INTERNAL_ERROR];
}

const char *reason_name(enum reason reason)
{
    return row_of(reason)->name;
}

cpts_status reason_status(enum reason reason)
{
    return row_of(reason)->status;
}

bool reason_retryable(enum reason reason)
{
    return row_of(reason)->retryable;
}

enum reason reason_find(const char *name)
{
    int found = 0;
    while (found < REASON_COUNT && strcmp(ROWS[found].name, name) != 0)
        found++;
    return (enum reason)found;
}
