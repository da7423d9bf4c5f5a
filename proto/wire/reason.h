/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_REASON_H
#define WIRE_REASON_H

/**
 * @file
 * Every reason a call can fail for: the stable word, the canonical code and
 * whether the same call may be repeated. One row a reason; a reason is never
 * renamed and never changes its code.
 *
 * Threads: constants.
 */

#include <cpts/status.h>

/* clang-format off */
#define REASON_TABLE(X)                                                                            \
    /* the request itself */                                                                       \
    X(MALFORMED_MESSAGE,        INVALID_ARGUMENT,    false) /* not protobuf of that type */        \
    X(MESSAGE_TOO_DEEP,         INVALID_ARGUMENT,    false) /* nested beyond the limit */          \
    X(MESSAGE_TOO_COMPLEX,      RESOURCE_EXHAUSTED,  false) /* needs more memory than a call may */\
    X(MESSAGE_TOO_LARGE,        RESOURCE_EXHAUSTED,  false) /* more bytes than a message may */    \
    X(INVALID_UTF8,             INVALID_ARGUMENT,    false) /* a text is not UTF-8, or holds NUL */\
    X(DEADLINE_REQUIRED,        INVALID_ARGUMENT,    false) /* the call came without a deadline */ \
    X(DEADLINE_PASSED,          DEADLINE_EXCEEDED,   true)  /* given up before the database */     \
    X(UNKNOWN_METHOD,           UNIMPLEMENTED,       false)                                        \
    X(FIELD_REQUIRED,           INVALID_ARGUMENT,    false)                                        \
    X(FIELD_INVALID,            INVALID_ARGUMENT,    false) /* malformed: id, date, mask, size */  \
    X(PAGE_TOKEN_INVALID,       INVALID_ARGUMENT,    false)                                        \
    X(DATE_IN_FUTURE,           INVALID_ARGUMENT,    false)                                        \
    X(KNOWN_AT_IN_FUTURE,       INVALID_ARGUMENT,    false) /* nobody knows what will be known */  \
    X(UNKNOWN_REGION,           INVALID_ARGUMENT,    false)                                        \
    X(UNKNOWN_DEPARTMENT,       INVALID_ARGUMENT,    false)                                        \
    X(UNKNOWN_UNIT,             INVALID_ARGUMENT,    false) /* no such commune or arrondissement */\
    X(UNIT_REPEATED,            INVALID_ARGUMENT,    false)                                        \
    X(UNIT_NESTED,              INVALID_ARGUMENT,    false) /* a unit and a part of it */          \
    X(UNIT_OUTSIDE_REGION,      INVALID_ARGUMENT,    false)                                        \
    X(SHARE_OUT_OF_RANGE,       INVALID_ARGUMENT,    false) /* not in (0, 1] */                    \
    X(MERGER_INVALID,           INVALID_ARGUMENT,    false) /* communes that cannot become one */  \
    X(UNIT_MERGED_IN_PERIOD,    INVALID_ARGUMENT,    false) /* a merger cuts the period named */   \
    X(STAGE_ORDER_INVALID,      INVALID_ARGUMENT,    false) /* a history that skips or goes back */\
    X(SUCCESSOR_INVALID,        INVALID_ARGUMENT,    false)                                        \
    X(RPPS_INVALID,             INVALID_ARGUMENT,    false) /* not 11 digits with their key */     \
    X(FINESS_INVALID,           INVALID_ARGUMENT,    false) /* not 9 characters of FINESS */       \
    X(SIRET_INVALID,            INVALID_ARGUMENT,    false) /* not 14 digits with their key */     \
    X(MEMBER_REPEATED,          INVALID_ARGUMENT,    false) /* twice in one command */             \
    X(UNKNOWN_PROFESSION,       INVALID_ARGUMENT,    false)                                        \
    X(UNKNOWN_STRUCTURE_KIND,   INVALID_ARGUMENT,    false)                                        \
    X(ADHESION_INVALID,         INVALID_ARGUMENT,    false) /* more members than professionals */  \
    X(THRESHOLD_ORDER_INVALID,  INVALID_ARGUMENT,    false) /* does not get harder */              \
    X(ACTOR_INVALID,            INVALID_ARGUMENT,    false) /* who acts is not said, or not well */\
    X(ATTACHMENT_HASH_MISMATCH, INVALID_ARGUMENT,    false) /* the whole is not what was said */   \
    X(UNKNOWN_MISSION,          INVALID_ARGUMENT,    false) /* none of that code on that date */  \
    X(UNKNOWN_INDICATOR,        INVALID_ARGUMENT,    false) /* no definition on that date */       \
    /* who is calling */                                                                           \
    X(NO_IDENTITY,              UNAUTHENTICATED,     false) /* no client certificate */            \
    X(IDENTITY_NOT_UNIQUE,      UNAUTHENTICATED,     false) /* not exactly one URI SAN */          \
    X(IDENTITY_MALFORMED,       UNAUTHENTICATED,     false) /* the URI is not one of ours */       \
    X(CERTIFICATE_REVOKED,        UNAUTHENTICATED,     false)                                      \
    X(UNKNOWN_IDENTITY,         PERMISSION_DENIED,   false) /* no role today */                    \
    X(ROLE_NOT_ALLOWED,         PERMISSION_DENIED,   false) /* none of its roles may call this */  \
    X(OUT_OF_SCOPE,             PERMISSION_DENIED,   false) /* another region's record */          \
    /* the state found */                                                                          \
    X(CPTS_NOT_FOUND,           NOT_FOUND,           false)                                        \
    X(STALE_VERSION,            ABORTED,             false) /* read again, decide again */         \
    X(COMMAND_ID_REUSED,        ALREADY_EXISTS,      false) /* same id, other content */           \
    X(ILLEGAL_STAGE_STEP,       FAILED_PRECONDITION, false)                                        \
    X(STAGE_DATE_BEFORE_CURRENT,  FAILED_PRECONDITION, false)                                      \
    X(CPTS_ENDED,               FAILED_PRECONDITION, false) /* it took a way out */                \
    X(INDICATOR_LOCKED,         FAILED_PRECONDITION, false) /* final: needs a reason, and an ARS */\
    X(INDICATOR_STEP_ILLEGAL,   FAILED_PRECONDITION, false) /* not in the state before */          \
    X(TERRITORY_DATE_BEFORE_CREATION, FAILED_PRECONDITION, false)                                  \
    X(MEMBER_NOT_FOUND,         NOT_FOUND,           false) /* no member on the day before */      \
    X(REPRESENTATIVE_NOT_FOUND, NOT_FOUND,           false)                                        \
    X(TOO_MANY_REPRESENTATIVES, RESOURCE_EXHAUSTED,  false)                                        \
    X(ILLEGAL_MISSION_STEP,     FAILED_PRECONDITION, false)                                        \
    X(MISSION_DATE_BEFORE_CURRENT, FAILED_PRECONDITION, false)                                     \
    X(CRISIS_FACT_REPEATED,     FAILED_PRECONDITION, false)                                        \
    X(CRISIS_FACT_NOT_FOUND,    FAILED_PRECONDITION, false) /* nothing to withdraw */              \
    X(CRISIS_PLAN_NOT_WRITTEN,  FAILED_PRECONDITION, false) /* nothing to update */                \
    X(NOTHING_TO_CORRECT,       FAILED_PRECONDITION, false) /* it is believed already */          \
    X(MERGE_NOT_CORRECTABLE,    FAILED_PRECONDITION, false) /* it changed another CPTS, too */     \
    X(TERRITORY_SHARE_EXCEEDED, FAILED_PRECONDITION, false) /* detail: units, shares, who else */  \
    X(REFERENCE_CHANGED,        UNAVAILABLE,         true)  /* new units meanwhile; not done */    \
    X(NOT_OWNER,                FAILED_PRECONDITION, false) /* detail: the owner's address */      \
    X(NOT_THE_DECIDER,          PERMISSION_DENIED,   false) /* that step is another's to decide */ \
    X(EVIDENCE_MISSING,         FAILED_PRECONDITION, false) /* detail: kinds of documents */       \
    X(DOCUMENT_NOT_FOUND,       NOT_FOUND,           false) /* detail: the id */                   \
    X(FILING_NOT_FOUND,         NOT_FOUND,           false)                                        \
    X(FILING_ALREADY_OPEN,      FAILED_PRECONDITION, false) /* detail: its id */                   \
    X(FILING_NOT_AT_STAGE,      FAILED_PRECONDITION, false) /* detail: the stage */                \
    X(FILING_NOT_COMPLETE,      FAILED_PRECONDITION, false) /* no silence to count */              \
    X(FILING_DATE_BEFORE_CURRENT, FAILED_PRECONDITION, false)                                      \
    X(ILLEGAL_FILING_STEP,      FAILED_PRECONDITION, false) /* detail: the state */                \
    X(TACIT_NOT_DUE,            FAILED_PRECONDITION, false) /* detail: the due date */             \
    X(MILESTONE_NOT_AT_STAGE,   FAILED_PRECONDITION, false) /* detail: the stage */                \
    X(STAGE_NOT_ENTERED,        FAILED_PRECONDITION, false)                                        \
    X(IDENTITY_DATE_BEFORE_CURRENT, FAILED_PRECONDITION, false)                                    \
    X(SUCCESSOR_NOT_FOUND,      NOT_FOUND,           false)                                        \
    X(SUCCESSOR_ENDED,          FAILED_PRECONDITION, false)                                        \
    X(STALE_SUCCESSOR_VERSION,  ABORTED,             false) /* detail: its version */              \
    X(MERGE_DATE_BEFORE_TERRITORY, FAILED_PRECONDITION, false)                                     \
    X(MERGE_UNITS_NESTED,       FAILED_PRECONDITION, false) /* an IRIS in a commune; its code */   \
    X(REQUESTER_REQUIRED,       INVALID_ARGUMENT,    false) /* the establishment that asks */      \
    X(UNKNOWN_PATHWAY_TEMPLATE, NOT_FOUND,           false) /* no such template, or not yet */     \
    X(PATHWAY_NOT_FOUND,        NOT_FOUND,           false) /* or not the caller's */              \
    X(UNKNOWN_PATHWAY_STEP,     NOT_FOUND,           false) /* detail: the step */                 \
    X(PATHWAY_STEP_DIFFERS,     FAILED_PRECONDITION, false) /* another use case than the step's */ \
    X(PATHWAY_STEP_TAKEN,       FAILED_PRECONDITION, false) /* a referral meets it already */      \
    X(PATHWAY_STEP_WAITS,       FAILED_PRECONDITION, false) /* a step before is not fulfilled */   \
    X(ROLE_NOT_ENROLLABLE,      INVALID_ARGUMENT,    false) /* nodes and the public */             \
    X(SCOPE_NOT_OF_ROLE,        INVALID_ARGUMENT,    false)                                        \
    X(CERTIFICATE_REQUEST_INVALID, INVALID_ARGUMENT, false) /* not PKCS #10 */                     \
    X(POSSESSION_NOT_PROVED,    INVALID_ARGUMENT,    false) /* not signed with its own key */      \
    X(KEY_NOT_ALLOWED,          INVALID_ARGUMENT,    false) /* kind or size */                     \
    X(IDENTITY_SCOPE_CONFLICT,  FAILED_PRECONDITION, false) /* it has another scope */             \
    X(IDENTITY_IS_HELD,         FAILED_PRECONDITION, false) /* by somebody, and not replaced */    \
    X(ENROLMENT_NOT_OFFERED,    FAILED_PRECONDITION, false) /* by this node, or not now */         \
    X(ENROLMENT_NOT_FOUND,      NOT_FOUND,           false)                                        \
    X(ENROLMENT_TOKEN_INVALID,  UNAUTHENTICATED,     false) /* misspelt and unknown alike */       \
    X(ENROLMENT_EXPIRED,        FAILED_PRECONDITION, false)                                        \
    X(ENROLMENT_REVOKED,        FAILED_PRECONDITION, false)                                        \
    X(ENROLMENT_USED,           FAILED_PRECONDITION, false) /* once only */                        \
    X(TOO_MANY_FAILURES,        RESOURCE_EXHAUSTED,  true)  /* from that address; with a delay */  \
    X(NODE_NOT_FOUND,           NOT_FOUND,           false) /* no node of that name */             \
    X(NODE_ALREADY_SUSPENDED,   FAILED_PRECONDITION, false) /* its records were taken back */      \
    X(NODE_NOT_SUSPENDED,       FAILED_PRECONDITION, false)                                        \
    X(NODE_EPOCH_STALE,         ABORTED,             false) /* detail: the epoch now */            \
    X(PARKED_NOT_FOUND,         NOT_FOUND,           false) /* no aggregate is parked so */        \
    X(PARKED_REJECTED,          FAILED_PRECONDITION, false) /* it is set aside for good */         \
    X(ALARM_NOT_FOUND,          NOT_FOUND,           false) /* none of that number is up */        \
    X(UNKNOWN_KIND,             INVALID_ARGUMENT,    false) /* no such code */                     \
    X(KEY_NOT_VOUCHED,          FAILED_PRECONDITION, false) /* unsigned, lower, expired, revoked */\
    X(KEY_NOT_PUBLISHED,        NOT_FOUND,           false) /* no such key in the directory */     \
    X(KEY_SERIAL_NOT_NEXT,      FAILED_PRECONDITION, false) /* detail: the last serial */          \
    X(KEY_REVOKED,              FAILED_PRECONDITION, false) /* it is already */                    \
    X(KEY_STORE_INVALID,        FAILED_PRECONDITION, false) /* no key file; other passphrase */\
    X(SIGNATURE_INVALID,        FAILED_PRECONDITION, false) /* not signed by whom it names */      \
    X(NOT_SEALED_FOR_RECIPIENT, FAILED_PRECONDITION, false) /* no wrap, or for another key */      \
    X(CONTENT_INVALID,          FAILED_PRECONDITION, false) /* does not open: changed or foreign */\
    X(CONTENT_TOO_LARGE,        INVALID_ARGUMENT,    false) /* beyond its size class */            \
    X(REFERRAL_NOT_FOUND,       NOT_FOUND,           false) /* none, or one of others */           \
    X(WRONG_PARTY,              PERMISSION_DENIED,   false) /* another party's to do or to see */  \
    X(CONTENT_NOT_FOR_PARTY,    PERMISSION_DENIED,   false) /* not, or not yet, for the caller */  \
    X(CONSENT_WITHDRAWN,        FAILED_PRECONDITION, false) /* sealed parts are opened no more */  \
    X(REFERRAL_IS_ERASED,       FAILED_PRECONDITION, false) /* its sealed parts were destroyed */  \
    X(REFERRAL_IS_OPEN,         FAILED_PRECONDITION, false) /* end it first; detail: its status */ \
    X(ATTACHMENT_NOT_FOUND,     NOT_FOUND,           false) /* none, or it is incomplete */        \
    X(ATTACHMENT_DIFFERS,       ALREADY_EXISTS,      false) /* same id, other content */           \
    X(TOO_MANY_ATTACHMENTS,     RESOURCE_EXHAUSTED,  false)                                        \
    X(TOO_MANY_OPEN_UPLOADS,    RESOURCE_EXHAUSTED,  false) /* begun by a CPTS, not finished */    \
    X(REFERRAL_IS_OVER,         FAILED_PRECONDITION, false) /* it takes nothing any more */        \
    X(POSITION_AHEAD,           OUT_OF_RANGE,        false) /* not in this log; detail: its head */\
    /* referrals */                                                                                \
    X(VITAL_URGENCY,            FAILED_PRECONDITION, false) /* call 15 or 112 */                   \
    X(LEGAL_BASIS_REQUIRED,     FAILED_PRECONDITION, false)                                        \
    X(CONSENT_REQUIRED,         FAILED_PRECONDITION, false)                                        \
    X(ASSIGNMENT_NOT_FOUND,     NOT_FOUND,           false)                                        \
    X(ILLEGAL_REFERRAL_ACT,     FAILED_PRECONDITION, false) /* detail: state, version, acts */     \
    X(RECIPIENT_UNKNOWN,        NOT_FOUND,           false) /* detail: its id */                   \
    X(RECIPIENT_NOT_ELIGIBLE,   FAILED_PRECONDITION, false) /* may not receive; detail: its id */  \
    X(RECIPIENT_REPEATED,       INVALID_ARGUMENT,    false) /* twice, or being asked already */    \
    X(TOO_MANY_RECIPIENTS,      INVALID_ARGUMENT,    false)                                        \
    X(REDIRECT_CYCLE,           FAILED_PRECONDITION, false) /* it was there already */             \
    X(REDIRECT_LIMIT,           FAILED_PRECONDITION, false)                                        \
    X(REFUSAL_REASON_REQUIRED,  INVALID_ARGUMENT,    false)                                        \
    X(UNKNOWN_REFUSAL_REASON,   INVALID_ARGUMENT,    false) /* no such code for that step */       \
    X(NOTE_REQUIRED,            INVALID_ARGUMENT,    false) /* the step needs a sealed text */     \
    X(WRAP_NOT_YOURS,           PERMISSION_DENIED,   false) /* another side is to wrap the keys */ \
    X(VISIT_TOO_LATE,           FAILED_PRECONDITION, false) /* detail: hours ahead, at most */     \
    X(TOO_MANY_NOTES,           RESOURCE_EXHAUSTED,  false) /* detail: how many there may be */    \
    X(TOO_MANY_PARKED_ACTS,     RESOURCE_EXHAUSTED,  false) /* resolve some; detail: the limit */ \
    X(VISIT_NOT_YET,            FAILED_PRECONDITION, false) /* nobody can have missed it */        \
    X(NO_CANDIDATE_LEFT,        FAILED_PRECONDITION, false)                                        \
    X(ID_TAKEN,                 ALREADY_EXISTS,      false) /* a minted id that is in use */       \
    X(PARKED_ACT_NOT_FOUND,     NOT_FOUND,           false)                                        \
    X(PARKED_ACT_RESOLVED,      FAILED_PRECONDITION, false)                                        \
    /* the server */                                                                               \
    X(QUEUE_FULL,               RESOURCE_EXHAUSTED,  true)                                         \
    X(TOO_MANY_STREAMS,         RESOURCE_EXHAUSTED,  true)                                         \
    X(SUBSCRIBER_TOO_SLOW,      RESOURCE_EXHAUSTED,  true)  /* detail: position to go on after */  \
    X(DATABASE_UNAVAILABLE,     UNAVAILABLE,         true)  /* certainly not carried out */        \
    X(DATABASE_BUSY,            UNAVAILABLE,         true)  /* lock not had in time; not done */   \
    X(OUTCOME_UNKNOWN,          UNKNOWN,             true)  /* repeat with the same command_id */  \
    X(SHUTTING_DOWN,            UNAVAILABLE,         true)                                         \
    X(OUT_OF_MEMORY,            RESOURCE_EXHAUSTED,  true)                                         \
    X(STATEMENT_TOO_LONG,       DEADLINE_EXCEEDED,   true)  /* cancelled by its time limit */      \
    X(INTERNAL_ERROR,           INTERNAL,            false)                                        \
    /* the federation */                                                                           \
    X(NODE_UNKNOWN,               PERMISSION_DENIED,   false) /* no node of this federation */     \
    X(NODE_SUSPENDED,             PERMISSION_DENIED,   false) /* served above, for now */          \
    X(NODE_FENCED,                FAILED_PRECONDITION, false) /* detail: the epoch in force */     \
    X(NODE_READ_ONLY,             UNAVAILABLE,         true)  /* being restored; not done */       \
    X(PROTOCOL_UNKNOWN,           FAILED_PRECONDITION, false) /* no version that both speak */     \
    X(SYNC_NOT_OFFERED,           FAILED_PRECONDITION, false) /* this node takes no sessions */    \
    X(FRAME_UNEXPECTED,           INVALID_ARGUMENT,    false) /* not that one, not now */          \
    X(FRAME_TOO_LARGE,            INVALID_ARGUMENT,    false)                                      \
    X(CREDIT_EXCEEDED,            INVALID_ARGUMENT,    false) /* more than was asked for */        \
    X(GAP,                        ABORTED,             true)  /* positions are missing */          \
    X(UPSTREAM_UNREACHABLE,       UNAVAILABLE,         true)  /* for the node above; not done */   \
    X(NODE_RESTORED,              UNAVAILABLE,         true)  /* has its own back; begin again */  \
    X(PEER_SILENT,                UNAVAILABLE,         true)  /* said nothing for too long */      \
    X(SYNC_ENOUGH,                ABORTED,             false) /* a reader wants no more for now */ \
    X(SYNC_NOT_CAUGHT_UP,         DEADLINE_EXCEEDED,   true)                                       \
    /* the client's own end */                                                                     \
    X(CONNECTION_FAILED,        UNAVAILABLE,         true)                                         \
    X(CANCELLED,                CANCELLED,           true)  /* by the caller's own wish */         \
    X(TOO_MANY_CALLS,           RESOURCE_EXHAUSTED,  true)  /* started ones; nothing was sent */   \
    X(LOG_CHAIN_BROKEN,         FAILED_PRECONDITION, false) /* detail: the position */             \
    X(COMMAND_KEPT,             UNAVAILABLE,         false) /* the outbox sends it; its state */   \
    X(OUTBOX_FULL,              RESOURCE_EXHAUSTED,  false) /* nothing was sent */                 \
    X(LOCAL_FILE_INVALID,       FAILED_PRECONDITION, false) /* detail: its path */                 \
    X(LOCAL_FILE_BUSY,          UNAVAILABLE,         true)  /* another process writes to it */     \
    X(LOCAL_FILE_FULL,          RESOURCE_EXHAUSTED,  false) /* no room on its disk */              \
    X(COMMAND_NOT_FOUND,        NOT_FOUND,           false)                                        \
    X(COMMAND_NOT_REJECTED,     FAILED_PRECONDITION, false)                                        \
    X(COMMAND_POSSIBLY_ACCEPTED, FAILED_PRECONDITION, false) /* send it first */                   \
    X(AUDIT_CHAIN_BROKEN,       FAILED_PRECONDITION, false) /* detail: the first position */       \
    X(CLIENT_CLOSING,           FAILED_PRECONDITION, false)                                        \
    X(ARGUMENT_INVALID,         INVALID_ARGUMENT,    false)                                        \
    X(CONFIGURATION_INVALID,    FAILED_PRECONDITION, false)
/* clang-format on */

enum reason {
#define REASON_ENUM(name, status, retryable) REASON_##name,
    REASON_TABLE(REASON_ENUM)
#undef REASON_ENUM
        REASON_COUNT
};

/** The stable word, for example "STALE_VERSION". */
const char *reason_name(enum reason reason);

/** The canonical code of a reason. */
cpts_status reason_status(enum reason reason);

/** Whether the same call may be repeated unchanged. */
bool reason_retryable(enum reason reason);

/** The reason of that name, or REASON_COUNT. */
enum reason reason_find(const char *name);

#endif
