/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_WIPING_HEAP_H
#define TOOL_WIPING_HEAP_H

/**
 * @file
 * The heap of JSON: opened texts and keys of attachments pass through it.
 *
 * What it does not reach: a text from json_dumps() that is released with free() by
 * its taker, which wipes it itself where it is secret, and the buffer of stdout.
 */

/** From now on libjansson wipes what it releases, whoever calls it in this process. Once,
 * before the first JSON and before there are threads. */
void wiping_heap_begin(void);

/** Wipes a block from malloc(), all of it; none is fine. */
void wiping_heap_clear(void *block);

#endif
