/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_INTEGRATION_SDK_PEER_H
#define TESTS_INTEGRATION_SDK_PEER_H

/**
 * @file
 * Servers that the SDK's clients may call: real TLS and gRPC, invented answers.
 * Every method answers with an empty response, GetCpts with the id asked for
 * and the peer's number as its version. GetCpts and RecordStage go by their id:
 *
 *   held         kept until peer_release(), or until the peer is closed
 *   missing      NOT_FOUND / CPTS_NOT_FOUND
 *   later        RESOURCE_EXHAUSTED / QUEUE_FULL, to be repeated in an hour
 *   unavailable  UNAVAILABLE / DATABASE_UNAVAILABLE
 *
 * Threads: one thread at a time, but for the members that are atomic.
 */

#include <cpts/async.h>
#include <stdatomic.h>

#include "integration/rpc_fixture.h"

struct peer {
    struct fixture fixture;
    int number;
    /** Calls that came. */
    atomic_int call_count;
    /** So many calls more are answered UNAVAILABLE, whatever they are. */
    atomic_int refusals;
    char address[32];
};

/** Starts a peer; ends the program when it cannot. */
void peer_open(struct peer *peer, int number);
void peer_close(struct peer *peer);

/** Waits until @p count calls are held, at all peers together. */
void peer_wait_held(int count);
/** Answers every held call, from another thread. */
void peer_release(void);

#define PEER_SUBMISSIONS_MAX 8

/** What came of referrals, at all peers together. */
struct peer_memory {
    /** Submissions are held, as `held` is. */
    bool holds_submissions;
    /** SHA-256 of the request of each submission, in order. */
    uint8_t submissions[PEER_SUBMISSIONS_MAX][32];
    int submission_count;
    /** Chunks that came, as bits, and how often one came. */
    unsigned chunks;
    int chunk_calls;
};

void peer_recall(struct peer_memory *ret_memory);
void peer_forget(bool holds_submissions);

/** Options of a client of @p address with the national node's certificate. The
 * texts live as long as the program; the next call may change them. */
struct cpts_client_options peer_options(const char *address);
/** Opens a client; ends the program when it cannot. */
cpts_client *peer_client(const struct cpts_client_options *options);

#endif
