/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_redial.h"

#include <string.h>

#include "wire/reason.h"

#define MIN_DEFAULT_MS 200
#define MAX_DEFAULT_MS 30000
#define DOUBLINGS_MAX 20

static bool is_for_people(const struct cpts_error *err)
{
    return err->status == CPTS_PERMISSION_DENIED || err->status == CPTS_UNAUTHENTICATED ||
           err->status == CPTS_FAILED_PRECONDITION || err->status == CPTS_INVALID_ARGUMENT ||
           err->status == CPTS_UNIMPLEMENTED;
}

static int64_t ceiling_ms(const struct sync_redial *redial, const struct cpts_error *err)
{
    int64_t min_ms = redial->min_ms == 0 ? MIN_DEFAULT_MS : redial->min_ms;
    int64_t max_ms = redial->max_ms == 0 ? MAX_DEFAULT_MS : redial->max_ms;
    int32_t doublings =
        redial->failure_count > DOUBLINGS_MAX ? DOUBLINGS_MAX : redial->failure_count;
    int64_t ceiling = min_ms << doublings;
    return is_for_people(err) || ceiling > max_ms ? max_ms : ceiling;
}

int32_t cpts_sync_redial__pause_ms(struct sync_redial *redial, const struct cpts_error *err,
                                   bool was_useful, uint32_t random)
{
    if (was_useful)
        redial->failure_count = 0;
    if (strcmp(err->reason, reason_name(REASON_NODE_RESTORED)) == 0)
        return 0;
    int64_t pause_ms = random % (uint32_t)(ceiling_ms(redial, err) + 1);
    redial->failure_count++;
    if (pause_ms < err->retry_after_ms)
        pause_ms = err->retry_after_ms;
    return (int32_t)pause_ms;
}
