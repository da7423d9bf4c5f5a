/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_PIN_FILE_H
#define FEDERATION_PIN_FILE_H

/**
 * @file
 * What enrolment told a regional node of the one above it: the file that `cptsctl node
 * join` writes beside the profile. Not a secret; who may write it names the node above.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <cpts/sync_value.h>
#include <stdbool.h>

#include "wire/digest.h"
#include "wire/signature.h"

struct upstream_pin {
    /** False: nothing was told. */
    bool has_pin;
    char node[CPTS_SYNC_NODE_BYTES];
    int32_t epoch;
    uint8_t checkpoint_key[SIGNATURE_KEY_BYTES];
    /** SHA-256 of the authority (DER) that its certificate is of. */
    uint8_t authority[DIGEST_BYTES];
    /** Epoch of this node: the next one when it took another machine's place. */
    int32_t own_epoch;
};

/**
 * @param path  Section `upstream` with `node`, `epoch` and `own_epoch` (from 1),
 *              `checkpoint_key` and `authority` (64 hexadecimal digits each); "" gives
 *              one without a pin.
 * @param ret_pin  Set on CPTS_OK only.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID.
 */
CPTS_MUST_CHECK cpts_status pin_file_read(const char *path, struct upstream_pin *ret_pin,
                                          struct cpts_error *err);

/** Whether the PEM file @p path holds the certificate of which @p sha256 is the print. */
bool pin_file_holds(const char *path, const uint8_t sha256[DIGEST_BYTES]);

#endif
