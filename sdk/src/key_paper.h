/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_KEY_PAPER_H
#define SDK_KEY_PAPER_H

/**
 * @file
 * Documents about keys as texts and as messages, and what they say.
 *
 * Threads: any thread.
 */

#include <cpts/key_document.h>
#include <cpts/v1/key.pb-c.h>

struct arena;

/** Title of a kind, `CPTS KEY STATEMENT`. Static text; not for UNSPECIFIED. */
const char *cpts_key_paper__title(enum cpts_key_document_kind kind);

/** A document of a message. @param ret_document To be freed with cpts_string_free(). */
CPTS_MUST_CHECK cpts_status cpts_key_paper__make(enum cpts_key_document_kind kind,
                                                 const ProtobufCMessage *message,
                                                 char **ret_document, struct cpts_error *err);

/** The message of a document, in @p arena. INVALID_ARGUMENT / ARGUMENT_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_key_paper__unpack(const char *document,
                                                   enum cpts_key_document_kind *ret_kind,
                                                   struct arena *arena,
                                                   ProtobufCMessage **ret_message,
                                                   struct cpts_error *err);

/** What a statement, a revocation says; checked when there is a root, 32 bytes. */
CPTS_MUST_CHECK cpts_status cpts_key_paper__statement(const Cpts__V1__SignedKeyStatement *statement,
                                                      const uint8_t *root,
                                                      struct cpts_key_document *facts,
                                                      struct cpts_error *err);
CPTS_MUST_CHECK cpts_status
cpts_key_paper__revocation(const Cpts__V1__SignedKeyRevocation *revocation, const uint8_t *root,
                           struct cpts_key_document *facts, struct cpts_error *err);
/** As these, of a revocation of a region's authority. */
CPTS_MUST_CHECK cpts_status cpts_key_paper__authority(
    const Cpts__V1__SignedAuthorityRevocation *revocation, const uint8_t *root,
    struct cpts_key_document *facts, struct cpts_error *err);

#endif
