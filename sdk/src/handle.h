/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_HANDLE_H
#define SDK_HANDLE_H

/**
 * @file
 * What a client is made of. Its parts are the same from its opening to its end,
 * and see to their own threads.
 */

#include <cpts/client.h>

#include "retry.h"
#include "statistics.h"

struct engine;
struct transport;
struct trust;

struct cpts_client {
    struct transport *transport;
    struct engine *engine;
    struct trust *trust;
    /** Where its commands are kept; NULL = nowhere. */
    cpts_outbox *outbox;
    struct retry_policy policy;
    int32_t timeout_ms;
    struct statistics statistics;
};

#endif
