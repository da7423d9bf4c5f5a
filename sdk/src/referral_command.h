/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_REFERRAL_COMMAND_H
#define SDK_REFERRAL_COMMAND_H

/**
 * @file
 * What the commands of referrals share.
 *
 * Threads: any thread; an arena, one thread at a time.
 */

#include <cpts/referral_act.h>

#include "command_call.h"
#include "exchange.h"
#include "referral_convert.h"

/** `take` and `deliver` of a command whose response is that of an act. */
cpts_status cpts_referral__take_outcome(const struct answer *answer, struct cpts_error *err);
void cpts_referral__deliver_outcome(const struct completion *completion);

/** Makes the call of a command whose response is that of an act. */
CPTS_MUST_CHECK cpts_status cpts_referral__send(const struct command_call *command,
                                                enum operation operation,
                                                const ProtobufCMessageDescriptor *response,
                                                const ProtobufCMessage *request,
                                                struct cpts_error *err);

/** Unpacks bytes that the library packed. @return NULL for none (CPTS_OK) ·
 * INVALID_ARGUMENT / ARGUMENT_INVALID with @p field · OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_referral__unpack(const ProtobufCMessageDescriptor *type,
                                                  const struct cpts_bytes *packed,
                                                  struct arena *arena,
                                                  ProtobufCMessage **ret_message,
                                                  struct cpts_error *err);

/** Recipients as messages in @p arena. */
CPTS_MUST_CHECK cpts_status cpts_referral__recipients(const struct cpts_sealed_recipient *from,
                                                      size_t count, struct arena *arena,
                                                      Cpts__V1__Recipient ***ret_recipients,
                                                      struct cpts_error *err);

#endif
