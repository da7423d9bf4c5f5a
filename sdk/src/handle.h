/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_HANDLE_H
#define SDK_HANDLE_H

/**
 * @file
 * What a client is made of. Constant after its opening.
 */

#include <cpts/client.h>

#include "retry.h"

struct transport;

struct cpts_client {
    struct transport *transport;
    struct retry_policy policy;
    int32_t timeout_ms;
};

#endif
