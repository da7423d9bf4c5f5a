/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_DOSSIER_H
#define CPTS_DOSSIER_H

/**
 * @file
 * Working on a CPTS's dossier: the commands behind cpts/lifecycle.h, and the
 * tables that client and server share: the steps between stages and the
 * vocabulary. What a table forbids is refused by the server all the same.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/lifecycle.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Identity fields to change from a date on. */
struct cpts_identity_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *effective_on;
    struct cpts_identity identity;
};

/** A document to record; `id` of the outcome is its id. */
struct cpts_document_record {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *kind;
    /** 1..200 characters. */
    const char *title;
    uint8_t sha256[32];
    /** At most 500 characters; NULL = none. */
    const char *reference;
    const char *dated_on;
};

/** A milestone to record. ACI_RENOUVELE moves legal clocks: a CPTS itself is
 * refused, NOT_THE_DECIDER. That a mission started or is deployed is its status,
 * cpts_mission_record(). */
struct cpts_milestone_record {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *kind;
    const char *effective_on;
    const char *note;
    /** 0..20. */
    struct cpts_texts document_ids;
};

/** A state that a filing enters; `id` of the outcome is the filing's. */
struct cpts_filing_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    /** NULL begins a filing. */
    const char *filing_id;
    enum cpts_stage target;
    /** DECIDED is a refusal: a filing is accepted by recording the stage. */
    enum cpts_filing_state state;
    const char *effective_on;
    /** All of its documents, with DRAFT and FILED. */
    struct cpts_texts document_ids;
    bool documents_unchanged;
};

/** Documents to add to a stage. */
struct cpts_evidence_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    enum cpts_stage stage;
    struct cpts_texts document_ids;
};

/** A merge of one CPTS into another one. */
struct cpts_merge {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *successor_id;
    int32_t successor_version;
    const char *effective_on;
    enum cpts_stage_basis basis;
    struct cpts_texts document_ids;
};

/** What the public may see. */
enum cpts_publication {
    CPTS_PUBLICATION_BY_STAGE = 0,
    CPTS_PUBLICATION_YES = 1,
    CPTS_PUBLICATION_NO = 2
};

struct cpts_publication_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    enum cpts_publication publication;
};

/*
 * The commands: command_id, outcome and failures as those of cpts/command.h, and
 * the reasons that cpts.v1.LifecycleService names for each.
 */
/* clang-format off */

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_update_identity(
    cpts_client *client, const struct cpts_identity_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_document(
    cpts_client *client, const struct cpts_document_record *record, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_milestone(
    cpts_client *client, const struct cpts_milestone_record *record, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_filing(
    cpts_client *client, const struct cpts_filing_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_evidence(
    cpts_client *client, const struct cpts_evidence_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_merge(
    cpts_client *client, const struct cpts_merge *merge, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_set_publication(
    cpts_client *client, const struct cpts_publication_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/* clang-format on */

/** Who decides a step, as bits: all of them together. */
enum { CPTS_DECIDER_PORTEURS = 1, CPTS_DECIDER_ARS = 2, CPTS_DECIDER_CPAM = 4 };

/** A step between stages. Texts and lists are static. */
struct cpts_transition {
    enum cpts_stage from; /**< UNSPECIFIED: it is the first */
    enum cpts_stage to;
    uint32_t deciders;
    /** The ARS's silence may decide. */
    bool tacit;
    /** Kinds of documents that a decision shows. */
    struct cpts_texts evidence;
    /** Kinds of clocks that start, that stop ("*" = every one). */
    struct cpts_texts starts;
    struct cpts_texts stops;
    const char *source;
    const char *confidence;
};

/** The steps, in the order of their stages, from the first on. No server is asked.
 * @return false, output untouched, when there is no step of that number. */
CPTS_API bool cpts_transition_at(size_t index, struct cpts_transition *ret_transition);

/** A code of the vocabulary. Texts are static. */
struct cpts_dossier_kind {
    /** document, milestone, clock, mission, legal_form, nature, origin, ambition. */
    const char *use;
    const char *code;
    /** What people read, French. */
    const char *label;
    /** idéation, conception, contractualisation, fonctionnement, or empty. */
    const char *phase;
    const char *source;
    const char *confidence;
};

/** The codes, one after the other. No server is asked.
 * @return false, output untouched, when there is no code of that number. */
CPTS_API bool cpts_dossier_kind_at(size_t index, struct cpts_dossier_kind *ret_kind);

/** Name of a state, for example "COMPLETE"; "UNRECOGNISED" for a newer one. */
CPTS_API const char *cpts_filing_state_name(enum cpts_filing_state state);

/** Reads a state's name, any case. @return false, output untouched. */
CPTS_API bool cpts_filing_state_parse(const char *text, enum cpts_filing_state *ret_state);

#ifdef __cplusplus
}
#endif
#endif
