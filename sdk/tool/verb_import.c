/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "failure.h"
#include "import_file.h"
#include "import_report.h"
#include "input.h"
#include "session.h"

/* Long enough for a node to be restarted in the middle of an import. */
#define RETRY_MAX 20
#define TIMEOUT_DEFAULT_MS 60000
#define DATE_BYTES 11

static void write_today(char ret_date[DATE_BYTES])
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(ret_date, DATE_BYTES, "%Y-%m-%d", &local);
}

static int refuse_file(const char *path, const char *problem)
{
    fprintf(stderr, "cptsctl: %s: %s\n  next:   nothing was sent; correct the file first\n", path,
            problem);
    return EXIT_CODE_ERROR;
}

static int read_file(const struct arguments *arguments, struct import_file *file)
{
    char problem[CSV_PROBLEM_BYTES], today[DATE_BYTES];
    const char *path = arguments->operands[0];
    const char *batch = arguments_value(arguments, "batch");
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return refuse_file(path, strerror(errno));
    write_today(today);
    bool is_fine = import_file_read(file, stream, batch == NULL ? "" : batch, today, problem);
    fclose(stream);
    return is_fine ? EXIT_CODE_OK : refuse_file(path, problem);
}

static int write_report(const struct arguments *arguments, const struct import *import)
{
    const char *path = arguments_value(arguments, "report");
    if (path == NULL)
        return EXIT_CODE_OK;
    FILE *stream = fopen(path, "we");
    bool is_fine = stream != NULL && import_report_write(import, stream);
    if (stream != NULL && fclose(stream) != 0)
        is_fine = false;
    if (!is_fine)
        fprintf(stderr, "cptsctl: the report %s cannot be written: %s\n", path, strerror(errno));
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

static int send_rows(struct session *session, const struct arguments *arguments,
                     struct import *import, struct cpts_error *stop)
{
    int32_t jobs = IMPORT_JOBS_DEFAULT;
    if (session->timeout_ms == 0)
        session->timeout_ms = TIMEOUT_DEFAULT_MS;
    int code = input_number(arguments, "jobs", 1, IMPORT_JOBS_MAX, &jobs);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, RETRY_MAX);
    if (code == EXIT_CODE_OK)
        import_run(session, import, jobs, stop);
    return code;
}

/* The worst of what happened: a stop, then a refused row, then the report. */
static int conclude(const struct session *session, const struct arguments *arguments,
                    const struct import *import, const struct cpts_error *stop)
{
    const char *path = arguments->operands[0];
    bool is_dry = arguments_has(arguments, "dry-run");
    int code = write_report(arguments, import);
    if (!import_report_print(session, import, path, is_dry) || import_count(import).refused > 0)
        code = EXIT_CODE_ERROR;
    if (stop->status == CPTS_OK)
        return code;
    failure_facts(stop);
    fputs("  next:   run the same import again; what is there already stays as it is\n", stderr);
    return failure_exit_code(stop);
}

int verb_import(struct session *session, const struct arguments *arguments)
{
    struct import_file file;
    struct cpts_error stop = {.status = CPTS_OK};
    int code = read_file(arguments, &file);
    if (code != EXIT_CODE_OK)
        return code;
    if (!arguments_has(arguments, "dry-run"))
        code = send_rows(session, arguments, &file.import, &stop);
    if (code == EXIT_CODE_OK)
        code = conclude(session, arguments, &file.import, &stop);
    import_file_done(&file);
    return code;
}
