/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_DESCRIPTORS_H
#define WIRE_DESCRIPTORS_H

/**
 * @file
 * The embedded google.protobuf.FileDescriptorSet of every service.
 *
 * Threads: constants.
 */

#include <stdint.h>

/** First byte of the set. */
extern const uint8_t cpts_descriptors[];
/** One past its last byte. */
extern const uint8_t cpts_descriptors_end[];

#endif
