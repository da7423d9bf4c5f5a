/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_LIFECYCLE_H
#define CPTS_LIFECYCLE_H

/**
 * @file
 * The way of a CPTS through its stages: identity, documents, milestones,
 * filings, legal clocks, evidence; what is due; the merge into another one.
 *
 * Codes (kinds of documents, milestones and clocks, missions, legal forms …) are
 * those of cpts_dossier_kinds(). Results, texts, dates and instants as in
 * cpts/registry.h. Every call without waiting: cpts/lifecycle_async.h.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>

#ifdef __cplusplus
extern "C" {
#endif

/** State of a filing; the last three are final. */
enum cpts_filing_state {
    CPTS_FILING_UNSPECIFIED = 0,
    CPTS_FILING_DRAFT = 1,
    CPTS_FILING_FILED = 2,
    CPTS_FILING_COMPLETE = 3,
    CPTS_FILING_DECIDED = 4,
    CPTS_FILING_WITHDRAWN = 5,
    CPTS_FILING_CLOSED = 6
};

/** A list of ids or codes. */
struct cpts_texts {
    const char *const *texts;
    size_t count;
};

/** Administrative identity and typology. In a change NULL = as before, an empty
 * text removes; in a result none is NULL. */
struct cpts_identity {
    const char *legal_form;
    const char *statuts_on;
    const char *rna;
    const char *siret;
    /** RURAL, URBAIN, MIXTE. */
    const char *nature;
    const char *origin;
    const char *ambition;
};

/** A document: what it is, its hash, where it is kept. */
struct cpts_document {
    const char *id;
    const char *kind;
    const char *label;
    const char *title;
    uint8_t sha256[32];
    const char *reference;
    const char *dated_on;
    int64_t recorded_at_us;
};

struct cpts_milestone {
    const char *kind;
    const char *label;
    const char *effective_on;
    const char *note;
    struct cpts_texts document_ids;
};

/** A dossier filed for a stage, as it is now. */
struct cpts_filing {
    const char *id;
    enum cpts_stage target;
    enum cpts_filing_state state;
    const char *state_on;
    /** ACCEPTED, REFUSED or TACIT once decided. */
    const char *decision;
    struct cpts_texts document_ids;
    /** Kinds of documents that it lacks to be complete. */
    struct cpts_texts missing_kinds;
};

/** A legal clock. */
struct cpts_clock {
    const char *id;
    const char *kind;
    const char *label;
    const char *mission;
    const char *started_on;
    const char *due_on;
    /** RUNNING, DUE or STOPPED on the date of the read. */
    const char *state;
    const char *stopped_on;
    /** 0 = the node has not told yet. */
    int64_t raised_at_us;
    /** Where the delay comes from; law, contract, published, inferred,
     * not_sourced: to be said with the date. */
    const char *source;
    const char *confidence;
};

/** A stage that was entered, and what shows it. */
struct cpts_stage_evidence {
    enum cpts_stage stage;
    const char *effective_on;
    enum cpts_stage_basis basis;
    struct cpts_texts document_ids;
    struct cpts_texts missing_kinds;
};

/** The life cycle of one CPTS. */
struct cpts_lifecycle {
    const char *id;
    int32_t version;
    const char *name;
    const char *lead_region;
    enum cpts_stage stage;
    const char *stage_on;
    /** The public may see it; its ARS decided that (else its stages do). */
    bool published;
    bool publication_set;
    bool synthetic;
    const char *finess;
    int32_t population_count;
    /** TAILLE_1 to TAILLE_4, and what people read. */
    const char *size_class;
    const char *size_label;
    /** Empty texts before one was told; since when. */
    struct cpts_identity identity;
    const char *identity_on;
    const struct cpts_stage_evidence *stages;
    size_t stage_count;
    const struct cpts_filing *filings;
    size_t filing_count;
    const struct cpts_document *documents;
    size_t document_count;
    /** Documents and drafts are not for this caller. */
    bool documents_withheld;
    const struct cpts_milestone *milestones;
    size_t milestone_count;
    const struct cpts_clock *clocks;
    size_t clock_count;
    const void *message;
};

/** Filter of what is due; NULL or 0 = not restricted. */
struct cpts_due_query {
    size_t size;
    const char *region;
    const char *kind;
    const char *cpts_id;
    /** Last due date; NULL = as_of. A later one shows what is coming. */
    const char *until;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    const char *page_token;
    const char *as_of;
    int64_t known_at_us;
};

/** A clock and whose it is. */
struct cpts_due_clock {
    const char *cpts_id;
    const char *name;
    const char *lead_region;
    enum cpts_stage stage;
    bool synthetic;
    struct cpts_clock clock;
};

/** One page, by due date. */
struct cpts_due_page {
    const struct cpts_due_clock *clocks;
    size_t clock_count;
    const char *next_page_token;
    const void *message;
};

/** A CPTS with stages that lack documents. */
struct cpts_evidence_gap {
    const char *cpts_id;
    const char *name;
    const char *lead_region;
    bool synthetic;
    const struct cpts_stage_evidence *stages;
    size_t stage_count;
};

/** One page, by id. */
struct cpts_gap_page {
    const struct cpts_evidence_gap *gaps;
    size_t gap_count;
    const char *next_page_token;
    const void *message;
};

/* clang-format off */

/** The life cycle of a CPTS. @param when  NULL = today, as known now.
 * @return as cpts_registry_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_get(
    cpts_client *client, const char *id, const struct cpts_when *when, int32_t timeout_ms,
    struct cpts_lifecycle **ret_lifecycle, struct cpts_error *err);

/** One page of the clocks that are due. @param query  NULL = all, today.
 * @return as cpts_registry_list(), and INVALID_ARGUMENT / UNKNOWN_KIND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_due(
    cpts_client *client, const struct cpts_due_query *query, int32_t timeout_ms,
    struct cpts_due_page **ret_page, struct cpts_error *err);

/** One page of the stages that were recorded without all of their documents. Of
 * the query, region, pages, date and instant count. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_gaps(
    cpts_client *client, const struct cpts_due_query *query, int32_t timeout_ms,
    struct cpts_gap_page **ret_page, struct cpts_error *err);

/* clang-format on */

/** The result as proto3 JSON; NULL when memory is out. */
CPTS_API char *cpts_lifecycle_json(const struct cpts_lifecycle *lifecycle, int indent_spaces);
CPTS_API char *cpts_due_page_json(const struct cpts_due_page *page, int indent_spaces);
CPTS_API char *cpts_gap_page_json(const struct cpts_gap_page *page, int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_lifecycle_free(struct cpts_lifecycle *lifecycle);
CPTS_API void cpts_due_page_free(struct cpts_due_page *page);
CPTS_API void cpts_gap_page_free(struct cpts_gap_page *page);

#ifdef __cplusplus
}
#endif
#endif
