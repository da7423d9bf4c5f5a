/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_SIGNATURE_H
#define WIRE_SIGNATURE_H

/**
 * @file
 * Ed25519 (RFC 8032, libsodium) with domain separation: what is signed is
 * always a label, one zero byte, and the bytes. A signature made for one
 * purpose is therefore never one for another.
 *
 * Threads: pure functions, any thread.
 */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNATURE_BYTES 64
#define SIGNATURE_KEY_BYTES 32
/** Secret half as libsodium has it: seed, then public key. */
#define SIGNATURE_SECRET_BYTES 64
/** Most bytes that are signed at once; larger things are signed by their hash. */
#define SIGNATURE_INPUT_BYTES_MAX 8192

/** Signs @p bytes (at most SIGNATURE_INPUT_BYTES_MAX) under @p label.
 * @return false, output untouched, when there are more. */
bool signature_make(const char *label, const uint8_t *bytes, size_t byte_count,
                    const uint8_t secret[SIGNATURE_SECRET_BYTES],
                    uint8_t ret_signature[SIGNATURE_BYTES]);

/** Whether @p signature is one of @p key over @p bytes under @p label. */
bool signature_verify(const char *label, const uint8_t *bytes, size_t byte_count,
                      const ProtobufCBinaryData *signature, const uint8_t key[SIGNATURE_KEY_BYTES]);

#endif
