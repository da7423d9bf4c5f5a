/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/deadline.h"

#include "rpc/server.h"
#include "wire/error.h"

#define NS_PER_S 1000000000LL
/** Of the time left, what is kept for the answer's way back: an answer that
 * leaves at the deadline itself never says why to anybody. */
#define ANSWER_SHARE 8
#define ANSWER_MAX_NS (NS_PER_S / 10)

static int64_t keep_for_answer(int64_t left_ns)
{
    int64_t share_ns = left_ns / ANSWER_SHARE;
    return share_ns < ANSWER_MAX_NS ? share_ns : ANSWER_MAX_NS;
}

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
    deadline_ns = deadline_ns < latest_ns ? deadline_ns : latest_ns;
    *ret_deadline_ns = deadline_ns - keep_for_answer(deadline_ns - now_ns);
    return CPTS_OK;
}
