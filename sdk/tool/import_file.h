/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_FILE_H
#define TOOL_IMPORT_FILE_H

/**
 * @file
 * A file of the own format as rows that are judged one by one and by their keys together.
 *
 * Threads: one thread at a time.
 */

#include "import_run.h"

struct import_file {
    struct csv_table table;
    struct import import;
};

/** Reads and checks a whole stream. What is wrong with single rows is in the
 * rows. @param batch  Part of every command id.
 * @param today  Dates after it are refused.
 * @return false with a sentence when it is no import file at all. */
bool import_file_read(struct import_file *file, FILE *stream, const char *batch, const char *today,
                      char ret_problem[CSV_PROBLEM_BYTES]);

/** As import_file_read(), of a text in memory without a byte order mark. */
bool import_file_parse(struct import_file *file, const char *text, size_t length, const char *batch,
                       const char *today, char ret_problem[CSV_PROBLEM_BYTES]);

void import_file_done(struct import_file *file);

#endif
