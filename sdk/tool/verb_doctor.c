/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl doctor: the checks in their order, and how they are shown. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define JSON_INDENT_SPACES 2

#define FILES (FACT_CA | FACT_CERTIFICATE | FACT_KEY)

static const char *const GRADES[] = {"ok", "warn", "fail", "skip"};

static const struct step {
    const char *name;
    /** Facts without which it says nothing. */
    unsigned needs;
    /** When it fails, and does not know better. */
    int exit_code;
    void (*run)(struct doctor *doctor, struct doctor_check *check);
} STEPS[] = {
    {"profile", 0, EXIT_CODE_ERROR, doctor_profile},
    {"ca", FACT_PROFILE, EXIT_CODE_ERROR, doctor_ca},
    {"certificate", FACT_PROFILE, EXIT_CODE_ERROR, doctor_certificate},
    {"key", FACT_PROFILE | FACT_CERTIFICATE, EXIT_CODE_ERROR, doctor_key},
    {"address", FACT_PROFILE, EXIT_CODE_UNAVAILABLE, doctor_address},
    {"tls", FACT_REACHED | FILES, EXIT_CODE_DENIED, doctor_tls},
    {"health", FACT_TLS, EXIT_CODE_UNAVAILABLE, doctor_health},
    {"node", FACT_TLS, EXIT_CODE_ERROR, doctor_node},
    {"identity", FACT_STATUS, EXIT_CODE_DENIED, doctor_identity},
    {"clock", FACT_STATUS, EXIT_CODE_ERROR, doctor_clock},
    {"server-certificate", FACT_STATUS, EXIT_CODE_ERROR, doctor_server_certificate},
    {"database", FACT_STATUS, EXIT_CODE_ERROR, doctor_database},
    {"reference", FACT_STATUS, EXIT_CODE_ERROR, doctor_reference},
    {"log", FACT_STATUS, EXIT_CODE_ERROR, doctor_log},
};

void doctor_find(struct doctor_check *check, enum doctor_grade grade, const char *advice,
                 const char *format, ...)
{
    char finding[DOCTOR_FINDING_BYTES];
    va_list values;
    va_start(values, format);
    vsnprintf(finding, sizeof finding, format, values);
    va_end(values);
    if (check->finding[0] != '\0' && grade <= check->grade)
        return;
    check->grade = grade;
    check->advice = advice;
    memcpy(check->finding, finding, sizeof finding);
}

static void run(struct doctor *doctor, struct doctor_check checks[])
{
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        const struct step *step = &STEPS[i];
        checks[i] = (struct doctor_check){.name = step->name, .exit_code = step->exit_code};
        if ((doctor->facts & step->needs) == step->needs)
            step->run(doctor, &checks[i]);
        else
            doctor_find(&checks[i], DOCTOR_SKIP, NULL, "an earlier check failed");
    }
}

static void print_checks(const struct session *session, const struct doctor_check checks[])
{
    static const enum style STYLES[] = {STYLE_RESET, STYLE_BOLD, STYLE_ALERT, STYLE_DIM};
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        const struct doctor_check *check = &checks[i];
        if (session->is_quiet && check->grade == DOCTOR_OK)
            continue;
        printf("%s%-4s%s  %-18s  %s\n", terminal_style(&session->terminal, STYLES[check->grade]),
               GRADES[check->grade], terminal_style(&session->terminal, STYLE_RESET), check->name,
               check->finding);
        if (check->advice != NULL)
            printf("%26s%s\n", "next: ", check->advice);
    }
}

static void print_plain(const struct doctor_check checks[])
{
    for (size_t i = 0; i < COUNT(STEPS); i++)
        printf("%s\t%s\t%s\t%s\n", GRADES[checks[i].grade], checks[i].name, checks[i].finding,
               checks[i].advice == NULL ? "" : checks[i].advice);
}

static int print_as_json(const struct doctor *doctor, const struct doctor_check checks[],
                         bool is_well)
{
    char *node = doctor->status == NULL ? NULL : cpts_node_status_json(doctor->status, 0);
    json_t *list = json_array(), *report = json_object();
    for (size_t i = 0; i < COUNT(STEPS); i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "check", checks[i].name, "grade",
                                              GRADES[checks[i].grade], "finding", checks[i].finding,
                                              "advice",
                                              checks[i].advice == NULL ? "" : checks[i].advice));
    json_object_set_new(report, "healthy", json_boolean(is_well));
    json_object_set_new(report, "client", json_string(cpts_version()));
    json_object_set_new(report, "checks", list);
    if (node != NULL)
        json_object_set_new(report, "node", json_loads(node, 0, NULL));
    char *text = json_dumps(report, JSON_INDENT(JSON_INDENT_SPACES));
    json_decref(report);
    cpts_string_free(node);
    return print_json(text);
}

/* The exit code of the first check that failed. */
static int verdict(const struct doctor_check checks[])
{
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        if (checks[i].grade == DOCTOR_FAIL)
            return checks[i].exit_code;
    }
    return EXIT_CODE_OK;
}

int verb_doctor(struct session *session, const struct arguments *arguments)
{
    struct doctor doctor = {.session = session, .arguments = arguments};
    struct doctor_check checks[COUNT(STEPS)];
    int printed = EXIT_CODE_OK;
    run(&doctor, checks);
    int code = verdict(checks);
    if (session->form == FORM_IS_JSON)
        printed = print_as_json(&doctor, checks, code == EXIT_CODE_OK);
    else if (session->form == FORM_IS_PLAIN)
        print_plain(checks);
    else
        print_checks(session, checks);
    cpts_node_status_free(doctor.status);
    return code != EXIT_CODE_OK ? code : printed;
}
