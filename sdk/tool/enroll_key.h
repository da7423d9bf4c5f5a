/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_ENROLL_KEY_H
#define TOOL_ENROLL_KEY_H

/**
 * @file
 * The private key of somebody who enrols, made on its own machine, and the
 * certificate request signed with it.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most bytes of a request that is made here. */
#define ENROLL_REQUEST_BYTES 1024
/** Bytes of the id that a request gives to the command that carries it. */
#define ENROLL_ID_BYTES 16

struct enroll_request {
    /** PKCS #10, DER. */
    uint8_t der[ENROLL_REQUEST_BYTES];
    size_t der_bytes;
};

/**
 * Makes an EC key on P-256 at @p path, which must not exist, mode 0600.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID: why not.
 */
CPTS_MUST_CHECK cpts_status enroll_key_make(const char *path, struct cpts_error *err);

/** Signs a request with the key at @p path; it names nobody, for the node says who
 * comes. FAILED_PRECONDITION / CONFIGURATION_INVALID for what is no key. */
CPTS_MUST_CHECK cpts_status enroll_key_request(const char *path, struct enroll_request *ret_request,
                                               struct cpts_error *err);

#define ENROLL_CHECKPOINT_KEY_BYTES 32

/** The key that a node signs its checkpoints with (Ed25519): makes the file at @p path,
 * mode 0600, 64 hexadecimal digits, unless it is there already.
 * @param ret_key  Its public half.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID. */
CPTS_MUST_CHECK cpts_status enroll_checkpoint_key(const char *path,
                                                  uint8_t ret_key[ENROLL_CHECKPOINT_KEY_BYTES],
                                                  struct cpts_error *err);

/** Keeps a request, so that a run that was cut off sends the same again; reads it back.
 * @return false when there is none, or it cannot be written. */
bool enroll_request_keep(const char *path, const struct enroll_request *request);
bool enroll_request_read(const char *path, struct enroll_request *ret_request);

/** A UUID from token and request: the same two, the same command. @p token may be empty. */
void enroll_request_id(const char *token, const struct enroll_request *request,
                       uint8_t ret_id[ENROLL_ID_BYTES]);

#endif
