/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_CAPACITY_H
#define CPTS_CAPACITY_H

/**
 * @file
 * What CPTS can take in by ISO week (`2024-W07`), and how many people seek a
 * médecin traitant.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Without waiting: cpts/capacity_async.h.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most entries of one command, and its most figures. */
#define CPTS_CAPACITY_WEEKS_MAX 200
#define CPTS_CAPACITY_FIGURES_MAX 5000

/** A figure that is not known. */
#define CPTS_FIGURE_UNKNOWN (-1)

/** People of one area who seek a médecin traitant. */
struct cpts_seekers {
    /** INSEE code of a commune, an arrondissement or a département. */
    const char *area;
    int32_t patient_count;
};

/** The figures of one week; CPTS_FIGURE_UNKNOWN in a command leaves a figure as
 * it is. */
struct cpts_capacity_week {
    const char *week;
    /** Slots kept for SNP, among all slots of the doctors who take part. */
    int32_t snp_slot_count;
    int32_t doctor_slot_count;
    /** New patients whom médecins traitants can take. */
    int32_t place_count;
    const struct cpts_seekers *seekers;
    size_t seeker_count;
    /** When the latest of them was recorded. Ignored in commands. */
    int64_t recorded_at_us;
};

/** Weeks to record: all of them or none. */
struct cpts_capacity_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    /** 1..CPTS_CAPACITY_WEEKS_MAX; a week may stand there more than once, a
     * figure of it only once. */
    const struct cpts_capacity_week *weeks;
    size_t week_count;
};

/** Whose weeks; NULL or 0 = the default of the node. */
struct cpts_capacity_query {
    size_t size;
    const char *id;
    const char *from_week;
    const char *to_week;
    int64_t known_at_us;
};

/** What doctors committed themselves to keep for SNP. */
struct cpts_capacity_objective {
    double snp_percent;
    /** Where it is known from, and how sure that is: show both. */
    const char *source;
    const char *confidence;
};

/** The weeks of one CPTS, oldest first. */
struct cpts_capacity {
    int32_t version;
    const struct cpts_capacity_week *weeks;
    size_t week_count;
    /** With SNP slots or places; empty = none. */
    const char *latest_week;
    /** Days since it ended; 0 while it lasts. */
    int32_t latest_age_days;
    /** Counts of people were left out. */
    bool seekers_withheld;
    /** NULL = none. */
    const struct cpts_capacity_objective *objective;
    /** Demonstration data: say so. */
    bool synthetic;
    const void *message;
};

/** One cell of the board. */
struct cpts_capacity_cell {
    /** Empty for the nation, or a region's INSEE code. */
    const char *key;
    const char *name;
    /** Live CPTS, and those with SNP slots or places. */
    int32_t cpts_count;
    int32_t reporting_count;
    int64_t snp_slot_count;
    int64_t place_count;
    /** Of the CPTS that told both: what the share of SNP is computed on. */
    int64_t share_snp_slot_count;
    int64_t share_doctor_slot_count;
    /** CPTS that counted people; 0 until the week is closed. */
    int32_t seeker_cpts_count;
    /** Too few people, or it would give others away. */
    bool seekers_suppressed;
    /** CPTS_FIGURE_UNKNOWN when nobody counted, suppressed, or not closed. */
    int64_t seeker_count;
};

/** One week: the nation, then the regions by code. */
struct cpts_capacity_board {
    const char *week;
    const struct cpts_capacity_cell *cells;
    size_t cell_count;
    /** Counts of people below this are suppressed. */
    int32_t threshold_count;
    /** Date on which people are counted, once for all, and whether they are. */
    const char *seekers_on;
    bool seekers_closed;
    /** NULL = none. */
    const struct cpts_capacity_objective *objective;
    /** Demonstration data is among it: say so. */
    bool synthetic;
    const void *message;
};

/* clang-format off */

/** Records figures of weeks. Takes a command_id and ends as the commands of
 * cpts/command.h; and INVALID_ARGUMENT / UNKNOWN_UNIT, UNIT_REPEATED,
 * DATE_IN_FUTURE. `err->field` names what is at fault: `weeks[17].week`. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_capacity_record(
    cpts_client *client, const struct cpts_capacity_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** The weeks of one CPTS.
 * @return CPTS_OK · PERMISSION_DENIED / ROLE_NOT_ALLOWED · NOT_FOUND /
 *         CPTS_NOT_FOUND · INVALID_ARGUMENT / FIELD_INVALID, KNOWN_AT_IN_FUTURE ·
 *         what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_capacity_get(
    cpts_client *client, const struct cpts_capacity_query *query, int32_t timeout_ms,
    struct cpts_capacity **ret_capacity, struct cpts_error *err);

/** One week over the nation. @param week  NULL = the last one that ended.
 * @return CPTS_OK · PERMISSION_DENIED / ROLE_NOT_ALLOWED · INVALID_ARGUMENT /
 *         FIELD_INVALID · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_capacity_board_get(
    cpts_client *client, const char *week, int32_t timeout_ms,
    struct cpts_capacity_board **ret_board, struct cpts_error *err);

/* clang-format on */

/** Results as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_capacity_json(const struct cpts_capacity *capacity, int indent_spaces);
CPTS_API char *cpts_capacity_board_json(const struct cpts_capacity_board *board, int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_capacity_free(struct cpts_capacity *capacity);
CPTS_API void cpts_capacity_board_free(struct cpts_capacity_board *board);

#ifdef __cplusplus
}
#endif
#endif
