/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/core_log.h"

#include <grpc/support/log.h>
#include <pthread.h>

#include "base/log.h"

static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void write_message(gpr_log_func_args *args)
{
    static struct log_limit limit;
    if (args->severity == GPR_LOG_SEVERITY_ERROR)
        log_write_limited(&limit, LOG_WARNING, "grpc", "%s", args->message);
    else
        log_write(LOG_DEBUG, "grpc", "%s", args->message);
}

static void install(void)
{
    gpr_set_log_function(write_message);
}

void core_log_install(void)
{
    pthread_once(&installed, install);
}
