/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/deadline.h"

#include "rpc/server.h"
#include "wire/error.h"

#define NS_PER_S 1000000000LL

cpts_status deadline_read(gpr_timespec deadline, int64_t now_ns, int64_t *ret_deadline_ns,
                          struct cpts_error *err)
{
    gpr_timespec forever = gpr_inf_future(deadline.clock_type);
    if (gpr_time_cmp(deadline, forever) == 0)
        return error_set(err, REASON_DEADLINE_REQUIRED,
                         "The call has no deadline; give it one of at most ten minutes");
    deadline = gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC);
    int64_t latest_ns = now_ns + RPC_DEADLINE_MAX_NS;
    int64_t deadline_ns = deadline.tv_sec < 0 ? 0 : latest_ns;
    if (deadline.tv_sec >= 0 && deadline.tv_sec <= latest_ns / NS_PER_S)
        deadline_ns = deadline.tv_sec * NS_PER_S + deadline.tv_nsec;
    if (deadline_ns <= now_ns)
        return error_set(err, REASON_DEADLINE_PASSED, "The deadline passed before the call began");
    *ret_deadline_ns = deadline_ns < latest_ns ? deadline_ns : latest_ns;
    return CPTS_OK;
}
