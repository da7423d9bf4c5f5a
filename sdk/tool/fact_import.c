/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_import.h"

#include <stdlib.h>
#include <strings.h>

#include "crew.h"
#include "fact_line.h"
#include "fact_report.h"
#include "fact_send.h"
#include "failure.h"
#include "import_verb.h"
#include "input.h"

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

static int read_request(struct job *job)
{
    const struct arguments *arguments = job->arguments;
    uint8_t id[CPTS_UUID_BYTES];
    job->path = arguments->operands[0];
    job->is_check = arguments_has(arguments, "dry-run") && !arguments_has(arguments, "preview");
    job->import.is_dry = job->is_check || arguments_has(arguments, "preview");
    job->import.told_cpts = arguments_value(arguments, "cpts");
    job->import.reason = arguments_value(arguments, "reason");
    job->import.restates = arguments_has(arguments, "restate");
    job->job_count = CREW_THREADS_DEFAULT;
    job->hints = (struct import_hints){.fields = job->import.kind->fields,
                                       .format = FORMAT_COUNT,
                                       .encoding = arguments_value(arguments, "encoding")};
    int code = input_number(arguments, "jobs", 1, CREW_THREADS_MAX, &job->job_count);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "cpts", id);
    if (code == EXIT_CODE_OK)
        code = import_verb_maps(arguments, job->maps, &job->hints);
    if (code == EXIT_CODE_OK && job->import.kind->read_options != NULL)
        code = job->import.kind->read_options(&job->import, arguments);
    return code;
}

static int read_file(struct job *job)
{
    return import_verb_source(job->path, import_source_read_table, &job->hints, &job->source);
}

/* Which CPTS the node has, and what lines refer to. */
static int read_node(struct job *job)
{
    struct cpts_error err;
    struct fact_import *import = &job->import;
    int code = import_verb_connect(job->session, job->arguments);
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
        return import_verb_refuse(job->path, "no memory for the lines");
    return EXIT_CODE_OK;
}

static int send(struct job *job)
{
    if (!job->is_check)
        fact_send(job->session, &job->import, job->job_count, &job->stop);
    return EXIT_CODE_OK;
}

static bool write_report(const void *import, FILE *stream)
{
    return fact_report_write(import, stream);
}

/* The worst of what happened: a stop, then a refused line, then the report. */
static int conclude(const struct job *job)
{
    int code =
        import_verb_report(arguments_value(job->arguments, "report"), write_report, &job->import);
    if (!fact_report_print(job->session, &job->import, job->path) ||
        fact_count(&job->import, FACT_REFUSED) > 0)
        code = EXIT_CODE_ERROR;
    return import_verb_end(&job->stop, code);
}

cpts_status fact_outcome_take(cpts_status status, struct cpts_outcome *outcome,
                              struct fact_outcome *ret_outcome)
{
    if (status == CPTS_OK)
        *ret_outcome =
            (struct fact_outcome){.version = outcome->version, .replayed = outcome->replayed};
    cpts_outcome_free(outcome);
    return status;
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
