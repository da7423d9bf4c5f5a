/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

/**
 * @file
 * The configuration file of cptsd: INI, UTF-8, `#` or `;` comments.
 *
 *     [node]     name = national | region/<INSEE>     trust_domain = cpts.example
 *                role = national | regional (optional; must fit the name)
 *     [listen]   address = host:port (port 0: any)    port_file = path (optional)
 *     [tls]      ca, certificate, key = PEM files
 *     [database] conninfo = a libpq connection string
 *     [enrolment] optional: how newcomers get a certificate
 *                address = host:port of a second port, where Enroll alone is taken, of
 *                callers without a certificate; port_file = path (optional)
 *                issuer_certificate, issuer_key = PEM files of what signs
 *                authorities = PEM file, the authority of [tls] certificate first
 *                (default: [tls] ca); lifetime_days = 1..90 (default 90)
 *     [keys]     root = file with the federation root's public key (optional:
 *                without it no key of a CPTS is vouched for)
 *     [federation] optional: the other nodes
 *                upstream = host:port of the national node; a regional node needs it,
 *                the national one has none; upstream_name = name in its certificate
 *                (default: the host)
 *                checkpoint_key = file with the secret half of the key that signs this
 *                node's checkpoints, 64 hexadecimal digits, readable by nobody else
 *                (default: none are signed, and the other side raises an alarm)
 *                upstream_pin = file that says who the node above is, as enrolment
 *                told it (default: nothing does)
 *                the rest see struct config_federation
 *     [log]      level = error | warning | notice | info | debug (default info)
 *     [limits]   see struct config_limits
 *     [disclosure] threshold_count = 1..1000 people (default 11): counts below it
 *                are not shown to those who read boards only
 *     [retention] referral_years = 1..30 (default 5): sealed parts of a referral
 *                are destroyed so long after its end, parked acts so long after
 *                they were resolved; upload_days = 1..7 (default 7): attachments
 *                that are not whole by then are deleted
 *
 * An unknown section or key is an error, not a silence.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define CONFIG_TEXT_BYTES 512

/** Limits with their defaults; 0 in the file is refused. */
struct config_limits {
    int32_t message_bytes;          /**< 1048576 */
    int32_t streams_per_connection; /**< 256 */
    int32_t queue_calls;            /**< calls waiting in one lane, 4096 */
    int32_t slow_connections;       /**< connections of the slow lane, 2 */
    int32_t drain_ms;               /**< time calls get at shutdown, 10000 */
};

/** What a node of the federation is. */
enum node_role {
    NODE_NATIONAL,
    NODE_REGIONAL,
};

/** Synchronisation with other nodes, with its defaults; 0 in the file is refused. */
struct config_federation {
    char upstream[CONFIG_TEXT_BYTES];       /**< "" = none */
    char upstream_name[CONFIG_TEXT_BYTES];  /**< "" = the upstream's host */
    char checkpoint_key[CONFIG_TEXT_BYTES]; /**< "" = none */
    char upstream_pin[CONFIG_TEXT_BYTES];   /**< "" = none */
    int32_t sessions;                       /**< of those who dial, at once, 64 */
    int32_t batch_changes;                  /**< of the log in one batch, 4096 */
    int32_t bookmark_ms;                    /**< between two signs of life, 5000 */
    int32_t redial_max_ms;                  /**< longest pause before dialling again, 30000 */
    int32_t silence_max_ms;                 /**< after which a session is given up, 30000 */
    int32_t digest_every_s;                 /**< between two comparisons, 86400 */
};

struct config {
    enum node_role role;
    char node[CONFIG_TEXT_BYTES];
    char trust_domain[CONFIG_TEXT_BYTES];
    char address[CONFIG_TEXT_BYTES];
    char port_file[CONFIG_TEXT_BYTES]; /**< "" = none */
    char ca[CONFIG_TEXT_BYTES];
    char certificate[CONFIG_TEXT_BYTES];
    char key[CONFIG_TEXT_BYTES];
    char conninfo[CONFIG_TEXT_BYTES];
    char enrolment_address[CONFIG_TEXT_BYTES];   /**< "" = no second port */
    char enrolment_port_file[CONFIG_TEXT_BYTES]; /**< "" = none */
    char issuer_certificate[CONFIG_TEXT_BYTES];  /**< "" = nothing is signed */
    char issuer_key[CONFIG_TEXT_BYTES];
    char authorities[CONFIG_TEXT_BYTES]; /**< [tls] ca when the file says nothing */
    int32_t lifetime_days;               /**< of what is signed, 90 */
    char key_root[CONFIG_TEXT_BYTES];    /**< "" = none */
    enum log_level log_level;
    struct config_limits limits;
    int32_t disclosure_threshold_count; /**< people, 11 */
    struct config_federation federation;
    int32_t retention_years;       /**< of sealed parts after a referral's end, 5 */
    int32_t retention_upload_days; /**< of an upload that is not whole, 7 */
    /** Benchmarks only, from the command line: no TLS, no identities. */
    bool insecure;
    /** Benchmarks only, from the command line: no scope before statements. */
    bool without_scope;
};

/** What the command line says in place of the file; NULL = nothing. */
struct config_arguments {
    const char *role;
    const char *upstream;
};

/** Reads and checks @p path.
 * @param arguments  NULL = none.
 * @param ret_config  Set on CPTS_OK only.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID with the line
 *         or the key at fault. */
CPTS_MUST_CHECK cpts_status config_read(const char *path, const struct config_arguments *arguments,
                                        struct config *ret_config, struct cpts_error *err);

/** The INSEE code of a regional node's region, borrowed from its name; "" otherwise. */
const char *config_region(const struct config *config);

#endif
