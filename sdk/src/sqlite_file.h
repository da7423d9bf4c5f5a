/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SQLITE_FILE_H
#define SDK_SQLITE_FILE_H

/**
 * @file
 * A SQLite file of the library: how it is opened and made, and a fixed set of
 * statements, each prepared when it is first used. What is committed outlives a
 * loss of power (WAL, synchronous=FULL, https://sqlite.org/pragma.html).
 *
 * Threads: one at a time.
 */

#include <cpts/value.h>
#include <sqlite3.h>

#define SQLITE_FILE_STATEMENTS_MAX 48

/** What is in such a file. Constants. */
struct sqlite_schema {
    /** For people: "outbox". */
    const char *name;
    /** Marks files of this kind (PRAGMA application_id), and their version from 1. */
    int32_t application_id;
    int32_t version;
    /** Statements that make the empty file. */
    const char *sql;
    /** Text of each statement. */
    const char *const *statements;
    int statement_count;
};

struct sqlite_file {
    sqlite3 *database;
    const struct sqlite_schema *schema;
    sqlite3_stmt *prepared[SQLITE_FILE_STATEMENTS_MAX];
    char *path;
};

/** Opens a file, or makes it with mode 0600.
 * @param ret_file  To be closed on CPTS_OK; empty otherwise.
 * @return CPTS_OK · FAILED_PRECONDITION / LOCAL_FILE_INVALID: not one of these, of a newer
 *         version, damaged, readable by others, not to be written · UNAVAILABLE /
 *         LOCAL_FILE_BUSY · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_sqlite__open(const char *path, const struct sqlite_schema *schema,
                                              struct sqlite_file *ret_file, struct cpts_error *err);
/** One that was not opened is fine. */
void cpts_sqlite__close(struct sqlite_file *file);

/** Statement @p index, reset, with nothing bound; NULL on failure, with @p err. */
sqlite3_stmt *cpts_sqlite__use(struct sqlite_file *file, int index, struct cpts_error *err);
/** Runs a statement that gives no rows, and resets it.
 * @param ret_changed  Rows changed; NULL is fine. */
CPTS_MUST_CHECK cpts_status cpts_sqlite__run(struct sqlite_file *file, sqlite3_stmt *statement,
                                             int64_t *ret_changed, struct cpts_error *err);
/** Next row; false at the end, and on failure with `err->status` set. Reset the
 * statement afterwards. */
bool cpts_sqlite__next(struct sqlite_file *file, sqlite3_stmt *statement, struct cpts_error *err);

/** Begins a transaction that writes; ends it: kept when @p status is CPTS_OK, else taken
 * back. @return @p status, or why it could not be kept. */
CPTS_MUST_CHECK cpts_status cpts_sqlite__begin(struct sqlite_file *file, struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sqlite__end(struct sqlite_file *file, cpts_status status,
                                             struct cpts_error *err);

/** Says why the last call of SQLite failed. */
cpts_status cpts_sqlite__fail(const struct sqlite_file *file, struct cpts_error *err);

/** Binds; NULL text is empty. The memory lasts until the statement is run. */
void cpts_sqlite__bind_text(sqlite3_stmt *statement, int at, const char *text);
void cpts_sqlite__bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t byte_count);
/** Copies a column's text, cut to its place. */
void cpts_sqlite__read_text(sqlite3_stmt *statement, int column, char *ret_text, size_t text_bytes);

#endif
