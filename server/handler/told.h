/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_TOLD_H
#define HANDLER_TOLD_H

/**
 * @file
 * Messages of streams, packed once for all who watch.
 *
 * Threads: any thread.
 */

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

#include "google/protobuf/timestamp.pb-c.h"

struct packet;

/** A Timestamp of an instant in microseconds since 1970, from 0. */
Google__Protobuf__Timestamp told_timestamp(int64_t unix_us);

/** The packed message, owned by the caller; NULL when memory is out. */
struct packet *told_pack(const ProtobufCMessage *message);

#endif
