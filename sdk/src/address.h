/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_ADDRESS_H
#define SDK_ADDRESS_H

/**
 * @file
 * The address of a client: `host:port`, or several with commas, as the target
 * that gRPC understands and the name that TLS expects.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>

/** Most addresses of a list, after its names were looked up. */
#define ADDRESS_COUNT_MAX 16
/** Longest `host:port`, bytes. */
#define ADDRESS_ONE_BYTES_MAX 263
#define ADDRESS_NAME_BYTES 256
#define ADDRESS_TARGET_BYTES 1024

struct address {
    /** A single address as it stands; a list as `ipv4:` or `ipv6:` addresses. */
    char target[ADDRESS_TARGET_BYTES];
    /** Name expected in the certificate; empty = the host of the target. */
    char server_name[ADDRESS_NAME_BYTES];
    /** There are several: balance, and ask for their health. */
    bool is_list;
};

/** Reads an address. The hosts of a list are looked up here, which may block
 * for as long as the system's resolver does; a single host is looked up anew at
 * each connection.
 * @param server_name  The caller's wish, or NULL.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID with the field
 *         `address`, or `server_name` when a list has several hosts and no
 *         name · UNAVAILABLE / CONNECTION_FAILED: a host of a list has no
 *         address. */
CPTS_MUST_CHECK cpts_status cpts_address__read(const char *text, const char *server_name,
                                               struct address *ret_address, struct cpts_error *err);

#endif
