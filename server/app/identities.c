/* SPDX-License-Identifier: Apache-2.0 */
#include "app/identities.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "base/log.h"
#include "base/principal.h"
#include "store/rows.h"
#include "wire/error.h"

#define REFRESH_TIMEOUT_MS 5000

enum role_column { PRINCIPAL, ROLE, SCOPE };

/* Principals ordered by URI, one entry an identity. */
struct roll {
    struct principal *principals;
    size_t count;
};

struct identities {
    pthread_mutex_t mutex;
    struct roll roll;
};

struct identities *identities_new(void)
{
    struct identities *identities = calloc(1, sizeof *identities);
    if (identities != NULL)
        pthread_mutex_init(&identities->mutex, NULL);
    return identities;
}

void identities_free(struct identities *identities)
{
    if (identities == NULL)
        return;
    pthread_mutex_destroy(&identities->mutex);
    free(identities->roll.principals);
    free(identities);
}

/* Adds one row to the roll; a principal whose scopes differ keeps none. */
static void add_role(struct roll *roll, const char *uri, const char *role, const char *scope)
{
    struct principal *last = roll->count == 0 ? NULL : &roll->principals[roll->count - 1];
    if (last == NULL || strcmp(last->uri, uri) != 0) {
        last = &roll->principals[roll->count++];
        snprintf(last->uri, sizeof last->uri, "%s", uri);
        snprintf(last->scope, sizeof last->scope, "%s", scope);
    }
    if (strcmp(last->scope, scope) != 0) {
        log_write(LOG_ERROR, "app", "identity %s has roles of different scopes: none counts", uri);
        last->scope[0] = '\0';
        last->roles = 0;
        return;
    }
    last->roles |= role_find(role);
}

static cpts_status read_roll(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct roll *roll = context;
    size_t count = (size_t)rows_count(rows);
    roll->principals = calloc(count + 1, sizeof *roll->principals);
    if (roll->principals == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the identities");
    for (int row = 0; row < rows_count(rows); row++) {
        if (strlen(rows_text(rows, row, PRINCIPAL)) >= PRINCIPAL_URI_BYTES)
            continue;
        add_role(roll, rows_text(rows, row, PRINCIPAL), rows_text(rows, row, ROLE),
                 rows_text(rows, row, SCOPE));
    }
    return CPTS_OK;
}

cpts_status identities_refresh(struct identities *identities, struct lane *lane,
                               struct cpts_error *err)
{
    struct roll roll = {0};
    cpts_status status =
        ask(lane, STATEMENT_PRINCIPAL_ROLES, REFRESH_TIMEOUT_MS, read_roll, &roll, err);
    if (status != CPTS_OK)
        return status;
    pthread_mutex_lock(&identities->mutex);
    struct principal *old = identities->roll.principals;
    identities->roll = roll;
    pthread_mutex_unlock(&identities->mutex);
    free(old);
    return CPTS_OK;
}

static int compare_uri(const void *uri, const void *principal)
{
    return strcmp(uri, ((const struct principal *)principal)->uri);
}

cpts_status identities_find(struct identities *identities, const char *uri,
                            struct principal *ret_principal, struct cpts_error *err)
{
    bool found = false;
    pthread_mutex_lock(&identities->mutex);
    const struct roll *roll = &identities->roll;
    const struct principal *principal =
        roll->count == 0
            ? NULL
            : bsearch(uri, roll->principals, roll->count, sizeof *principal, compare_uri);
    if (principal != NULL && principal->roles != 0) {
        *ret_principal = *principal;
        found = true;
    }
    pthread_mutex_unlock(&identities->mutex);
    if (!found)
        return error_set(err, REASON_UNKNOWN_IDENTITY, "this identity has no role today");
    return CPTS_OK;
}
