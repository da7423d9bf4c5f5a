/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_CONVERT_H
#define SDK_SYNC_CONVERT_H

/**
 * @file
 * Between the structs of cpts/sync_value.h and the messages of a session. Messages
 * borrow the structs' texts and bytes, and the other way round.
 *
 * Threads: any thread; the arena is the caller's.
 */

#include <cpts/sync_value.h>
#include <cpts/v1/federation.pb-c.h>

struct arena;

/** Greatest epoch that anybody may tell, so that one more is one as well. */
#define SYNC_EPOCH_MAX 1000000000

/* To messages in @p arena; NULL when it is full. */

Cpts__V1__SyncEntry *cpts_sync_convert__entry(const struct cpts_sync_entry *entry,
                                              struct arena *arena);
Cpts__V1__SyncWithheld *cpts_sync_convert__withheld(const struct cpts_sync_withheld *withheld,
                                                    struct arena *arena);
/** Without its rows. */
Cpts__V1__SyncImage *cpts_sync_convert__image(const struct cpts_sync_image *image,
                                              struct arena *arena);
Cpts__V1__SyncCursor *cpts_sync_convert__cursor(const struct cpts_sync_cursor *cursor,
                                                struct arena *arena);
Cpts__V1__SyncCheckpoint *
cpts_sync_convert__checkpoint(const struct cpts_sync_checkpoint *checkpoint, struct arena *arena);
Cpts__V1__SyncAggregate *cpts_sync_convert__aggregate(const struct cpts_sync_aggregate *aggregate,
                                                      struct arena *arena);
Google__Protobuf__Timestamp *cpts_sync_convert__instant(int64_t instant_us, struct arena *arena);
/** Borrowed. */
ProtobufCBinaryData cpts_sync_convert__bytes(const void *bytes, size_t byte_count);

/* From messages. False: a field is not what it may be; the output is then undefined. */

bool cpts_sync_convert__read_entry(const Cpts__V1__SyncEntry *message,
                                   struct cpts_sync_entry *ret_entry);
bool cpts_sync_convert__read_withheld(const Cpts__V1__SyncWithheld *message,
                                      struct cpts_sync_withheld *ret_withheld);
/** Without its rows. */
bool cpts_sync_convert__read_image(const Cpts__V1__SyncImage *message,
                                   struct cpts_sync_image *ret_image);
bool cpts_sync_convert__read_cursor(const Cpts__V1__SyncCursor *message,
                                    struct cpts_sync_cursor *ret_cursor);
bool cpts_sync_convert__read_checkpoint(const Cpts__V1__SyncCheckpoint *message,
                                        struct cpts_sync_checkpoint *ret_checkpoint);
bool cpts_sync_convert__read_aggregate(const Cpts__V1__SyncAggregate *message,
                                       struct cpts_sync_aggregate *ret_aggregate);
/** Whether a position may be told: from 0, and one more is one as well. */
bool cpts_sync_convert__is_place(int64_t position);
/** The same of an epoch, a version, a number of chunks. */
bool cpts_sync_convert__is_number(int32_t number);
/** A hash of 32 bytes; none is zero bytes. */
bool cpts_sync_convert__read_hash(const ProtobufCBinaryData *bytes,
                                  uint8_t ret_hash[CPTS_SYNC_HASH_BYTES]);
/** Copies a text that has to fit, with its NUL. */
bool cpts_sync_convert__read_text(const char *text, char *ret_text, size_t ret_bytes);

#endif
