/* SPDX-License-Identifier: Apache-2.0 */
#include "member_input.h"

#include <string.h>
#include <strings.h>

#include "deed.h"
#include "input.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

int member_input_number(const struct arguments *arguments, struct cpts_member *member)
{
    const struct {
        const char *option;
        bool (*is_valid)(const char *text);
        const char **field;
        const char *what;
    } NUMBERS[] = {
        {"rpps", cpts_rpps_is_valid, &member->rpps, "11 digits with their key"},
        {"finess", cpts_finess_is_valid, &member->finess, "9 characters"},
        {"siret", cpts_siret_is_valid, &member->siret, "14 digits with their keys"},
    };
    int given = 0;
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        const char *value = arguments_value(arguments, NUMBERS[i].option);
        if (value == NULL)
            continue;
        if (!NUMBERS[i].is_valid(value))
            return usage_error(arguments->command, "--%s %.40s: not a number of %s",
                               NUMBERS[i].option, value, NUMBERS[i].what);
        *NUMBERS[i].field = value;
        given++;
    }
    if (given != 1)
        return usage_error(arguments->command, "who? One of --rpps, --finess and --siret");
    return EXIT_CODE_OK;
}

/* The number of a name among @p names, 0 when it is none. */
static int find_name(const char *name, const char *const *names, int count)
{
    for (int i = 1; i < count; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return i;
    }
    return 0;
}

static int read_name(const struct arguments *arguments, const char *option,
                     const char *const *names, int count, int *ret_number)
{
    const char *value = arguments_value(arguments, option);
    if (value == NULL)
        return EXIT_CODE_OK;
    *ret_number = find_name(value, names, count);
    if (*ret_number == 0)
        return usage_error(arguments->command, "--%s %.40s is neither %s nor %s", option, value,
                           names[1], names[2]);
    return EXIT_CODE_OK;
}

int member_input_college(const struct arguments *arguments, enum cpts_college *ret_college)
{
    static const char *const NAMES[] = {"", "professional", "partner"};
    int number = (int)*ret_college;
    int code = read_name(arguments, "college", NAMES, COUNT(NAMES), &number);
    *ret_college = (enum cpts_college)number;
    return code;
}

int member_input_voice(const struct arguments *arguments, enum cpts_voice *ret_voice)
{
    static const char *const NAMES[] = {"", "deliberative", "consultative"};
    int number = (int)*ret_voice;
    int code = read_name(arguments, "voice", NAMES, COUNT(NAMES), &number);
    *ret_voice = (enum cpts_voice)number;
    return code;
}

int member_input_date(const struct arguments *arguments, const char *option, const char **ret_date)
{
    int code = input_date(arguments, option, ret_date);
    return code == EXIT_CODE_OK && *ret_date == NULL ? deed_missing(arguments, option) : code;
}
