/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_CHECKPOINT_FILE_H
#define FEDERATION_CHECKPOINT_FILE_H

/**
 * @file
 * The file with the secret half of the key that signs a node's checkpoints.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>

#include "federation/node_store.h"

/**
 * @param path  64 hexadecimal digits, of a file that nobody but its owner may read; ""
 *              gives a signer without a key.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID.
 */
CPTS_MUST_CHECK cpts_status checkpoint_file_read(const char *path,
                                                 struct checkpoint_signer *ret_signer,
                                                 struct cpts_error *err);

#endif
