/* SPDX-License-Identifier: Apache-2.0 */
#include "app/identities.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "base/log.h"
#include "base/principal.h"
#include "store/rows.h"
#include "wire/error.h"

#define REFRESH_TIMEOUT_MS 1500
/* A serial number of the table's CHECK, and its NUL. */
#define SERIAL_BYTES 65

enum role_column { PRINCIPAL, ROLE, SCOPE };

/* Principals ordered by URI, one entry an identity. */
struct roll {
    struct principal *principals;
    size_t count;
};

/* Serial numbers of revoked certificates, ordered. */
struct revocations {
    char (*serials)[SERIAL_BYTES];
    size_t count;
};

struct identities {
    pthread_mutex_t mutex;
    struct roll roll;
    struct revocations revocations;
    /* Read for every call, without the mutex. */
    atomic_bool any_revoked;
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
    free(identities->revocations.serials);
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

static cpts_status read_revocations(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct revocations *revocations = context;
    revocations->count = (size_t)rows_count(rows);
    revocations->serials = calloc(revocations->count + 1, SERIAL_BYTES);
    if (revocations->serials == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the revoked certificates");
    for (int row = 0; row < rows_count(rows); row++)
        snprintf(revocations->serials[row], SERIAL_BYTES, "%s", rows_text(rows, row, 0));
    return CPTS_OK;
}

/* Puts the new copies in place and frees the old ones. */
static void replace(struct identities *identities, struct roll roll, struct revocations revocations)
{
    pthread_mutex_lock(&identities->mutex);
    struct principal *old_principals = identities->roll.principals;
    void *old_serials = identities->revocations.serials;
    identities->roll = roll;
    identities->revocations = revocations;
    atomic_store(&identities->any_revoked, revocations.count > 0);
    pthread_mutex_unlock(&identities->mutex);
    free(old_principals);
    free(old_serials);
}

cpts_status identities_refresh(struct identities *identities, struct lane *lane,
                               struct cpts_error *err)
{
    struct roll roll = {0};
    struct revocations revocations = {0};
    cpts_status status =
        ask(lane, STATEMENT_PRINCIPAL_ROLES, REFRESH_TIMEOUT_MS, read_roll, &roll, err);
    if (status == CPTS_OK)
        status = ask(lane, STATEMENT_REVOKED_CERTIFICATES, REFRESH_TIMEOUT_MS, read_revocations,
                     &revocations, err);
    if (status == CPTS_OK) {
        replace(identities, roll, revocations);
        return CPTS_OK;
    }
    free(roll.principals);
    free(revocations.serials);
    return status;
}

bool identities_any_revoked(struct identities *identities)
{
    return atomic_load(&identities->any_revoked);
}

static int compare_serial(const void *serial, const void *element)
{
    return strcmp(serial, element);
}

bool identities_is_revoked(struct identities *identities, const char *serial)
{
    pthread_mutex_lock(&identities->mutex);
    const struct revocations *revocations = &identities->revocations;
    bool found = revocations->count > 0 && bsearch(serial, revocations->serials, revocations->count,
                                                   SERIAL_BYTES, compare_serial) != NULL;
    pthread_mutex_unlock(&identities->mutex);
    return found;
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
