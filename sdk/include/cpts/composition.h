/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_COMPOSITION_H
#define CPTS_COMPOSITION_H

/**
 * @file
 * Members counted by profession, beside the published national composition;
 * and the categories that members may have.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/governance.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A number that is withheld, or that nobody published. */
#define CPTS_COUNT_WITHHELD (-1)
#define CPTS_PERCENT_NONE (-1.0)

/** The question; NULL or 0 = not restricted. */
struct cpts_composition_query {
    size_t size;
    /** A CPTS, or the INSEE code of a region, not both; neither = the nation. */
    const char *id;
    const char *region;
    const char *as_of;
    int64_t known_at_us;
};

/** A group of professions. */
struct cpts_composition_line {
    const char *code;
    /** French. */
    const char *label;
    /** Members, or CPTS_COUNT_WITHHELD: the number is small, or tells one. */
    int32_t member_count;
    /** Published share, 0 to 100, or CPTS_PERCENT_NONE; who says so, how sure. */
    double published_percent;
    const char *published_source;
    const char *published_confidence;
};

/** Structures of one kind. */
struct cpts_structure_count {
    const char *code;
    const char *label;
    int32_t structure_count;
};

/** The answer. A membership counts once a CPTS. */
struct cpts_composition {
    /** Persons; the representatives of users are the last line. */
    const struct cpts_composition_line *lines;
    size_t line_count;
    /** All lines, or CPTS_COUNT_WITHHELD when one is withheld. */
    int32_t member_count;
    const struct cpts_structure_count *structures;
    size_t structure_count;
    /** CPTS with a person as a member, and the demonstration data among them:
     * say so wherever it is shown. */
    int32_t cpts_count;
    int32_t synthetic_count;
    /** The last adhesion counts, added up; date and source for one CPTS only.
     * NULL without any. */
    const struct cpts_adhesion *adhesion;
    int32_t adhesion_cpts_count;
    const char *as_of;
    int64_t known_at_us;
    const void *message;
};

/** A profession or a kind of structure. */
struct cpts_member_category {
    const char *code;
    const char *label;
    /** Line of the composition; empty for a kind of structure. */
    const char *composition_code;
    /** Code of the national nomenclature, or usual FINESS category, or empty. */
    const char *national_code;
    const char *source;
    const char *confidence;
    const char *valid_from;
    /** Empty = no end is set. */
    const char *valid_to;
};

/** All of them. */
struct cpts_member_categories {
    const struct cpts_member_category *professions;
    size_t profession_count;
    const struct cpts_member_category *structure_kinds;
    size_t structure_kind_count;
    const void *message;
};

/* clang-format off */

/** The composition of a CPTS, a region or the nation.
 * @param query  NULL = the nation, today.
 * @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT /
 *         UNKNOWN_REGION, FIELD_INVALID · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_composition_get(
    cpts_client *client, const struct cpts_composition_query *query, int32_t timeout_ms,
    struct cpts_composition **ret_composition, struct cpts_error *err);

/** The professions and kinds of structures that members may have. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_member_categories_list(
    cpts_client *client, int32_t timeout_ms, struct cpts_member_categories **ret_categories,
    struct cpts_error *err);

/* clang-format on */

/** Results as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_composition_json(const struct cpts_composition *composition, int indent_spaces);
CPTS_API char *cpts_member_categories_json(const struct cpts_member_categories *categories,
                                           int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_composition_free(struct cpts_composition *composition);
CPTS_API void cpts_member_categories_free(struct cpts_member_categories *categories);

#ifdef __cplusplus
}
#endif
#endif
