/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_NODE_ADDRESS_H
#define DOMAIN_NODE_ADDRESS_H

/**
 * @file
 * The address at which a node answers, `host:port`: what NOT_OWNER tells and what its
 * certificate names.
 *
 * Threads: any thread.
 */

#include <stdbool.h>

/** Longest host with its final NUL (RFC 1035). */
#define NODE_HOST_BYTES 254

/** Splits `host:port`: a name of letters, digits, dots and dashes, an IPv4 address, or an
 * IPv6 address in brackets; port 1..65535 without leading zeros.
 * @param ret_host  Without brackets.
 * @param ret_is_ip  It is an address, not a name.
 * @return false, outputs untouched, when @p text is none. */
bool node_address_split(const char *text, char ret_host[NODE_HOST_BYTES], bool *ret_is_ip);

/** Reads a node's name, `region/<INSEE>`. @return the code, or NULL when it is none. */
const char *node_name_region(const char *name);

#endif
