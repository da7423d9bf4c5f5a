/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_FEDERATION_FACE_H
#define FEDERATION_FEDERATION_FACE_H

/**
 * @file
 * This node among the others: sessions of those who dial it, and, of a regional node,
 * the one with the node above. Goes on by itself after whatever was cut.
 *
 * Threads: any, but open and close from one.
 */

#include <cpts/sync.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/principal.h"
#include "wire/signature.h"

struct call;
struct federation;
struct frame_link;

/** Texts are copied. */
struct federation_options {
    /** libpq connection string. */
    const char *conninfo;
    /** Name of this node, and the domain of the identities. */
    const char *node;
    const char *trust_domain;
    /** host:port of the node above; "" = there is none. */
    const char *upstream;
    /** Name in its certificate; "" = the upstream's host. */
    const char *upstream_name;
    /** PEM files: this node's own, also for dialling. */
    const char *ca;
    const char *certificate;
    const char *key;
    /** "" = checkpoints are not signed. */
    const char *checkpoint_key;
    /** What enrolment told of the node above (federation/pin_file.h); "" = nothing did. */
    const char *upstream_pin;
    /** Sessions of those who dial, at once. */
    int32_t sessions;
    /** How the engine goes about it. */
    struct cpts_sync_options sync;
};

/**
 * Reads the key, begins to follow the log, and dials the node above.
 *
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status federation_open(const struct federation_options *options,
                                            struct federation **ret_federation,
                                            struct cpts_error *err);

/**
 * Begins to serve a session for who dials, on a thread of its own.
 *
 * @param ret_link  State of its stream (federation/frame_link.h), whose the stream's
 *                  reference is.
 * @return CPTS_OK · PERMISSION_DENIED / NODE_UNKNOWN: no node, and no CPTS · FAILED_PRECONDITION /
 *         SYNC_NOT_OFFERED · RESOURCE_EXHAUSTED / TOO_MANY_STREAMS, OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status federation_serve(struct federation *federation,
                                             const struct principal *principal,
                                             struct frame_link **ret_link, struct cpts_error *err);

/** Who this node is to those whom it enrols. */
struct federation_identity {
    int32_t epoch;
    /** False: it signs no checkpoints, and nobody can be enrolled below it. */
    bool has_key;
    uint8_t checkpoint_key[SIGNATURE_KEY_BYTES];
};

/** As last looked up. */
void federation_identify(const struct federation *federation,
                         struct federation_identity *ret_identity);

/** One session, or the last one with that peer since the start. */
struct federation_peer {
    char node[CPTS_SYNC_NODE_BYTES];
    /** It is the node above. */
    bool is_upstream;
    struct cpts_sync_status status;
};

/** How the sessions fare. @return how many, at most @p peers_max. */
int federation_read_peers(struct federation *federation, struct federation_peer *peers,
                          int peers_max);

/** Has digests compared with @p node, or with all for "", and repaired.
 * @return with how many that was begun. */
int federation_verify(struct federation *federation, const char *node, bool repair);

/**
 * Hands a call on whose failure is NOT_OWNER, when the owner is the node above: in its
 * own bytes, on behalf of who made it.
 *
 * @return true: the call is taken over; one call->reply follows, on another thread.
 *         false: it stays the caller's, and so does its error.
 */
bool federation_forward(struct federation *federation, struct call *call);

/** Whether the node takes no commands of its own; as last looked up, or told. */
bool federation_is_read_only(const struct federation *federation);

/** Looks up its epoch, and whether the node takes commands. Blocks: from one thread. */
void federation_refresh(struct federation *federation);

/** Reads the certificates and what is pinned of the node above again, and dials anew.
 * From one thread. @return as federation_open(); on failure what was there goes on. */
CPTS_MUST_CHECK cpts_status federation_reload(struct federation *federation,
                                              struct cpts_error *err);

/** Ends every session soon; nobody new is served. */
void federation_stop(struct federation *federation);

/** Ends everything. NULL is fine. */
void federation_close(struct federation *federation);

#endif
