/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/told.h"

#include "base/packet.h"

#define US_PER_SECOND 1000000
#define NS_PER_US 1000

Google__Protobuf__Timestamp told_timestamp(int64_t unix_us)
{
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    timestamp.seconds = unix_us / US_PER_SECOND;
    timestamp.nanos = (int32_t)(unix_us % US_PER_SECOND) * NS_PER_US;
    return timestamp;
}

struct packet *told_pack(const ProtobufCMessage *message)
{
    struct packet *packet = packet_new(protobuf_c_message_get_packed_size(message));
    if (packet != NULL)
        protobuf_c_message_pack(message, packet->bytes);
    return packet;
}
