/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_redial.h"

#include <string.h>

#include "wire/reason.h"

#define MIN_DEFAULT_MS 200
#define MAX_DEFAULT_MS 30000
#define DOUBLINGS_MAX 20
/* Whatever the other side says. */
#define RETRY_AFTER_MAX_MS (10 * 60 * 1000)

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
    int64_t pause_ms = random % (uint32_t)(ceiling_ms(redial, err) + 1);
    int32_t told_ms =
        err->retry_after_ms > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : err->retry_after_ms;
    bool is_restored = strcmp(err->reason, reason_name(REASON_NODE_RESTORED)) == 0;
    /* Not again and again: the other side may say so, too. */
    if (redial->failure_count++ == 0 && is_restored)
        return 0;
    return (int32_t)(pause_ms < told_ms ? told_ms : pause_ms);
}
