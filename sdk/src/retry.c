/* SPDX-License-Identifier: Apache-2.0 */
#include "retry.h"

bool cpts_retry__is_wanted(const struct retry_policy *policy, int32_t attempt,
                           const struct cpts_error *err, bool is_verdict)
{
    if (attempt >= policy->retry_max)
        return false;
    return err->status == CPTS_UNAVAILABLE || (err->status == CPTS_CANCELLED && !is_verdict) ||
           (err->status == CPTS_RESOURCE_EXHAUSTED && err->retry_after_ms > 0);
}

int32_t cpts_retry__pause_ms(const struct retry_policy *policy, int32_t attempt,
                             const struct cpts_error *err, uint32_t random)
{
    int64_t ceiling = policy->pause_ms;
    for (int32_t i = 0; i < attempt && ceiling < RETRY_PAUSE_MAX_MS; i++)
        ceiling *= 2;
    if (ceiling > RETRY_PAUSE_MAX_MS)
        ceiling = RETRY_PAUSE_MAX_MS;
    int64_t pause = (int64_t)((uint64_t)random * ((uint64_t)ceiling + 1) >> 32);
    pause += err->retry_after_ms > 0 ? err->retry_after_ms : 0;
    return pause > INT32_MAX ? INT32_MAX : (int32_t)pause;
}

bool cpts_retry__is_doubtful(cpts_status status, bool is_sent, bool is_verdict)
{
    if (status == CPTS_OK)
        return false;
    return is_verdict ? status == CPTS_UNKNOWN : is_sent;
}

bool cpts_retry__settles(cpts_status status, bool is_verdict)
{
    if (status == CPTS_OK)
        return true;
    return is_verdict && status != CPTS_UNAVAILABLE && status != CPTS_RESOURCE_EXHAUSTED &&
           status != CPTS_DEADLINE_EXCEEDED && status != CPTS_UNKNOWN && status != CPTS_CANCELLED;
}
