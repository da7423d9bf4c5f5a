/* SPDX-License-Identifier: Apache-2.0 */
/* members import. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "failure.h"
#include "import_run.h"
#include "input.h"
#include "member_field.h"
#include "member_input.h"
#include "member_plan.h"
#include "member_report.h"

/* Long enough for a node to be restarted in the middle of an import. */
#define RETRY_MAX 20
#define TIMEOUT_DEFAULT_MS 60000
#define DATE_BYTES 11

/* One import from its file to its report. */
struct job {
    struct session *session;
    const struct arguments *arguments;
    const char *path;
    struct import_map maps[MEMBER_FIELD_COUNT];
    struct import_hints hints;
    char today[DATE_BYTES];
    int32_t job_count;
    bool is_dry, is_preview, restates;
    struct import_source source;
    struct cpts_member_categories *categories;
    struct member_lexicon lexicon;
    struct registry registry;
    struct member_import import;
    struct member_totals totals;
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
    char problem[CSV_PROBLEM_BYTES];
    bool is_given[MEMBER_FIELD_COUNT] = {false};
    for (size_t i = 0; i < arguments_count(job->arguments, "map"); i++) {
        struct import_map map;
        if (!import_map_read(&MEMBER_FIELDS, arguments_nth(job->arguments, "map", i), &map,
                             problem))
            return usage_error(job->arguments->command, "--map: %s", problem);
        if (is_given[map.field])
            return usage_error(job->arguments->command, "--map %s is given twice",
                               member_field_name(map.field));
        is_given[map.field] = true;
        job->maps[job->hints.map_count++] = map;
    }
    job->hints.maps = job->maps;
    return EXIT_CODE_OK;
}

static int read_wishes(struct job *job)
{
    struct member_wishes *wishes = &job->import.wishes;
    uint8_t id[CPTS_UUID_BYTES];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(job->today, sizeof job->today, "%Y-%m-%d", &local);
    wishes->today = job->today;
    wishes->cpts_id = arguments_value(job->arguments, "cpts");
    int code = input_uuid(job->arguments, "cpts", id);
    if (code == EXIT_CODE_OK)
        code = input_date(job->arguments, "joined-on", &wishes->joined_on);
    if (code == EXIT_CODE_OK)
        code = member_input_voice(job->arguments, &wishes->voice);
    if (code == EXIT_CODE_OK && wishes->joined_on != NULL &&
        strcmp(wishes->joined_on, job->today) > 0)
        return usage_error(job->arguments->command, "--joined-on %s is in the future",
                           wishes->joined_on);
    return code;
}

static int read_request(struct job *job)
{
    const struct arguments *arguments = job->arguments;
    job->path = arguments->operands[0];
    job->is_preview = arguments_has(arguments, "preview");
    job->is_dry = job->is_preview || arguments_has(arguments, "dry-run");
    job->restates = arguments_has(arguments, "restate");
    job->job_count = IMPORT_JOBS_DEFAULT;
    job->hints = (struct import_hints){.fields = &MEMBER_FIELDS,
                                       .format = FORMAT_COUNT,
                                       .encoding = arguments_value(arguments, "encoding")};
    int code = input_number(arguments, "jobs", 1, IMPORT_JOBS_MAX, &job->job_count);
    if (code == EXIT_CODE_OK)
        code = read_maps(job);
    return code == EXIT_CODE_OK ? read_wishes(job) : code;
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

static int connect_node(struct job *job)
{
    if (job->session->timeout_ms == 0)
        job->session->timeout_ms = TIMEOUT_DEFAULT_MS;
    return session_connect(job->session, job->arguments, RETRY_MAX);
}

/* Which CPTS and categories the node has. */
static int read_node(struct job *job)
{
    struct cpts_error err;
    if (cpts_member_categories_list(job->session->client, 0, &job->categories, &err) != CPTS_OK ||
        registry_fetch_names(job->session, &job->registry, &err) != CPTS_OK)
        return failure_print(&err);
    if (!member_lexicon_make(&job->lexicon, job->categories))
        return refuse_file(job, "no memory for the categories");
    return EXIT_CODE_OK;
}

static bool has_told_cpts(const struct job *job)
{
    const char *told = job->import.wishes.cpts_id;
    for (size_t i = 0; told != NULL && i < job->registry.count; i++) {
        if (strcmp(job->registry.known[i].id, told) == 0)
            return true;
    }
    return told == NULL;
}

static int make_lines(struct job *job)
{
    job->import.registry = &job->registry;
    job->import.lexicon = &job->lexicon;
    if (!has_told_cpts(job))
        return usage_error(job->arguments->command, "--cpts %s: the node has no such CPTS",
                           job->import.wishes.cpts_id);
    if (!member_draft_make(&job->import, &job->source))
        return refuse_file(job, "no memory for the lines");
    return EXIT_CODE_OK;
}

static int send(struct job *job)
{
    struct cpts_error err;
    if (!job->is_dry)
        member_send(job->session, &job->import, job->restates, job->job_count, &job->totals,
                    &job->stop);
    else if (job->is_preview &&
             member_plan_make(job->session, &job->import, job->restates, &err) != CPTS_OK)
        return failure_print(&err);
    return EXIT_CODE_OK;
}

static int write_report(const struct job *job)
{
    const char *path = arguments_value(job->arguments, "report");
    if (path == NULL)
        return EXIT_CODE_OK;
    FILE *stream = fopen(path, "we");
    bool is_fine = stream != NULL && member_report_write(&job->import, stream);
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
    if (!member_report_print(job->session, &job->import, &job->totals, job->path, job->is_dry) ||
        member_count(&job->import).by_state[MEMBER_REFUSED] > 0)
        code = EXIT_CODE_ERROR;
    if (job->stop.status == CPTS_OK)
        return code;
    failure_facts(&job->stop);
    fputs("  next:   run the same import again; what is there already stays as it is\n", stderr);
    return failure_exit_code(&job->stop);
}

int verb_members_import(struct session *session, const struct arguments *arguments)
{
    struct job job = {.session = session, .arguments = arguments, .stop.status = CPTS_OK};
    int (*const steps[])(struct job *) = {read_request, read_file,  connect_node,
                                          read_node,    make_lines, send};
    int code = EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < sizeof steps / sizeof steps[0]; i++)
        code = steps[i](&job);
    if (code == EXIT_CODE_OK)
        code = conclude(&job);
    member_draft_done(&job.import);
    member_lexicon_done(&job.lexicon);
    cpts_member_categories_free(job.categories);
    registry_done(&job.registry);
    import_source_done(&job.source);
    return code;
}
