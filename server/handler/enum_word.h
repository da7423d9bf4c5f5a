/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_ENUM_WORD_H
#define HANDLER_ENUM_WORD_H

/**
 * @file
 * Values of an enum of the contract as the database writes them: the name of the
 * value without what the enum's names begin with, "" for its zero.
 *
 * Threads: pure functions, any thread.
 */

#include <protobuf-c/protobuf-c.h>

/** "SNP" of USE_CASE_SNP; "" for the zero and for a number the enum does not have. */
const char *enum_word(const ProtobufCEnumDescriptor *type, int number);

/** The number of a word, 0 when there is none. */
int enum_word_find(const ProtobufCEnumDescriptor *type, const char *word);

#endif
