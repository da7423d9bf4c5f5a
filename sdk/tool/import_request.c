/* SPDX-License-Identifier: Apache-2.0 */
#include "import_request.h"

#include <string.h>

#include "crew.h"
#include "import_verb.h"
#include "input.h"
#include "suggest.h"

static int read_format(struct import_request *request, const struct arguments *arguments)
{
    const char *names[FORMAT_COUNT];
    const char *name = arguments_value(arguments, "format");
    request->hints.format = name == NULL ? FORMAT_COUNT : import_format_find(name);
    if (name == NULL || request->hints.format != FORMAT_COUNT)
        return EXIT_CODE_OK;
    for (int i = 0; i < FORMAT_COUNT; i++)
        names[i] = IMPORT_FORMATS[i].name;
    const char *near = suggest_nearest(name, names, FORMAT_COUNT);
    return usage_error(arguments->command,
                       "no format \"%s\"%s%s; there are own, layer-geojson, layer-csv, commune-csv",
                       name, near == NULL ? "" : ", did you mean ", near == NULL ? "" : near);
}

static int read_dates(struct import_request *request, const struct arguments *arguments)
{
    import_verb_today(request->today);
    request->dates.today = request->today;
    request->dates.may_fill = arguments_has(arguments, "fill-dates");
    int code = input_date(arguments, "effective-on", &request->dates.effective_on);
    if (code != EXIT_CODE_OK)
        return code;
    if (request->dates.effective_on != NULL &&
        strcmp(request->dates.effective_on, request->today) > 0)
        return usage_error(arguments->command, "--effective-on %s is in the future",
                           request->dates.effective_on);
    if (request->is_update && request->dates.effective_on == NULL)
        return usage_error(arguments->command,
                           "--update needs --effective-on DATE: from when the changes are true");
    return EXIT_CODE_OK;
}

int import_request_read(struct import_request *request, const struct arguments *arguments)
{
    const char *batch = arguments_value(arguments, "batch");
    memset(request, 0, sizeof *request);
    request->path = arguments->operands[0];
    request->report_path = arguments_value(arguments, "report");
    request->hints.fields = &IMPORT_CPTS_FIELDS;
    request->hints.encoding = arguments_value(arguments, "encoding");
    request->wishes = (struct import_wishes){.batch = batch == NULL ? "" : batch,
                                             .region = arguments_value(arguments, "region"),
                                             .is_synthetic = arguments_has(arguments, "synthetic")};
    request->is_preview = arguments_has(arguments, "preview");
    request->is_dry = request->is_preview || arguments_has(arguments, "dry-run");
    request->is_update = arguments_has(arguments, "update");
    request->job_count = CREW_THREADS_DEFAULT;
    int code = input_number(arguments, "jobs", 1, CREW_THREADS_MAX, &request->job_count);
    if (code == EXIT_CODE_OK)
        code = read_format(request, arguments);
    if (code == EXIT_CODE_OK)
        code = import_verb_maps(arguments, request->maps, &request->hints);
    return code == EXIT_CODE_OK ? read_dates(request, arguments) : code;
}
