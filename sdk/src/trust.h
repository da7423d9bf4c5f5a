/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRUST_H
#define SDK_TRUST_H

/**
 * @file
 * What a client believes of keys: the root, and what it has seen. See cpts/key.h.
 *
 * The file of what was seen has a line an item, and is replaced whole, under a
 * lock (`<path>.lock`), after what others wrote meanwhile was taken in:
 *
 *     cpts-key-memory 1
 *     head <position> <hash>
 *     authority <region> <serial> <revoked at, s> <reason>
 *     key <CPTS id> <serial> <region> <SHA-256 of the statement> <revoked at, s> <reason>
 *
 * Threads: any thread.
 */

#include <cpts/key.h>
#include <cpts/v1/key.pb-c.h>

struct trust;

/** FAILED_PRECONDITION / CONFIGURATION_INVALID with the path in `detail`. */
CPTS_MUST_CHECK cpts_status cpts_trust__open(const struct cpts_client_options *options,
                                             struct trust **ret_trust, struct cpts_error *err);

void cpts_trust__close(struct trust *trust);

/** The root, 32 bytes; NULL when there is none. */
const uint8_t *cpts_trust__root(const struct trust *trust);

/** What is asked about a key. */
struct trust_question {
    uint8_t cpts_id[16];
    int32_t serial; /**< 0 = the one to seal for today */
    int64_t at_s;   /**< 0 = now */
};

/** Judges what a node gave as the answer, and remembers it.
 * @param ret_key  Its texts are @p ret_texts'.
 * @return CPTS_OK · FAILED_PRECONDITION / KEY_NOT_VOUCHED. */
struct trust_texts {
    char cpts_id[CPTS_UUID_TEXT_BYTES];
    char region[8];
};
CPTS_MUST_CHECK cpts_status cpts_trust__judge(struct trust *trust,
                                              const struct trust_question *question,
                                              const Cpts__V1__PublishedKey *published,
                                              struct cpts_key *ret_key,
                                              struct trust_texts *ret_texts,
                                              struct cpts_error *err);

/** Says that a node has no answer. @return NOT_FOUND / KEY_NOT_PUBLISHED; KEY_NOT_VOUCHED
 * when there was one before: nothing is taken out of the directory. */
CPTS_MUST_CHECK cpts_status cpts_trust__miss(struct trust *trust,
                                             const struct trust_question *question,
                                             struct cpts_error *err);

/** Compares the head that was told with the one seen last.
 * KEY_NOT_VOUCHED when the directory went back or is another one. */
CPTS_MUST_CHECK cpts_status cpts_trust__compare(struct trust *trust,
                                                const Cpts__V1__DirectoryHead *head,
                                                struct cpts_error *err);

/** Whether a head was told that lies beyond the one seen, which is at @p ret_position. */
bool cpts_trust__is_behind(struct trust *trust, int64_t *ret_position);

/** Takes the entries that follow the head seen last. KEY_NOT_VOUCHED when they do
 * not, or lead to another head than was told, or there are none. */
CPTS_MUST_CHECK cpts_status cpts_trust__follow(struct trust *trust,
                                               const Cpts__V1__ListKeyChangesResponse *page,
                                               struct cpts_error *err);

/** Writes down what was seen since it was written last. */
CPTS_MUST_CHECK cpts_status cpts_trust__save(struct trust *trust, struct cpts_error *err);

#endif
