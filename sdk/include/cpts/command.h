/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_COMMAND_H
#define CPTS_COMMAND_H

/**
 * @file
 * The commands of the registry: what changes a CPTS, once, whatever is retried.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A CPTS to register: all of it or nothing. */
struct cpts_creation {
    size_t size;
    /** 1..200 characters. */
    const char *name;
    const char *lead_region;
    /** 1..8, in legal order, the first one EMERGENCE, dates increasing. */
    const struct cpts_stage_entry *stages;
    size_t stage_count;
    /** 0..2000 units, each once; valid from the first stage's date. */
    const struct cpts_territory_unit *territory;
    size_t unit_count;
    bool synthetic;
    /** NULL or empty = none. */
    const char *finess;
    const char *website;
};

/** Fields to change: NULL = leave, an empty FINESS or site removes it. */
struct cpts_update {
    size_t size;
    const char *id;
    /** Version the caller has seen, from 1. */
    int32_t expected_version;
    const char *name;
    const char *finess;
    const char *website;
};

/** On what a stage is recorded. */
enum cpts_stage_basis {
    /** As HISTORY. */
    CPTS_STAGE_BASIS_UNSPECIFIED = 0,
    /** Told afterwards: accepted without documents, listed as a gap. */
    CPTS_STAGE_BASIS_HISTORY = 1,
    /** Decided now, on the documents that the step requires. */
    CPTS_STAGE_BASIS_DECISION = 2,
    /** Decided by the ARS's silence on a complete filing. */
    CPTS_STAGE_BASIS_TACIT = 3
};

/** A stage that a CPTS entered. */
struct cpts_stage_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    enum cpts_stage stage;
    const char *effective_on;
    /** With FUSIONNE, and then only. */
    const char *successor_id;
    enum cpts_stage_basis basis;
    /** 0..20 ids of documents. */
    const char *const *document_ids;
    size_t document_id_count;
};

/** The whole territory of a CPTS from a date on. */
struct cpts_territory_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *effective_on;
    const struct cpts_territory_unit *territory;
    size_t unit_count;
};

/** Something a command accepted but wants said. */
struct cpts_warning {
    /** OLD_UNIT_CODE or POPULATION_OUTSIDE_GUIDANCE. */
    const char *reason;
    const char *message;
    /** Field of the request that is meant, or empty. */
    const char *field;
};

/** Something that was open and ended with a command. */
struct cpts_closed_item {
    /** FILING, CLOCK or REFERRAL. */
    const char *type;
    /** Of a filing or a clock; else empty. */
    const char *id;
    /** Stage that the filing asked for, or kind of the clock; of referrals that went on
     * without a CPTS that ended HANDED_OVER, RETURNED or TO_DESK. */
    const char *kind;
    const char *mission;
    /** Of a clock; else empty. */
    const char *due_on;
    /** How many referrals; else 0. */
    int32_t count;
};

/** What a command did. */
struct cpts_outcome {
    /** Id of what it made (a CPTS, a document, a filing); else empty. */
    const char *id;
    /** Version after the command. */
    int32_t version;
    int64_t log_position;
    /** The outcome of an earlier, equal command was given again. */
    bool replayed;
    const struct cpts_warning *warnings;
    size_t warning_count;
    /** Filings and clocks that ended with it, referrals that it passed on; none when
     * replayed. */
    const struct cpts_closed_item *closed;
    size_t closed_count;
    /** Of a merge: version of the CPTS that took over, and units it took. */
    int32_t successor_version;
    int32_t unit_count;
    const void *message;
};

/*
 * The four commands. Each takes a command_id of 16 bytes: one per intention,
 * the same when it is repeated. NULL, or sixteen zero bytes, has one minted;
 * in the second case it is written back before anything is sent.
 *
 * They return CPTS_OK · UNKNOWN / OUTCOME_UNKNOWN: it may have taken effect,
 * repeat it with the same command_id to learn it · ALREADY_EXISTS /
 * COMMAND_ID_REUSED with another content · INVALID_ARGUMENT with the field ·
 * NOT_FOUND / CPTS_NOT_FOUND · ABORTED / STALE_VERSION · FAILED_PRECONDITION /
 * ILLEGAL_STAGE_STEP, STAGE_DATE_BEFORE_CURRENT, EVIDENCE_MISSING (the kinds in
 * `detail`), FILING_NOT_COMPLETE, TACIT_NOT_DUE (the date in `detail`), NOT_OWNER
 * (the owner's address in `detail`) · PERMISSION_DENIED / OUT_OF_SCOPE,
 * NOT_THE_DECIDER · what any call may end with (cpts/client.h).
 */
/* clang-format off */

/** Registers a CPTS. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_create(
    cpts_client *client, const struct cpts_creation *creation, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Changes the fields given. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_update(
    cpts_client *client, const struct cpts_update *update, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Records that a CPTS entered a stage. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_record_stage(
    cpts_client *client, const struct cpts_stage_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Replaces a territory from a date on. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_set_territory(
    cpts_client *client, const struct cpts_territory_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/* clang-format on */

/** The response of the command as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_outcome_json(const struct cpts_outcome *outcome, int indent_spaces);

/** Releases an outcome; NULL is fine. */
CPTS_API void cpts_outcome_free(struct cpts_outcome *outcome);

#ifdef __cplusplus
}
#endif
#endif
