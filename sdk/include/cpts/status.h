/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_STATUS_H
#define CPTS_STATUS_H

/**
 * @file
 * How every call of libcpts ends: a code to branch on, a reason that never
 * changes, a sentence that may.
 *
 * Threads: plain values, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CPTS_MUST_CHECK __attribute__((warn_unused_result))
#define CPTS_PRINTF(format_index, first_index)                                                     \
    __attribute__((format(printf, format_index, first_index)))
#else
#define CPTS_MUST_CHECK
#define CPTS_PRINTF(format_index, first_index)
#endif

#if defined(__GNUC__)
#define CPTS_API __attribute__((visibility("default")))
#else
#define CPTS_API
#endif

/** The canonical gRPC codes (https://grpc.io/docs/guides/status-codes/). */
typedef enum cpts_status {
    CPTS_OK = 0,
    CPTS_CANCELLED = 1,
    /** The outcome is not known: the command may have been carried out.
     * Repeat it with the same command_id to learn it. */
    CPTS_UNKNOWN = 2,
    CPTS_INVALID_ARGUMENT = 3,
    CPTS_DEADLINE_EXCEEDED = 4,
    CPTS_NOT_FOUND = 5,
    CPTS_ALREADY_EXISTS = 6,
    CPTS_PERMISSION_DENIED = 7,
    CPTS_RESOURCE_EXHAUSTED = 8,
    CPTS_FAILED_PRECONDITION = 9,
    CPTS_ABORTED = 10,
    CPTS_OUT_OF_RANGE = 11,
    CPTS_UNIMPLEMENTED = 12,
    CPTS_INTERNAL = 13,
    CPTS_UNAVAILABLE = 14,
    CPTS_DATA_LOSS = 15,
    CPTS_UNAUTHENTICATED = 16
} cpts_status;

/** Sizes of the texts of a struct cpts_error, bytes, the final NUL included. */
#define CPTS_REASON_BYTES 64
#define CPTS_MESSAGE_BYTES 256
#define CPTS_FIELD_BYTES 96

/** Why a call failed. Lives on the caller's stack; meaningful only after a
 * status other than CPTS_OK. All texts end with NUL, and may be empty. */
struct cpts_error {
    cpts_status status;
    /** UPPER_SNAKE_CASE, stable for ever. */
    char reason[CPTS_REASON_BYTES];
    /** English sentence for people; it may change. */
    char message[CPTS_MESSAGE_BYTES];
    /** Path of the request's field at fault, for example
     * `territory[3].unit_code`; empty when none is. */
    char field[CPTS_FIELD_BYTES];
    /** One fact that helps, for example the owner's address for NOT_OWNER or
     * the current version for STALE_VERSION; empty when there is none. */
    char detail[CPTS_MESSAGE_BYTES];
    /** The same call may succeed later, unchanged. */
    bool retryable;
    /** Delay to wait for before that, milliseconds; 0 when not stated. */
    int32_t retry_after_ms;
};

/** Name of a status, for example "NOT_FOUND". Static text; any value is fine. */
CPTS_API const char *cpts_status_name(cpts_status status);

#ifdef __cplusplus
}
#endif
#endif
