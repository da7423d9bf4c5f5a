/* SPDX-License-Identifier: Apache-2.0 */
#include "failure.h"
#include "import_file.h"
#include "import_plan.h"
#include "import_report.h"
#include "import_request.h"
#include "import_verb.h"

/* One import from its file to its report. */
struct job {
    struct session *session;
    const struct arguments *arguments;
    struct import_request request;
    struct import_source source;
    /** Of the own format; its import is the one of every format. */
    struct import_file file;
    struct gazetteer *gazetteer;
    struct registry registry;
    /** What stopped the sending; status CPTS_OK = nothing. */
    struct cpts_error stop;
};

static int refuse_file(const struct job *job, const char *problem)
{
    return import_verb_refuse(job->request.path, problem);
}

static int no_memory(const struct job *job)
{
    return refuse_file(job, "no memory for the rows");
}

static bool is_own(const struct job *job)
{
    return job->source.format == FORMAT_OWN;
}

/* The own format has everything in its rows: no place needs to be looked up. */
static int read_own(struct job *job)
{
    char problem[CSV_PROBLEM_BYTES];
    const struct import_text *text = &job->source.text;
    if (text->is_guessed)
        return refuse_file(job, "the file is not UTF-8; say what it is with --encoding NAME");
    if (job->request.hints.map_count > 0)
        return usage_error(job->arguments->command,
                           "--map is for other people's tables; this file has the own columns");
    return import_file_parse(&job->file, text->text, text->length, job->request.wishes.batch,
                             job->request.today, problem)
               ? EXIT_CODE_OK
               : refuse_file(job, problem);
}

static bool is_compared(const struct job *job)
{
    return !is_own(job) || job->request.is_preview || job->request.is_update;
}

static int connect_node(struct job *job)
{
    if (!is_compared(job) && job->request.is_dry)
        return EXIT_CODE_OK;
    return import_verb_connect(job->session, job->arguments);
}

/* What the node has, for rows and plan. */
static int read_node(struct job *job)
{
    struct cpts_error err;
    if (!is_compared(job))
        return EXIT_CODE_OK;
    if (gazetteer_fetch(job->session->client, &job->gazetteer, &err) != CPTS_OK ||
        registry_fetch(job->session, &job->registry, &err) != CPTS_OK)
        return failure_print(&err);
    const char *region = job->request.wishes.region;
    if (region != NULL && gazetteer_region(job->gazetteer, region) == NULL)
        return usage_error(job->arguments->command, "--region %s is no region", region);
    return EXIT_CODE_OK;
}

static int make_rows(struct job *job)
{
    struct import_plan plan = {.gazetteer = job->gazetteer,
                               .registry = &job->registry,
                               .dates = job->request.dates,
                               .batch = job->request.wishes.batch,
                               .is_update = job->request.is_update,
                               .has_history = is_own(job)};
    if (!is_own(job) &&
        !import_draft_make(&job->file.import, &job->source, job->gazetteer, &job->request.wishes))
        return no_memory(job);
    if (job->file.import.row_count == 0)
        return refuse_file(job, "no line of the file names a CPTS");
    return is_compared(job) && !import_plan_make(&plan, &job->file.import) ? no_memory(job)
                                                                           : EXIT_CODE_OK;
}

static bool write_report(const void *import, FILE *stream)
{
    return import_report_write(import, stream);
}

/* The worst of what happened: a stop, then a refused row, then the report. */
static int conclude(const struct job *job)
{
    const struct import *import = &job->file.import;
    int code = import_verb_report(job->request.report_path, write_report, import);
    if (!import_report_print(job->session, import, job->request.path, job->request.is_dry) ||
        import_count(import).refused > 0)
        code = EXIT_CODE_ERROR;
    return import_verb_end(&job->stop, code);
}

static int run(struct job *job)
{
    int (*const steps[])(struct job *) = {connect_node, read_node, make_rows};
    int code = import_request_read(&job->request, job->arguments);
    if (code == EXIT_CODE_OK)
        code = import_verb_source(job->request.path, import_source_read, &job->request.hints,
                                  &job->source);
    if (code == EXIT_CODE_OK && is_own(job))
        code = read_own(job);
    for (size_t i = 0; code == EXIT_CODE_OK && i < sizeof steps / sizeof steps[0]; i++)
        code = steps[i](job);
    if (code != EXIT_CODE_OK)
        return code;
    if (!job->request.is_dry)
        import_run(job->session, &job->file.import, job->request.job_count, &job->stop);
    return conclude(job);
}

int verb_import(struct session *session, const struct arguments *arguments)
{
    struct job job = {.session = session, .arguments = arguments, .stop.status = CPTS_OK};
    int code = run(&job);
    import_file_done(&job.file);
    import_source_done(&job.source);
    gazetteer_free(job.gazetteer);
    registry_done(&job.registry);
    return code;
}
