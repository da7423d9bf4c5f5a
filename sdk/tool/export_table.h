/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_EXPORT_TABLE_H
#define TOOL_EXPORT_TABLE_H

/**
 * @file
 * The tables of an export as data: columns with labels, types, units and limits,
 * keys, sources. The CSV, its Table Schema, the workbook and the dictionary all
 * come from these rows; a new table is a row of EXPORT_TABLES and a function
 * that fills it.
 *
 * What people read is French, the names are English; both are stable.
 *
 * Threads: constants; filling, one thread at a time.
 */

#include <cpts/coverage.h>
#include <cpts/reference.h>
#include <cpts/registry.h>
#include <cpts/trajectory.h>

#include "session.h"

/** Most columns of a table. */
#define EXPORT_COLUMNS_MAX 16

/** Type of a column. Every cell is given as text, in one form a type. */
enum export_type {
    /** UTF-8. */
    EXPORT_TEXT,
    /** The text form of a UUID, lower case. */
    EXPORT_UUID,
    /** Digits. */
    EXPORT_INTEGER,
    /** Digits with a decimal point. */
    EXPORT_NUMBER,
    /** `true` or `false`. */
    EXPORT_BOOLEAN,
    /** `YYYY-MM-DD`. */
    EXPORT_DATE,
    /** As export_instant() writes it. */
    EXPORT_INSTANT,
    EXPORT_TYPE_COUNT
};

struct export_column {
    const char *name;
    const char *label;
    const char *description;
    /** What a number counts, in French; NULL = nothing to count. */
    const char *unit;
    /** The texts allowed, up to NULL; NULL = any. */
    const char *const *values;
    /** Regular expression of a whole text; NULL = any. */
    const char *pattern;
    /** Limits of a number, as digits; NULL = none. */
    const char *minimum;
    const char *maximum;
    enum export_type type;
    /** Never empty. */
    bool is_required;
};

/** A column that means a row of another table. */
struct export_reference {
    /** NULL ends the list. */
    const char *column;
    const char *table;
    const char *target;
};

/** Where figures come from, as bits of struct export_table. */
enum export_source {
    EXPORT_SOURCE_REGISTRY = 1,
    EXPORT_SOURCE_ETALAB = 2,
    EXPORT_SOURCE_PUBLISHED = 4,
};
/** Number of those bits. */
#define EXPORT_SOURCE_COUNT 3

struct export;
struct export_writer;

struct export_table {
    /** Name of the file: small letters, digits and `_`. */
    const char *name;
    /** Name of the sheet: at most 31 characters. */
    const char *title;
    const char *description;
    /** Names of its columns, with spaces. */
    const char *primary_key;
    const struct export_column *columns;
    size_t column_count;
    /** NULL = none. */
    const struct export_reference *references;
    /** EXPORT_SOURCE_... */
    unsigned sources;
    /** Writes every row with export_row(). What it asks the node, it asks with
     * as_of and known_at_us of the export.
     * @return CPTS_OK · what its calls end with. */
    cpts_status (*fill)(const struct export *export, struct export_writer *writer,
                        struct cpts_error *err);
};

/** The tables, in the order of sheets. */
extern const struct export_table *const EXPORT_TABLES[];
extern const size_t EXPORT_TABLE_COUNT;

/** What an export is about: one date, one instant, and what the node has then. */
struct export
{
    const struct session *session;
    /** INSEE code; NULL = France. */
    const char *region;
    /** Date all is true on, and instant at which it was believed. */
    const char *as_of;
    int64_t known_at_us;
    struct cpts_coverage *coverage;
    struct cpts_regions *regions;
    /** The registry's, and the published one. */
    struct cpts_trajectory *trajectory;
    struct cpts_trajectory *published;
    /** Every CPTS, ended ones too, by id, with history and territory. */
    struct cpts_record **records;
    size_t record_count;
    /** How many of them are demonstration data. */
    size_t synthetic_count;
};

/** Writes one row: column_count texts, NULL or empty = no value. A failure is
 * kept by the writer and ends the export. */
void export_row(struct export_writer *writer, const char *const *cells);

/** Bytes of an instant's text with its NUL. */
#define EXPORT_INSTANT_BYTES 40

/** Writes an instant as `2024-02-01T12:00:00.000000Z`; 0 as an empty text. */
void export_instant(int64_t instant_us, char ret_text[EXPORT_INSTANT_BYTES]);

/** The export's name for a region, "" for a code that is none. */
const char *export_region_name(const struct export *export, const char *code);

extern const struct export_table EXPORT_CPTS, EXPORT_STAGE_HISTORY, EXPORT_TERRITORY;
extern const struct export_table EXPORT_COVERAGE_BY_REGION, EXPORT_COVERAGE_BY_STAGE;
extern const struct export_table EXPORT_COVERAGE_BY_DEFINITION, EXPORT_REGION, EXPORT_DICTIONARY;
extern const struct export_table EXPORT_TRAJECTORY, EXPORT_PUBLISHED_COUNT;
extern const struct export_table EXPORT_PROJECTION, EXPORT_PROJECTION_FIT;
extern const struct export_table EXPORT_GAP, EXPORT_CONFLICT, EXPORT_CLOCK_DUE, EXPORT_BUDGET;

/** Names of stages up to NULL, all or the live ones, for struct export_column. */
extern const char *const EXPORT_STAGES[];
extern const char *const EXPORT_LIVE_STAGES[];

#endif
