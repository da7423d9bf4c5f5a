/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_EXPORT_WRITER_H
#define TOOL_EXPORT_WRITER_H

/**
 * @file
 * Where the rows of an export go: a CSV a table, or a sheet of a workbook.
 *
 * Threads: one thread at a time.
 */

#include "export_table.h"

/** Bytes of a sentence about what could not be written. */
#define EXPORT_PROBLEM_BYTES 512
/** Most tables of an export. */
#define EXPORT_TABLES_MAX 32

struct export_writer {
    void (*begin)(struct export_writer *writer);
    /** Every cell is a text, none is NULL. */
    void (*row)(struct export_writer *writer, const char *const *cells);
    void (*end)(struct export_writer *writer);
    /** The table that is being written, and its rows so far. */
    const struct export_table *table;
    size_t row_count;
    bool is_failed;
    char problem[EXPORT_PROBLEM_BYTES];
};

/** Rows of each table, in the order of EXPORT_TABLES. */
struct export_counts {
    size_t rows[EXPORT_TABLES_MAX];
};

/** Writes every table.
 * @return CPTS_OK, also when the writer has failed (it says so) · what filling
 *         a table ends with. */
CPTS_MUST_CHECK cpts_status export_write(const struct export *export, struct export_writer *writer,
                                         struct export_counts *ret_counts, struct cpts_error *err);

/** Keeps the first failure. */
__attribute__((format(printf, 2, 3))) void export_fail(struct export_writer *writer,
                                                       const char *format, ...);

/** Whether a spreadsheet would take a text for a formula. */
bool export_is_formula(const char *text);

/** Writes all that belongs into the folder @p path, which is there and empty:
 * the tables, datapackage.json, LISEZMOI.md.
 * @return as export_write(); the writer's sentence goes to @p ret_problem, "" =
 *         all was written. */
CPTS_MUST_CHECK cpts_status export_folder_write(const struct export *export, const char *path,
                                                struct export_counts *ret_counts,
                                                char ret_problem[EXPORT_PROBLEM_BYTES],
                                                struct cpts_error *err);

/** The same as one workbook. */
CPTS_MUST_CHECK cpts_status export_workbook_write(const struct export *export, const char *path,
                                                  struct export_counts *ret_counts,
                                                  char ret_problem[EXPORT_PROBLEM_BYTES],
                                                  struct cpts_error *err);

#endif
