/* SPDX-License-Identifier: Apache-2.0 */
/* territory merge. */
#include <cpts/merger.h>
#include <cpts/value.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"
#include "sheet.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define VINTAGE_MIN 2000
#define VINTAGE_MAX 2200
#define TIMEOUT_DEFAULT_MS 60000

/* Headings, folded. */
static const char *const OLD_HEADINGS[] = {"old code", "ancien code", "com av", NULL};
static const char *const NEW_HEADINGS[] = {"code", "new code", "nouveau code", "com ap", NULL};
static const char *const NAME_HEADINGS[] = {"name", "nom", "libelle", "libelle ap", NULL};
static const char *const POPULATION_HEADINGS[] = {"population", "population count", NULL};

/* The file as mergers: lines with one new code are one merger. */
struct merger_file {
    struct sheet sheet;
    struct cpts_unit_merger *mergers;
    size_t merger_count;
    /** Old codes, room for every row, those of a merger side by side. */
    const char **old_codes;
};

static int refuse_file(const char *path, int line, const char *problem)
{
    if (line > 0)
        fprintf(stderr, "cptsctl: %s: line %d: %s\n", path, line, problem);
    else
        fprintf(stderr, "cptsctl: %s: %s\n", path, problem);
    fputs("  next:   nothing was sent; correct the file first\n", stderr);
    return EXIT_CODE_ERROR;
}

struct columns {
    int old_code, code, name, population;
};

static struct cpts_unit_merger *find_merger(const struct merger_file *file, const char *code)
{
    for (size_t i = 0; i < file->merger_count; i++) {
        if (strcmp(file->mergers[i].code, code) == 0)
            return &file->mergers[i];
    }
    return NULL;
}

/* The first name and population that its lines give. */
static bool read_facts(const struct merger_file *file, size_t row, const struct columns *columns,
                       struct cpts_unit_merger *merger)
{
    const char *name = sheet_cell(&file->sheet, row, columns->name);
    const char *population = sheet_cell(&file->sheet, row, columns->population);
    char *end = NULL;
    if (merger->name[0] == '\0')
        merger->name = name;
    if (population[0] == '\0')
        return true;
    long count = strtol(population, &end, 10);
    if (*end != '\0' || count < 0 || count > INT32_MAX)
        return false;
    if (merger->population_count == 0)
        merger->population_count = (int32_t)count;
    return true;
}

static int read_row(struct merger_file *file, const char *path, size_t row,
                    const struct columns *columns)
{
    const char *code = sheet_cell(&file->sheet, row, columns->code);
    struct cpts_unit_merger *merger = find_merger(file, code);
    if (merger == NULL) {
        merger = &file->mergers[file->merger_count++];
        *merger = (struct cpts_unit_merger){.code = code, .name = ""};
    }
    merger->old_code_count++;
    if (!read_facts(file, row, columns, merger))
        return refuse_file(path, sheet_line(&file->sheet, row), "the population is no number");
    return EXIT_CODE_OK;
}

/* Gives each merger its part of the room, then fills it. */
static void gather_old_codes(struct merger_file *file, const struct columns *columns)
{
    size_t place = 0;
    for (size_t i = 0; i < file->merger_count; i++) {
        file->mergers[i].old_codes = file->old_codes + place;
        place += file->mergers[i].old_code_count;
        file->mergers[i].old_code_count = 0;
    }
    for (size_t row = 0; row < sheet_row_count(&file->sheet); row++) {
        struct cpts_unit_merger *merger =
            find_merger(file, sheet_cell(&file->sheet, row, columns->code));
        const char **codes = file->old_codes + (merger->old_codes - file->old_codes);
        codes[merger->old_code_count++] = sheet_cell(&file->sheet, row, columns->old_code);
    }
}

static int read_mergers(struct merger_file *file, const char *path)
{
    struct columns columns = {.old_code = sheet_column(&file->sheet, OLD_HEADINGS),
                              .code = sheet_column(&file->sheet, NEW_HEADINGS),
                              .name = sheet_column(&file->sheet, NAME_HEADINGS),
                              .population = sheet_column(&file->sheet, POPULATION_HEADINGS)};
    if (columns.old_code < 0 || columns.code < 0 || columns.name < 0)
        return refuse_file(path, 1, "the columns old_code, code and name are needed");
    size_t count = sheet_row_count(&file->sheet);
    file->mergers = calloc(count + 1, sizeof *file->mergers);
    file->old_codes = calloc(count + 1, sizeof *file->old_codes);
    if (file->mergers == NULL || file->old_codes == NULL)
        return refuse_file(path, 0, "no memory for the rows");
    for (size_t row = 0; row < count; row++) {
        int code = read_row(file, path, row, &columns);
        if (code != EXIT_CODE_OK)
            return code;
    }
    gather_old_codes(file, &columns);
    return EXIT_CODE_OK;
}

static void merger_file_done(struct merger_file *file)
{
    free(file->mergers);
    free(file->old_codes);
    sheet_done(&file->sheet);
}

static const struct grid_column COLUMNS[] = {
    {.name = "cpts_id", .heading = "ID"},
    {.name = "name", .heading = "NAME"},
    {.name = "version"},
    {.name = "old_code", .heading = "OLD"},
    {.name = "old_share", .heading = "SHARE", .is_number = true},
    {.name = "code", .heading = "NEW"},
    {.name = "share", .heading = "SHARE", .is_number = true},
    {.name = "population_before", .heading = "BEFORE", .is_number = true},
    {.name = "population_after", .heading = "AFTER", .is_number = true},
    {.name = "new_contacts", .heading = "NEW CONTACTS", .is_number = true},
    {.name = "not_owned"},
    {.name = "synthetic"},
    {.name = "share_excess"},
};

static void mapping_rows(const struct session *session, struct grid *grid,
                         const struct cpts_territory_mapping *mapping)
{
    char version[FIGURE_BYTES], before[FIGURE_BYTES], after[FIGURE_BYTES], contacts[FIGURE_BYTES];
    snprintf(version, sizeof version, "%d", mapping->version);
    snprintf(contacts, sizeof contacts, "%zu", mapping->contact_count);
    grid_figure(session, mapping->population_before, before);
    grid_figure(session, mapping->population_after, after);
    for (size_t i = 0; i < mapping->claim_count; i++) {
        const struct cpts_mapped_claim *claim = &mapping->claims[i];
        char old_share[FIGURE_BYTES], share[FIGURE_BYTES];
        snprintf(old_share, sizeof old_share, "%.6g", claim->old_share);
        snprintf(share, sizeof share, "%.6g", claim->share);
        grid_row(grid,
                 (const char *[]){mapping->cpts_id, mapping->name, version, claim->old_code,
                                  old_share, claim->code, share, before, after, contacts,
                                  mapping->not_owned ? "true" : "false",
                                  mapping->synthetic ? "true" : "false", mapping->share_excess});
    }
}

static void print_remark(const struct session *session, const struct cpts_unit_merge_report *report,
                         bool is_preview)
{
    if (session->is_quiet)
        return;
    fprintf(stderr,
            "%s%d merger%s %s, %d done before; %zu CPTS; reference version %d, log position %lld\n",
            report->replayed ? "It was done already. " : "", report->applied_count,
            report->applied_count == 1 ? "" : "s", is_preview ? "would be applied" : "applied",
            report->already_applied_count, report->mapping_count, report->reference_version,
            (long long)report->log_position);
    size_t excess_count = 0;
    for (size_t i = 0; i < report->mapping_count; i++)
        excess_count += report->mappings[i].share_excess[0] != '\0';
    if (excess_count > 0)
        fprintf(stderr, "In %zu of them shares exceed 1: see share_excess in --csv or --json\n",
                excess_count);
}

static int print_report(const struct session *session, const struct cpts_unit_merge_report *report,
                        bool is_preview)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_unit_merge_report_json(report, JSON_INDENT));
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < report->mapping_count; i++)
        mapping_rows(session, grid, &report->mappings[i]);
    bool is_fine = grid_end(grid, 0);
    print_remark(session, report, is_preview);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

static int missing(const struct arguments *arguments, const char *option)
{
    return usage_error(arguments->command, "--%s is missing", option);
}

static int read_merge(const struct arguments *arguments, struct cpts_unit_merge *merge,
                      uint8_t *command_id)
{
    merge->source = arguments_value(arguments, "source");
    merge->preview = arguments_has(arguments, "preview");
    if (merge->source == NULL)
        return missing(arguments, "source");
    if (!arguments_has(arguments, "vintage"))
        return missing(arguments, "vintage");
    int code = input_date(arguments, "on", &merge->effective_on);
    if (code == EXIT_CODE_OK && merge->effective_on == NULL)
        code = missing(arguments, "on");
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "vintage", VINTAGE_MIN, VINTAGE_MAX, &merge->vintage);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    return code;
}

static int send_merge(struct session *session, const struct arguments *arguments,
                      const struct cpts_unit_merge *merge, uint8_t *command_id)
{
    struct cpts_unit_merge_report *report = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    int32_t timeout_ms = session->timeout_ms == 0 ? TIMEOUT_DEFAULT_MS : session->timeout_ms;
    if (cpts_territory_merge(session->client, merge, command_id, timeout_ms, &report, &err) !=
        CPTS_OK)
        return failure_print_command(&err, command_id, 0);
    code = print_report(session, report, merge->preview);
    cpts_unit_merge_report_free(report);
    return code;
}

int verb_territory_merge(struct session *session, const struct arguments *arguments)
{
    struct cpts_unit_merge merge = {.size = sizeof merge};
    struct merger_file file = {.mergers = NULL};
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    char problem[CSV_PROBLEM_BYTES];
    const char *path = arguments->operands[0];
    int code = read_merge(arguments, &merge, command_id);
    if (code != EXIT_CODE_OK)
        return code;
    if (!sheet_read(&file.sheet, path, problem))
        return refuse_file(path, 0, problem);
    code = read_mergers(&file, path);
    if (code == EXIT_CODE_OK) {
        merge.mergers = file.mergers;
        merge.merger_count = file.merger_count;
        code = send_merge(session, arguments, &merge, command_id);
    }
    merger_file_done(&file);
    return code;
}
