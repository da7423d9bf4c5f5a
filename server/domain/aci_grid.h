/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_ACI_GRID_H
#define DOMAIN_ACI_GRID_H

/**
 * @file
 * The grids of the ACI: what the contract pays for a full year, by version,
 * line and size class. The server's copy of cpts.aci_grid and cpts.aci_line,
 * built once at start, then read-only.
 *
 * A version holds its own lines and those of its base that it does not replace.
 * Amounts are euro cents. Sources: ACI of 20 June 2019, avenant 2 of 20 December
 * 2021; each amount carries its own (sql/reference/aci_grid.csv).
 *
 * Threads: building, one thread; reading, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Size classes are 1..ACI_SIZE_COUNT. */
#define ACI_SIZE_COUNT 4
/** Versions, and lines of all versions, that fit. */
#define ACI_VERSIONS_MAX 16
#define ACI_LINES_MAX 400
#define ACI_MISSIONS_MAX 40

/** Under which rule an amount is paid; names in aci_part_name(). */
enum aci_part {
    ACI_PART_NONE,
    ACI_FIXED,
    ACI_VARIABLE,
    ACI_PLAN_WRITTEN,
    ACI_PLAN_UPDATED,
    ACI_CRISIS_VARIABLE,
    ACI_ONE_OFF,
    ACI_EARLY_SIGNER,
    /** From here on published sums, never added. */
    ACI_TOTAL,
    ACI_MAX_WITHOUT_SNP,
    ACI_MAX_WITH_SNP,
    ACI_MAX_WITH_SNP_AND_CRISIS,
    ACI_PART_COUNT
};

/** One amount; `confidence` NULL: there is none for that size. */
struct aci_amount {
    int64_t cents;
    const char *confidence;
    const char *source;
};

/** One line of one version. Texts live in the grids. */
struct aci_line {
    const char *grid;
    const char *line;
    const char *mission; /**< code, "" without one */
    const char *obligation;
    enum aci_part part;
    struct aci_amount amounts[ACI_SIZE_COUNT]; /**< of size i + 1 */
};

/** One version. Dates are ISO 8601. */
struct aci_version {
    const char *grid;
    const char *label;
    const char *valid_from;
    const char *valid_to;  /**< "" while in force */
    const char *base_grid; /**< "" without one */
    const char *confidence;
    const char *source;
    int advance_percent;
};

/** One mission. Months run from the signature, 0 = at the choice of the CPTS. */
struct aci_mission {
    const char *code;
    const char *label;
    const char *obligation; /**< SOCLE, CONDITIONAL or OPTIONAL */
    const char *valid_from; /**< ISO 8601, since when the ACI knows it */
    int start_months;       /**< to start it */
    int deploy_months;      /**< to deploy it fully */
    const char *confidence;
    const char *source;
};

/** The most that a full year can bring. */
struct aci_ceiling {
    int64_t cents;
    const char *confidence;
    const char *source;
};

struct aci_grids;

/** @return NULL when memory is out. */
struct aci_grids *aci_grids_new(void);
void aci_grids_free(struct aci_grids *grids);

/** Add a version, then its lines amount by amount, sizes of one line in a row;
 * copied. @return false when there is no room, a part is unknown, a base is not
 * there before its heir, or the versions do not come in the order of their dates. */
bool aci_version_add(struct aci_grids *grids, const struct aci_version *version);
bool aci_amount_add(struct aci_grids *grids, const struct aci_line *line, int size,
                    const struct aci_amount *amount);

size_t aci_version_count(const struct aci_grids *grids);
const struct aci_version *aci_version_at(const struct aci_grids *grids, size_t index);

/** The version in force on an ISO 8601 date; NULL when none was. */
const struct aci_version *aci_version_on(const struct aci_grids *grids, const char *date);

/** Adds a mission; copied. @return false when there is no room or it is there. */
bool aci_mission_add(struct aci_grids *grids, const struct aci_mission *mission);

size_t aci_mission_count(const struct aci_grids *grids);
const struct aci_mission *aci_mission_at(const struct aci_grids *grids, size_t index);

/** The mission of a code; NULL when there is none. */
const struct aci_mission *aci_mission_find(const struct aci_grids *grids, const char *code);

/** Lines in force under a version, in the order in which they are shown. */
size_t aci_line_count(const struct aci_grids *grids, const struct aci_version *version);
const struct aci_line *aci_line_at(const struct aci_grids *grids, const struct aci_version *version,
                                   size_t index);

/** The amount of a line for a size class; NULL when there is none. */
const struct aci_amount *aci_line_amount(const struct aci_line *line, int size);

/** Ceiling of a full year: fixed and variable parts of every mission, the SNP
 * supplement when @p with_snp, the first-year crisis plan and the crisis part
 * when @p crisis_year. A figure that the version itself publishes goes before the
 * sum; the sum has the confidence and source of a published figure that is equal,
 * else those of the weakest line.
 * @return false, output untouched, when a grid knows no crisis or no such size. */
bool aci_ceiling_find(const struct aci_grids *grids, const struct aci_version *version, int size,
                      bool with_snp, bool crisis_year, struct aci_ceiling *ret_ceiling);

/** "FIXED"; "" when there is none. */
const char *aci_part_name(enum aci_part part);

/** ACI_PART_NONE when there is none of that name. */
enum aci_part aci_part_find(const char *name);

/** The weaker of two words of confidence; an unknown one is the weakest. */
const char *aci_weaker(const char *one, const char *other);

#endif
