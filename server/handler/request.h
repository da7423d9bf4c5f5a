/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_REQUEST_H
#define HANDLER_REQUEST_H

/**
 * @file
 * Checks and bindings that several handlers share.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "store/statement.h"

struct call;
struct Cpts__V1__Change;

/** Instant of a read that asked for none, in microseconds: 9999-12-31 00:00:00 UTC, as
 * cpts.known_at(NULL). The statement answers which instant it saw. */
#define REQUEST_LATEST_US INT64_C(253402214400000000)

/** Says that the call's arena is full. RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status request_no_memory(struct cpts_error *err);

/** A message of @p type in the call's arena; NULL when the arena is full. */
void *request_message(struct call *call, const ProtobufCMessageDescriptor *type);

/** Bytes of a cell that was selected as encode(…, 'hex'), in the arena; none for
 * an empty one. @return false, output untouched, when the arena is full or the
 * text is not hexadecimal. */
bool request_bytes(struct call *call, const char *text, ProtobufCBinaryData *ret_bytes);

/** A copy of bytes, none for a count of 0, in the arena.
 * @return false, output untouched, when the arena is full. */
bool request_copy(struct call *call, const uint8_t *bytes, size_t byte_count,
                  ProtobufCBinaryData *ret_bytes);

/** Nothing in that message, its own fields only, that this version does not know: where messages
 * are kept whole, such bytes would be kept unread. INVALID_ARGUMENT / FIELD_INVALID. */
CPTS_MUST_CHECK cpts_status request_known(const ProtobufCMessage *message, const char *field,
                                          struct cpts_error *err);

/** Reads a UUID field. INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID. */
CPTS_MUST_CHECK cpts_status request_uuid(const char *text, const char *field, uint8_t ret_uuid[16],
                                         struct cpts_error *err);

/** Reads what a command about an existing CPTS names: its id and the version
 * seen, from 1. INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID with the field
 * `id` or `expected_version`. */
CPTS_MUST_CHECK cpts_status request_target(const char *id, int32_t expected_version,
                                           uint8_t ret_id[16], struct cpts_error *err);

/** The date a read is true on: @p text checked (future dates are fine for a
 * read), or today in France. @param ret_date In the arena. */
CPTS_MUST_CHECK cpts_status request_as_of(struct call *call, const char *text,
                                          const char **ret_date, struct cpts_error *err);

/** The instant a read is believed at, as text for the database; NULL is now.
 * One before the first record is fine: nothing was known then.
 * @param ret_instant In the arena.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID, KNOWN_AT_IN_FUTURE (more
 *         than a minute, for clocks that differ). */
CPTS_MUST_CHECK cpts_status request_known_at(struct call *call,
                                             const Google__Protobuf__Timestamp *instant,
                                             const char **ret_instant, struct cpts_error *err);

/** Text form of an instant in microseconds since 1970, in the arena. */
const char *request_instant_text(struct call *call, int64_t unix_us);

/** A Timestamp of an instant in microseconds since 1970, in the arena. */
Google__Protobuf__Timestamp *request_timestamp(struct call *call, int64_t unix_us);

/** Id in the log of an aggregate that has no UUID of its own, from its kind and
 * its name: the same on every node. */
void request_aggregate_id(const char *kind, const char *name, uint8_t ret_id[16]);

/** What a command's statement begins with. */
struct command {
    enum statement_id statement;
    const char *command_id;
    /** The request itself: its packed form is the command's content. */
    const ProtobufCMessage *content;
    /** What the command is about: a CPTS, or another aggregate. */
    const uint8_t *cpts_id;
    /** cpts.v1.Change to store; its aggregate_id, actor, command_id and
     * schema_version are filled in here. */
    struct Cpts__V1__Change *change;
};

/** Makes call->query and binds the six parameters every command begins with:
 * principal, command_id, content hash, cpts_id, node, change bytes.
 * INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID for the command_id. */
CPTS_MUST_CHECK cpts_status request_command(struct call *call, const struct command *command,
                                            struct cpts_error *err);

#endif
