/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_REFLECTION_INDEX_H
#define RPC_REFLECTION_INDEX_H

/**
 * @file
 * The embedded descriptors by file and by symbol.
 *
 * Threads: constant once made, any thread.
 */

#include <google/protobuf/descriptor.pb-c.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

struct reflection_index {
    Google__Protobuf__FileDescriptorSet *set;
    /** The files' own bytes, as they were embedded: file i is set->file[i]. */
    ProtobufCBinaryData *files;
    size_t file_count;
};

/** Reads the embedded set into @p arena. @return false when that is too small. */
bool reflection_index_init(struct reflection_index *index, struct arena *arena);

/** Number of the file of that name, or of the one that declares the symbol
 * `package.Service`, `package.Service.Method`, `package.Type`, also nested, its
 * fields and values; -1 when there is none. */
int reflection_index_file(const struct reflection_index *index, const char *name);
int reflection_index_symbol(const struct reflection_index *index, const char *symbol);

/** Marks a file and everything it imports in @p marks, one for each file. */
void reflection_index_closure(const struct reflection_index *index, int file, bool *marks);

#endif
