/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRANSPORT_DUPLEX_H
#define SDK_TRANSPORT_DUPLEX_H

/**
 * @file
 * A call with many messages both ways at once. What comes is taken in by a thread of the
 * call's own, also while somebody waits to send, up to a bound.
 *
 * Threads: one that sends and receives; wake and hurry from any.
 */

#include "transport.h"

struct transport_duplex;

/** Begins the call; it connects when needed.
 * @param inbox_bytes_max  What may wait to be received; while it is more, nothing is
 *                         taken in.
 * @return RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_transport__duplex_open(struct transport *transport,
                                                        enum operation operation,
                                                        size_t inbox_bytes_max,
                                                        struct transport_duplex **ret_duplex,
                                                        struct cpts_error *err);

/** Sends; copies. Waits until the message before it has left, a minute at most.
 * @return how the call ended, when it has; UNAVAILABLE / CONNECTION_FAILED when the other
 *         side takes nothing, at once from then on. */
CPTS_MUST_CHECK cpts_status cpts_transport__duplex_send(struct transport_duplex *duplex,
                                                        const uint8_t *bytes, size_t byte_count,
                                                        struct cpts_error *err);

/** Waits for a message, into memory from malloc; NULL when none came in time, or
 * somebody woke it.
 * @return how the call ended, once all that came was received; CPTS_OK of the server is
 *         UNAVAILABLE / CONNECTION_FAILED. */
CPTS_MUST_CHECK cpts_status cpts_transport__duplex_receive(struct transport_duplex *duplex,
                                                           int32_t timeout_ms, uint8_t **ret_bytes,
                                                           size_t *ret_byte_count,
                                                           struct cpts_error *err);
/** Makes receive() return soon. */
void cpts_transport__duplex_wake(struct transport_duplex *duplex);
/** As wake, and send() waits no longer than @p grace_ms from now on. */
void cpts_transport__duplex_hurry(struct transport_duplex *duplex, int32_t grace_ms);
/** What was sent leaves, at most for @p grace_ms; then it is cancelled and released. */
void cpts_transport__duplex_close(struct transport_duplex *duplex, int32_t grace_ms);

#endif
