/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_OUTBOX_TICKET_H
#define SDK_OUTBOX_TICKET_H

/**
 * @file
 * The outbox as a call sees it: a command is kept before it is sent, and what came
 * of it is kept when it is over.
 *
 * A command that is about to be sent counts as POSSIBLY_ACCEPTED from before its
 * first byte leaves: whoever is killed in between finds it so.
 *
 * Threads: any thread; a ticket, one thread at a time.
 */

#include <cpts/outbox.h>

#include "operation.h"

/** A command of the box that a call has in hand. Zero: none. */
struct outbox_ticket {
    cpts_outbox *outbox;
    int64_t place;
    /** It was put in by this call. */
    bool is_new;
    /** What was known before. */
    enum cpts_outbox_state state;
    /** Which attempt this is, of all processes; from 1. */
    int64_t attempt;
};

/** Whether commands of this kind are kept. */
bool cpts_outbox__takes(enum operation operation);

/** Keeps a command that is about to be sent.
 * @param request  Packed, with its command_id.
 * @return CPTS_OK: to be sent, and ended with settle() or discard() · UNAVAILABLE /
 *         COMMAND_KEPT: older ones wait, it is not to be sent · ALREADY_EXISTS /
 *         COMMAND_ID_REUSED · RESOURCE_EXHAUSTED / OUTBOX_FULL · as cpts_outbox_open(). */
CPTS_MUST_CHECK cpts_status cpts_outbox__keep(cpts_outbox *outbox, enum operation operation,
                                              const char *command_id, struct cpts_bytes request,
                                              struct outbox_ticket *ret_ticket,
                                              struct cpts_error *err);

/** Takes the oldest command that waits after a place, to send it.
 * @param ret_request  From malloc. @param ret_operation  OPERATION_COUNT: this library
 *                     does not know the method.
 * @return CPTS_OK, with place 0 in the ticket when none waits. */
CPTS_MUST_CHECK cpts_status cpts_outbox__take(cpts_outbox *outbox, int64_t after_place,
                                              struct outbox_ticket *ret_ticket,
                                              enum operation *ret_operation,
                                              struct cpts_bytes *ret_request,
                                              struct cpts_error *err);

/** Keeps how the call ended. @p err says it, as far as it failed.
 * @param ret_state  What is known now. NULL is fine.
 * @return @p status when that settles the command; UNAVAILABLE / COMMAND_KEPT, in
 *         @p err too, when it waits on. */
cpts_status cpts_outbox__settle(const struct outbox_ticket *ticket, cpts_status status,
                                enum cpts_outbox_state *ret_state, struct cpts_error *err);

/** It was not sent after all, and its caller is told so. */
void cpts_outbox__discard(const struct outbox_ticket *ticket);

#endif
