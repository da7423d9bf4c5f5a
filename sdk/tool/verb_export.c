/* SPDX-License-Identifier: Apache-2.0 */
/* Every table in one go, for spreadsheets and for other programs. */
#include <stdio.h>
#include <string.h>

#include "export_fetch.h"
#include "export_target.h"
#include "export_writer.h"
#include "failure.h"
#include "input.h"

static int refuse(const char *problem)
{
    fprintf(stderr, "cptsctl: %s\n", problem);
    return EXIT_CODE_ERROR;
}

static void print_counts(const struct export *export, const char *path,
                         const struct export_counts *counts)
{
    char known_at[EXPORT_INSTANT_BYTES];
    export_instant(export->known_at_us, known_at);
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++)
        fprintf(stderr, "  %-24s %7zu rows\n", EXPORT_TABLES[i]->name, counts->rows[i]);
    fprintf(stderr, "%s: true on %s, known at %s%s\n", path, export->as_of, known_at,
            export->synthetic_count > 0 ? "; SYNTHETIC DATA among them" : "");
}

/* Writes the part. @return as export_write(); what could not be written is in
 * @p ret_problem. */
static cpts_status write_part(const struct export *export, const struct export_target *target,
                              struct export_counts *ret_counts, char *ret_problem,
                              struct cpts_error *err)
{
    return target->is_workbook
               ? export_workbook_write(export, target->part, ret_counts, ret_problem, err)
               : export_folder_write(export, target->part, ret_counts, ret_problem, err);
}

static int run(struct export *export, const char *path)
{
    struct export_target target;
    struct export_counts counts = {{0}};
    char problem[EXPORT_PROBLEM_BYTES] = "";
    struct cpts_error err;
    /* First of all: whoever waited wants the export to have a place. */
    if (!export_target_begin(&target, path, problem))
        return refuse(problem);
    cpts_status status = export_fetch(export, &err);
    if (status == CPTS_OK)
        status = write_part(export, &target, &counts, problem, &err);
    if (status != CPTS_OK || problem[0] != '\0') {
        export_target_discard(&target);
        return status == CPTS_OK ? refuse(problem) : failure_print(&err);
    }
    if (!export_target_commit(&target, problem))
        return refuse(problem);
    if (!export->session->is_quiet)
        print_counts(export, target.path, &counts);
    return EXIT_CODE_OK;
}

int verb_export(struct session *session, const struct arguments *arguments)
{
    struct export export = {.session = session, .region = arguments_value(arguments, "region")};
    int code = input_date(arguments, "as-of", &export.as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &export.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = run(&export, arguments->operands[0]);
    export_done(&export);
    return code;
}
