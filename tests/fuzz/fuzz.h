/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/**
 * @file
 * What every fuzz target has. A target takes any bytes; what must hold for them
 * it requires, beyond what the sanitizers see by themselves.
 *
 * Threads: one thread.
 */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/** Ends the process, which libFuzzer takes for a crash, when it does not hold. */
#define REQUIRE(condition) fuzz_require((condition), #condition, __FILE__, __LINE__)

void fuzz_require(bool holds, const char *condition, const char *file, int line);

/** The message type that the first byte of an input chooses. */
const ProtobufCMessageDescriptor *fuzz_type(uint8_t selector);

/** Whether protobuf's JSON mapping of @p type leaves nothing of it out: no map
 * and no google.protobuf.Any in it. */
bool fuzz_type_has_json(const ProtobufCMessageDescriptor *type);

/** The packed message, @p ret_bytes long, from malloc. */
uint8_t *fuzz_pack(const ProtobufCMessage *message, size_t *ret_bytes);

/** Called by libFuzzer for each input. @return 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#endif
