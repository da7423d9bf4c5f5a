/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_TABLE_HASH_H
#define WIRE_TABLE_HASH_H

/**
 * @file
 * One hash over all tables of steps that both ends judge by: stages, filings,
 * referrals. Nodes compare it when they meet.
 *
 * Threads: pure functions, any thread.
 */

#include <stdint.h>

#define TABLE_HASH_BYTES 32

/** SHA-256 of the tables' content. */
void table_hash(uint8_t ret_hash[TABLE_HASH_BYTES]);

#endif
