/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/status.h>

static const char *const NAMES[] = {
    [CPTS_OK] = "OK",
    [CPTS_CANCELLED] = "CANCELLED",
    [CPTS_UNKNOWN] = "UNKNOWN",
    [CPTS_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
    [CPTS_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
    [CPTS_NOT_FOUND] = "NOT_FOUND",
    [CPTS_ALREADY_EXISTS] = "ALREADY_EXISTS",
    [CPTS_PERMISSION_DENIED] = "PERMISSION_DENIED",
    [CPTS_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
    [CPTS_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
    [CPTS_ABORTED] = "ABORTED",
    [CPTS_OUT_OF_RANGE] = "OUT_OF_RANGE",
    [CPTS_UNIMPLEMENTED] = "UNIMPLEMENTED",
    [CPTS_INTERNAL] = "INTERNAL",
    [CPTS_UNAVAILABLE] = "UNAVAILABLE",
    [CPTS_DATA_LOSS] = "DATA_LOSS",
    [CPTS_UNAUTHENTICATED] = "UNAUTHENTICATED",
};

const char *cpts_status_name(cpts_status status)
{
    unsigned index = (unsigned)status;
    return index < sizeof NAMES / sizeof NAMES[0] ? NAMES[index] : "UNRECOGNISED";
}
