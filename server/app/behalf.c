/* SPDX-License-Identifier: Apache-2.0 */
#include "app/behalf.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "app/identities.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define REFRESH_TIMEOUT_MS 1500
#define REGION_BYTES 8
#define REGION_SCOPE "region:"
#define CPTS_SCOPE "cpts:"
/* Roles that somebody of a region has; those of the nation are nobody's to lend. */
#define LENT_ROLES ((uint32_t)ROLE_ARS_AGENT | ROLE_CPTS_COORDINATOR)

struct cpts_region {
    char cpts_id[UUID_TEXT_BYTES];
    char region[REGION_BYTES];
};

struct behalf {
    const char *trust_domain;
    struct identities *identities;
    pthread_mutex_t mutex;
    struct cpts_region *regions; /* ordered by id */
    size_t region_count;
};

struct regions {
    struct cpts_region *rows;
    size_t count;
};

struct behalf *behalf_new(const char *trust_domain, struct identities *identities)
{
    struct behalf *behalf = calloc(1, sizeof *behalf);
    if (behalf == NULL)
        return NULL;
    behalf->trust_domain = trust_domain;
    behalf->identities = identities;
    pthread_mutex_init(&behalf->mutex, NULL);
    return behalf;
}

void behalf_free(struct behalf *behalf)
{
    if (behalf == NULL)
        return;
    pthread_mutex_destroy(&behalf->mutex);
    free(behalf->regions);
    free(behalf);
}

static cpts_status read_regions(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct regions *regions = context;
    regions->count = (size_t)rows_count(rows);
    regions->rows = calloc(regions->count + 1, sizeof *regions->rows);
    if (regions->rows == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the regions of CPTS");
    for (int row = 0; row < rows_count(rows); row++) {
        struct cpts_region *region = &regions->rows[row];
        snprintf(region->cpts_id, sizeof region->cpts_id, "%s", rows_text(rows, row, 0));
        snprintf(region->region, sizeof region->region, "%s", rows_text(rows, row, 1));
    }
    return CPTS_OK;
}

cpts_status behalf_refresh(struct behalf *behalf, struct lane *lane, struct cpts_error *err)
{
    struct regions regions = {0};
    cpts_status status =
        ask(lane, STATEMENT_CPTS_REGIONS, REFRESH_TIMEOUT_MS, read_regions, &regions, err);
    if (status != CPTS_OK) {
        free(regions.rows);
        return status;
    }
    pthread_mutex_lock(&behalf->mutex);
    struct cpts_region *former = behalf->regions;
    behalf->regions = regions.rows;
    behalf->region_count = regions.count;
    pthread_mutex_unlock(&behalf->mutex);
    free(former);
    return CPTS_OK;
}

static int compare_id(const void *id, const void *region)
{
    return strcmp(id, ((const struct cpts_region *)region)->cpts_id);
}

static bool is_in_region(struct behalf *behalf, const char *cpts_id, const char *region)
{
    pthread_mutex_lock(&behalf->mutex);
    const struct cpts_region *found = behalf->region_count == 0
                                          ? NULL
                                          : bsearch(cpts_id, behalf->regions, behalf->region_count,
                                                    sizeof *behalf->regions, compare_id);
    bool is_there = found != NULL && strcmp(found->region, region) == 0;
    pthread_mutex_unlock(&behalf->mutex);
    return is_there;
}

/* The region whose node calls; NULL: it is no region's. */
static const char *region_of_caller(const struct principal *caller)
{
    size_t prefix = strlen(REGION_SCOPE);
    if ((caller->roles & ROLE_REGION_NODE) == 0 ||
        strncmp(caller->scope, REGION_SCOPE, prefix) != 0)
        return NULL;
    return caller->scope + prefix;
}

static bool is_scope_of_region(struct behalf *behalf, const char *scope, const char *region)
{
    size_t region_prefix = strlen(REGION_SCOPE);
    size_t cpts_prefix = strlen(CPTS_SCOPE);
    if (strncmp(scope, REGION_SCOPE, region_prefix) == 0)
        return strcmp(scope + region_prefix, region) == 0;
    return strncmp(scope, CPTS_SCOPE, cpts_prefix) == 0 &&
           is_in_region(behalf, scope + cpts_prefix, region);
}

/* A person or a CPTS of our domain. */
static bool is_person(const struct behalf *behalf, const char *identity)
{
    char user[PRINCIPAL_URI_BYTES], cpts[PRINCIPAL_URI_BYTES];
    snprintf(user, sizeof user, "spiffe://%.200s/user/", behalf->trust_domain);
    snprintf(cpts, sizeof cpts, "spiffe://%.200s/cpts/", behalf->trust_domain);
    return strncmp(identity, user, strlen(user)) == 0 || strncmp(identity, cpts, strlen(cpts)) == 0;
}

/* @return 0 when one of them is none that is lent. */
static uint32_t read_roles(const char *text)
{
    uint32_t roles = 0;
    char names[BEHALF_ROLES_BYTES];
    char *rest = NULL;
    snprintf(names, sizeof names, "%s", text);
    for (char *name = strtok_r(names, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        uint32_t role = role_find(name);
        if (role == 0 || (role & LENT_ROLES) == 0)
            return 0;
        roles |= role;
    }
    return roles;
}

/* Somebody who is known here as well is so with the same rights. */
static bool is_known_otherwise(struct behalf *behalf, const struct behalf_metadata *metadata)
{
    struct principal known;
    return identities_find(behalf->identities, metadata->identity, &known, NULL) == CPTS_OK &&
           strcmp(known.scope, metadata->scope) != 0;
}

cpts_status behalf_judge(struct behalf *behalf, const struct behalf_metadata *metadata,
                         struct principal *principal, struct cpts_error *err)
{
    const char *region = region_of_caller(principal);
    uint32_t roles = read_roles(metadata->roles);
    if (region == NULL)
        return error_set(err, REASON_ROLE_NOT_ALLOWED, "only a region's node speaks for others");
    if (roles == 0)
        return error_set(err, REASON_ROLE_NOT_ALLOWED, "nobody of a region has these roles");
    if (!is_person(behalf, metadata->identity) ||
        !is_scope_of_region(behalf, metadata->scope, region) ||
        is_known_otherwise(behalf, metadata))
        return error_set(err, REASON_OUT_OF_SCOPE, "that is nobody of region %.8s", region);
    struct principal lent = {.roles = roles, .is_lent = true};
    memcpy(lent.uri, metadata->identity, sizeof lent.uri);
    memcpy(lent.scope, metadata->scope, sizeof lent.scope);
    *principal = lent;
    return CPTS_OK;
}
