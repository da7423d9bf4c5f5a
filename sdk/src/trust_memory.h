/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRUST_MEMORY_H
#define SDK_TRUST_MEMORY_H

/**
 * @file
 * What a client has seen of keys and of their directory, in memory and in its
 * file (trust.h).
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

/** A key that was seen. */
struct trust_seen {
    uint8_t cpts_id[16];
    int32_t serial;
    char region[8];
    uint8_t sha256[32];   /**< of the statement */
    int64_t revoked_at_s; /**< 0 = it is not */
    int32_t reason;       /**< cpts.v1.KeyRevocationReason */
};

/** Authorities of a region that the root revoked: those up to a serial. */
struct trust_authority {
    char region[8];
    int32_t serial;
    int64_t revoked_at_s;
    int32_t reason; /**< cpts.v1.KeyRevocationReason */
};

/** More than there are regions. */
#define TRUST_AUTHORITIES_MAX 64

struct trust_memory {
    char *path; /**< NULL = no file */
    /** Ordered by CPTS and serial. */
    struct trust_seen *seen;
    size_t count;
    size_t capacity;
    struct trust_authority authorities[TRUST_AUTHORITIES_MAX];
    size_t authority_count;
    bool has_head;
    int64_t head_position;
    uint8_t head_hash[32];
    bool is_changed; /**< since it was saved */
};

/** Reads the file, if there is one. FAILED_PRECONDITION / CONFIGURATION_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_trust_memory__open(struct trust_memory *memory, const char *path,
                                                    struct cpts_error *err);
void cpts_trust_memory__close(struct trust_memory *memory);

/** The key of that serial, the last one of a CPTS; NULL when none was seen. */
struct trust_seen *cpts_trust_memory__find(const struct trust_memory *memory,
                                           const uint8_t cpts_id[16], int32_t serial);
const struct trust_seen *cpts_trust_memory__last(const struct trust_memory *memory,
                                                 const uint8_t cpts_id[16]);

/** Adds a key that is not there. @return false when memory is out. */
bool cpts_trust_memory__add(struct trust_memory *memory, const struct trust_seen *seen);

/** The revocation that was seen of a region's authority; NULL when none was. */
const struct trust_authority *cpts_trust_memory__authority(const struct trust_memory *memory,
                                                           const char *region);

/** Adds one, unless a later certificate was revoked. @return whether it is news. */
bool cpts_trust_memory__revoke(struct trust_memory *memory,
                               const struct trust_authority *authority);

void cpts_trust_memory__set_head(struct trust_memory *memory, int64_t position,
                                 const uint8_t hash[32]);

/** Writes the file when something changed. FAILED_PRECONDITION / CONFIGURATION_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_trust_memory__save(struct trust_memory *memory,
                                                    struct cpts_error *err);

#endif
