/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <cpts/value.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "suggest.h"
#include "unit_text.h"

int input_date(const struct arguments *arguments, const char *option, const char **ret_date)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL)
        return EXIT_CODE_OK;
    if (!cpts_date_is_valid(text))
        return usage_error(arguments->command, "--%s %s is not a date like 2024-02-01", option,
                           text);
    *ret_date = text;
    return EXIT_CODE_OK;
}

int input_instant(const struct arguments *arguments, const char *option, int64_t *ret_us)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL || cpts_instant_parse(text, ret_us))
        return EXIT_CODE_OK;
    return usage_error(arguments->command, "--%s %s is not a time like 2024-02-01T12:00:00Z",
                       option, text);
}

int input_uuid(const struct arguments *arguments, const char *option, uint8_t *ret_uuid)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL || cpts_uuid_parse(text, ret_uuid))
        return EXIT_CODE_OK;
    return usage_error(arguments->command, "--%s %s is not a UUID", option, text);
}

int input_number(const struct arguments *arguments, const char *option, int32_t min, int32_t max,
                 int32_t *ret_number)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL)
        return EXIT_CODE_OK;
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || number < min || number > max)
        return usage_error(arguments->command, "--%s %s is not a number in %d..%d", option, text,
                           min, max);
    *ret_number = (int32_t)number;
    return EXIT_CODE_OK;
}

int input_position(const struct arguments *arguments, const char *option, int64_t *ret_position)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL)
        return EXIT_CODE_OK;
    char *end = NULL;
    errno = 0;
    long long position = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || position < 0)
        return usage_error(arguments->command, "--%s %s is not a log position", option, text);
    *ret_position = position;
    return EXIT_CODE_OK;
}

int input_stage(const struct command_row *command, const char *what, const char *text,
                enum cpts_stage *ret_stage)
{
    const char *names[CPTS_STAGE_NON_RENOUVELE];
    if (cpts_stage_parse(text, ret_stage))
        return EXIT_CODE_OK;
    for (int i = 0; i < CPTS_STAGE_NON_RENOUVELE; i++)
        names[i] = cpts_stage_name((enum cpts_stage)(i + 1));
    const char *near = suggest_nearest(text, names, CPTS_STAGE_NON_RENOUVELE);
    if (near == NULL)
        return usage_error(command, "%s: no stage \"%s\"", what, text);
    return usage_error(command, "%s: no stage \"%s\"; did you mean %s?", what, text, near);
}

int input_stages(const struct arguments *arguments, enum cpts_stage *ret_stages, size_t *ret_count)
{
    size_t count = arguments_count(arguments, "stage");
    if (count > INPUT_STAGES_MAX)
        return usage_error(arguments->command, "more than %d times --stage", INPUT_STAGES_MAX);
    for (size_t i = 0; i < count; i++) {
        int code = input_stage(arguments->command, "--stage", arguments_nth(arguments, "stage", i),
                               &ret_stages[i]);
        if (code != EXIT_CODE_OK)
            return code;
    }
    *ret_count = count;
    return EXIT_CODE_OK;
}

int input_id(const struct arguments *arguments, int operand, const char **ret_id)
{
    uint8_t uuid[CPTS_UUID_BYTES];
    const char *text = arguments->operands[operand];
    if (!cpts_uuid_parse(text, uuid))
        return usage_error(arguments->command,
                           "%s is not an id (a UUID; cptsctl cpts list shows them)", text);
    *ret_id = text;
    return EXIT_CODE_OK;
}

static int read_unit(const struct arguments *arguments, size_t index,
                     struct cpts_territory_unit *ret_unit)
{
    const char *text = arguments_nth(arguments, "unit", index);
    char code[UNIT_CODE_BYTES];
    enum unit_problem problem = unit_text_read(text, strlen(text), code, &ret_unit->share);
    if (problem != UNIT_FINE)
        return usage_error(arguments->command, "--unit %s: %s", text, unit_problem_text(problem));
    ret_unit->unit_code = strdup(code);
    return ret_unit->unit_code == NULL ? EXIT_CODE_ERROR : EXIT_CODE_OK;
}

int input_units(const struct arguments *arguments, struct cpts_territory_unit **ret_units,
                size_t *ret_count)
{
    size_t count = arguments_count(arguments, "unit");
    if (count > INPUT_UNITS_MAX)
        return usage_error(arguments->command, "more than %d times --unit", INPUT_UNITS_MAX);
    struct cpts_territory_unit *units = calloc(count + 1, sizeof *units);
    int code = units == NULL ? EXIT_CODE_ERROR : EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < count; i++)
        code = read_unit(arguments, i, &units[i]);
    if (code != EXIT_CODE_OK) {
        input_units_free(units, count);
        return code;
    }
    *ret_units = units;
    *ret_count = count;
    return EXIT_CODE_OK;
}

void input_units_free(struct cpts_territory_unit *units, size_t count)
{
    for (size_t i = 0; units != NULL && i < count; i++)
        free((char *)units[i].unit_code);
    free(units);
}
