/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl funding show, funding board. */
#include <stdio.h>

#include "entitlement_view.h"
#include "failure.h"
#include "input.h"

#define JSON_INDENT 2
#define YEAR_MIN 2016
#define YEAR_MAX 2100

static int read_query(const struct arguments *arguments, struct cpts_funding_query *query)
{
    int code = input_number(arguments, "year", YEAR_MIN, YEAR_MAX, &query->year);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &query->as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query->known_at_us);
    return code;
}

int verb_funding_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_funding_query query = {.size = sizeof query};
    struct cpts_entitlement *entitlement = NULL;
    struct cpts_error err;
    const char *id = NULL;
    int code = input_id(arguments, 0, &id);
    if (code == EXIT_CODE_OK)
        code = read_query(arguments, &query);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_entitlement_get(session->client, id, &query, 0, &entitlement, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_entitlement_json(entitlement, JSON_INDENT));
    else
        code = entitlement_print(session, entitlement) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_entitlement_free(entitlement);
    return code;
}

int verb_funding_board(struct session *session, const struct arguments *arguments)
{
    struct cpts_funding_query query = {.size = sizeof query,
                                       .region = arguments_value(arguments, "region")};
    struct cpts_budget *budget = NULL;
    struct cpts_error err;
    char scope[64];
    int code = read_query(arguments, &query);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_budget_get(session->client, &query, 0, &budget, &err) != CPTS_OK)
        return failure_print(&err);
    snprintf(scope, sizeof scope, "region %s", query.region == NULL ? "" : query.region);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_budget_json(budget, JSON_INDENT));
    else
        code = budget_print(session, budget, query.region == NULL ? NULL : scope) ? EXIT_CODE_OK
                                                                                  : EXIT_CODE_ERROR;
    cpts_budget_free(budget);
    return code;
}
