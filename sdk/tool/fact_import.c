/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fact_line.h"
#include "fact_report.h"
#include "fact_send.h"
#include "failure.h"
#include "import_run.h"
#include "input.h"

/* Long enough for a node to be restarted in the middle of an import. */
#define RETRY_MAX 20
#define TIMEOUT_DEFAULT_MS 60000

/* One import from its file to its report. */
struct job {
    struct session *session;
    const struct arguments *arguments;
    const char *path;
    struct import_map maps[IMPORT_FIELDS_MAX];
    struct import_hints hints;
    int32_t job_count;
    /** Nothing is compared either. */
    bool is_check;
    struct import_source source;
    struct fact_import import;
    /** What stopped the sending; status CPTS_OK = nothing. */
    struct cpts_error stop;
};

static int refuse_file(const struct job *job, const char *problem)
{
    fprintf(stderr, "cptsctl: %s: %s\n  next:   nothing was sent; correct the file first\n",
            job->path, problem);
    return EXIT_CODE_ERROR;
}

static int read_maps(struct job *job)
{
    const struct import_field_set *fields = job->import.kind->fields;
    char problem[CSV_PROBLEM_BYTES];
    bool is_given[IMPORT_FIELDS_MAX] = {false};
    for (size_t i = 0; i < arguments_count(job->arguments, "map"); i++) {
        struct import_map map;
        if (!import_map_read(fields, arguments_nth(job->arguments, "map", i), &map, problem))
            return usage_error(job->arguments->command, "--map: %s", problem);
        if (is_given[map.field])
            return usage_error(job->arguments->command, "--map %s is given twice",
                               fields->names[map.field]);
        is_given[map.field] = true;
        job->maps[job->hints.map_count++] = map;
    }
    job->hints.maps = job->maps;
    return EXIT_CODE_OK;
}

static int read_request(struct job *job)
{
    const struct arguments *arguments = job->arguments;
    uint8_t id[CPTS_UUID_BYTES];
    job->path = arguments->operands[0];
    job->is_check = arguments_has(arguments, "dry-run") && !arguments_has(arguments, "preview");
    job->import.is_dry = job->is_check || arguments_has(arguments, "preview");
    job->import.told_cpts = arguments_value(arguments, "cpts");
    job->import.reason = arguments_value(arguments, "reason");
    job->job_count = IMPORT_JOBS_DEFAULT;
    job->hints = (struct import_hints){.fields = job->import.kind->fields,
                                       .format = FORMAT_COUNT,
                                       .encoding = arguments_value(arguments, "encoding")};
    int code = input_number(arguments, "jobs", 1, IMPORT_JOBS_MAX, &job->job_count);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "cpts", id);
    return code == EXIT_CODE_OK ? read_maps(job) : code;
}

static int read_file(struct job *job)
{
    char problem[CSV_PROBLEM_BYTES];
    size_t byte_count = 0;
    FILE *stream = fopen(job->path, "re");
    if (stream == NULL)
        return refuse_file(job, strerror(errno));
    char *bytes = csv_bytes_read(stream, &byte_count, problem);
    fclose(stream);
    bool is_fine = bytes != NULL &&
                   import_source_read_table(&job->source, bytes, byte_count, &job->hints, problem);
    free(bytes);
    return is_fine ? EXIT_CODE_OK : refuse_file(job, problem);
}

/* Which CPTS the node has, and what lines refer to. */
static int read_node(struct job *job)
{
    struct cpts_error err;
    struct fact_import *import = &job->import;
    if (job->session->timeout_ms == 0)
        job->session->timeout_ms = TIMEOUT_DEFAULT_MS;
    int code = session_connect(job->session, job->arguments, RETRY_MAX);
    if (code != EXIT_CODE_OK)
        return code;
    if (registry_fetch_names(job->session, &import->registry, &err) != CPTS_OK ||
        (import->kind->prepare != NULL &&
         import->kind->prepare(import, job->session->client, &err) != CPTS_OK))
        return failure_print(&err);
    return EXIT_CODE_OK;
}

static bool has_told_cpts(const struct fact_import *import)
{
    for (size_t i = 0; import->told_cpts != NULL && i < import->registry.count; i++) {
        if (strcasecmp(import->registry.known[i].id, import->told_cpts) == 0)
            return true;
    }
    return import->told_cpts == NULL;
}

static int make_lines(struct job *job)
{
    if (!has_told_cpts(&job->import))
        return usage_error(job->arguments->command, "--cpts %s: the node has no such CPTS",
                           job->import.told_cpts);
    if (!fact_lines_make(&job->import, &job->source))
        return refuse_file(job, "no memory for the lines");
    return EXIT_CODE_OK;
}

static int send(struct job *job)
{
    if (!job->is_check)
        fact_send(job->session, &job->import, job->job_count, &job->stop);
    return EXIT_CODE_OK;
}

static int write_report(const struct job *job)
{
    const char *path = arguments_value(job->arguments, "report");
    if (path == NULL)
        return EXIT_CODE_OK;
    FILE *stream = fopen(path, "we");
    bool is_fine = stream != NULL && fact_report_write(&job->import, stream);
    if (stream != NULL && fclose(stream) != 0)
        is_fine = false;
    if (!is_fine)
        fprintf(stderr, "cptsctl: the report %s cannot be written: %s\n", path, strerror(errno));
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

/* The worst of what happened: a stop, then a refused line, then the report. */
static int conclude(const struct job *job)
{
    int code = write_report(job);
    if (!fact_report_print(job->session, &job->import, job->path) ||
        fact_count(&job->import).by_state[FACT_REFUSED] > 0)
        code = EXIT_CODE_ERROR;
    if (job->stop.status == CPTS_OK)
        return code;
    failure_facts(&job->stop);
    fputs("  next:   run the same import again; what is there already stays as it is\n", stderr);
    return failure_exit_code(&job->stop);
}

int fact_import_run(struct session *session, const struct arguments *arguments,
                    const struct fact_kind *kind)
{
    struct job job = {.session = session, .arguments = arguments, .import.kind = kind};
    int (*const steps[])(struct job *) = {read_request, read_file, read_node, make_lines, send};
    int code = EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < sizeof steps / sizeof steps[0]; i++)
        code = steps[i](&job);
    if (code == EXIT_CODE_OK)
        code = conclude(&job);
    if (kind->release != NULL)
        kind->release(&job.import);
    fact_lines_done(&job.import);
    registry_done(&job.import.registry);
    import_source_done(&job.source);
    return code;
}
