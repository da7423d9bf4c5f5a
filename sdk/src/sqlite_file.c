/* SPDX-License-Identifier: Apache-2.0 */
#include "sqlite_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wire/error.h"

#define BUSY_TIMEOUT_MS 5000
#define PRAGMA_BYTES 80

static cpts_status refuse(const char *path, const char *why, struct cpts_error *err)
{
    cpts_status status = error_set(err, REASON_LOCAL_FILE_INVALID, "%.160s: %.80s", path, why);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return status;
}

cpts_status cpts_sqlite__fail(const struct sqlite_file *file, struct cpts_error *err)
{
    int code = file->database == NULL ? SQLITE_NOMEM : sqlite3_errcode(file->database);
    const char *why = file->database == NULL ? "no memory" : sqlite3_errmsg(file->database);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return error_set(err, REASON_LOCAL_FILE_BUSY, "%.160s: another process writes to it",
                         file->path);
    if (code == SQLITE_NOMEM)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for %.160s", file->path);
    if (code == SQLITE_FULL)
        return error_set(err, REASON_LOCAL_FILE_FULL, "%.160s: the disk is full", file->path);
    return refuse(file->path, why, err);
}

/* The file belongs to its owner alone, from before there is anything in it. It is not opened
 * here: to close any descriptor of it would take the locks of this process's other handles
 * away (fcntl(2), "How To Corrupt An SQLite Database File", 2.2). */
static cpts_status secure(const char *path, struct cpts_error *err)
{
    struct stat found;
    if (mknod(path, S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 && errno != EEXIST)
        return refuse(path, strerror(errno), err);
    if (lstat(path, &found) != 0)
        return refuse(path, strerror(errno), err);
    if (!S_ISREG(found.st_mode))
        return refuse(path, "it is no file", err);
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return refuse(path, "others than its owner may read it; chmod 600", err);
    return CPTS_OK;
}

static bool run_text(struct sqlite_file *file, const char *sql)
{
    return sqlite3_exec(file->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* A number that the file says of itself; -1 on failure. */
static int64_t read_pragma(struct sqlite_file *file, const char *name)
{
    char sql[PRAGMA_BYTES];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "PRAGMA %s", name);
    if (sqlite3_prepare_v2(file->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return -1;
    int64_t number =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    return number;
}

static cpts_status make(struct sqlite_file *file, struct cpts_error *err)
{
    char marks[2 * PRAGMA_BYTES];
    snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d",
             file->schema->application_id, file->schema->version);
    if (!run_text(file, file->schema->sql) || !run_text(file, marks))
        return cpts_sqlite__fail(file, err);
    return CPTS_OK;
}

/* Makes the tables of an empty file; two processes may come at once. Where they are made, who
 * comes to read waits for nobody who writes. */
static cpts_status settle(struct sqlite_file *file, struct cpts_error *err)
{
    if (read_pragma(file, "user_version") == file->schema->version &&
        read_pragma(file, "application_id") == file->schema->application_id)
        return CPTS_OK;
    cpts_status status = cpts_sqlite__begin(file, err);
    if (status != CPTS_OK)
        return status;
    int64_t version = read_pragma(file, "user_version");
    int64_t kind = read_pragma(file, "application_id");
    if (version == 0 && kind == 0)
        status = make(file, err);
    else if (kind != file->schema->application_id)
        status = refuse(file->path, "it is something else", err);
    else if (version != file->schema->version)
        status = refuse(file->path, "it is of another version of this library", err);
    return cpts_sqlite__end(file, status, err);
}

static cpts_status open_database(struct sqlite_file *file, struct cpts_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(file->path, &file->database, flags, NULL) != SQLITE_OK)
        return cpts_sqlite__fail(file, err);
    sqlite3_extended_result_codes(file->database, 0);
    sqlite3_busy_timeout(file->database, BUSY_TIMEOUT_MS);
    if (!run_text(file, "PRAGMA journal_mode=WAL") || !run_text(file, "PRAGMA synchronous=FULL") ||
        !run_text(file, "PRAGMA secure_delete=ON"))
        return cpts_sqlite__fail(file, err);
    return settle(file, err);
}

cpts_status cpts_sqlite__open(const char *path, const struct sqlite_schema *schema,
                              struct sqlite_file *ret_file, struct cpts_error *err)
{
    *ret_file = (struct sqlite_file){.schema = schema, .path = strdup(path)};
    if (ret_file->path == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for %s", schema->name);
    cpts_status status = secure(path, err);
    if (status == CPTS_OK)
        status = open_database(ret_file, err);
    if (status != CPTS_OK)
        cpts_sqlite__close(ret_file);
    return status;
}

void cpts_sqlite__close(struct sqlite_file *file)
{
    for (int i = 0; i < SQLITE_FILE_STATEMENTS_MAX; i++)
        sqlite3_finalize(file->prepared[i]);
    sqlite3_close(file->database);
    free(file->path);
    *file = (struct sqlite_file){0};
}

sqlite3_stmt *cpts_sqlite__use(struct sqlite_file *file, int index, struct cpts_error *err)
{
    sqlite3_stmt **statement = &file->prepared[index];
    if (*statement == NULL &&
        sqlite3_prepare_v3(file->database, file->schema->statements[index], -1,
                           SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
        cpts_sqlite__fail(file, err);
        return NULL;
    }
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    return *statement;
}

cpts_status cpts_sqlite__run(struct sqlite_file *file, sqlite3_stmt *statement,
                             int64_t *ret_changed, struct cpts_error *err)
{
    int code = sqlite3_step(statement);
    cpts_status status =
        code == SQLITE_DONE || code == SQLITE_ROW ? CPTS_OK : cpts_sqlite__fail(file, err);
    if (status == CPTS_OK && ret_changed != NULL)
        *ret_changed = sqlite3_changes64(file->database);
    sqlite3_reset(statement);
    return status;
}

bool cpts_sqlite__next(struct sqlite_file *file, sqlite3_stmt *statement, struct cpts_error *err)
{
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        cpts_sqlite__fail(file, err);
    return code == SQLITE_ROW;
}

cpts_status cpts_sqlite__begin(struct sqlite_file *file, struct cpts_error *err)
{
    return run_text(file, "BEGIN IMMEDIATE") ? CPTS_OK : cpts_sqlite__fail(file, err);
}

cpts_status cpts_sqlite__end(struct sqlite_file *file, cpts_status status, struct cpts_error *err)
{
    if (status == CPTS_OK && run_text(file, "COMMIT"))
        return CPTS_OK;
    if (status == CPTS_OK)
        status = cpts_sqlite__fail(file, err);
    run_text(file, "ROLLBACK");
    return status;
}

void cpts_sqlite__bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text == NULL ? "" : text, -1, SQLITE_STATIC);
}

void cpts_sqlite__bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t byte_count)
{
    sqlite3_bind_blob64(statement, at, bytes == NULL ? "" : bytes, byte_count, SQLITE_STATIC);
}

void cpts_sqlite__read_text(sqlite3_stmt *statement, int column, char *ret_text, size_t text_bytes)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    snprintf(ret_text, text_bytes, "%s", text == NULL ? "" : text);
}
