/* SPDX-License-Identifier: Apache-2.0 */
#include "import_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "name_fold.h"
#include "record_fetch.h"

#define PAGE_SIZE 500
#define TOKEN_BYTES 256

static const enum cpts_stage EVERY_STAGE[] = {CPTS_STAGE_EMERGENCE,     CPTS_STAGE_LETTRE_INTENTION,
                                              CPTS_STAGE_PROJET_VALIDE, CPTS_STAGE_ACI_SIGNE,
                                              CPTS_STAGE_ABANDONNE,     CPTS_STAGE_FUSIONNE,
                                              CPTS_STAGE_DISSOUS,       CPTS_STAGE_NON_RENOUVELE};

static const char *keep(struct registry *registry, const char *text)
{
    return import_pool_copy(&registry->pool, text, strlen(text));
}

static bool add(struct registry *registry, const struct cpts_record *record)
{
    char folded[FOLD_BYTES];
    if (!import_pool_grow((void **)&registry->known, &registry->capacity, registry->count,
                          sizeof *registry->known))
        return false;
    struct known *known = &registry->known[registry->count++];
    name_fold_cpts(record->name, folded);
    *known = (struct known){.version = record->version,
                            .name = keep(registry, record->name),
                            .folded = keep(registry, folded),
                            .region = keep(registry, record->lead_region),
                            .finess = keep(registry, record->finess),
                            .stage = record->stage,
                            .stage_on = keep(registry, record->stage_on),
                            .is_synthetic = record->synthetic,
                            .row = KNOWN_NO_ROW};
    snprintf(known->id, sizeof known->id, "%s", record->id);
    return !registry->pool.is_out_of_memory;
}

static cpts_status fetch_list(cpts_client *client, struct registry *registry,
                              struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        struct cpts_list_query query = {.size = sizeof query,
                                        .stages = EVERY_STAGE,
                                        .stage_count = sizeof EVERY_STAGE / sizeof *EVERY_STAGE,
                                        .page_size = PAGE_SIZE,
                                        .page_token = token};
        struct cpts_page *page = NULL;
        cpts_status status = cpts_registry_list(client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        bool is_fine = true;
        for (size_t i = 0; is_fine && i < page->record_count; i++)
            is_fine = add(registry, &page->records[i]);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        cpts_page_free(page);
        if (!is_fine)
            return failure_no_memory(err, "the node's CPTS");
    } while (token[0] != '\0');
    return CPTS_OK;
}

static bool copy_units(struct registry *registry, struct known *known,
                       const struct cpts_record *record)
{
    known->units = calloc(record->unit_count + 1, sizeof *known->units);
    if (known->units == NULL)
        return false;
    for (size_t i = 0; i < record->unit_count; i++)
        known->units[i] = (struct cpts_territory_unit){
            .unit_code = keep(registry, record->territory[i].unit_code),
            .share = record->territory[i].share};
    known->unit_count = record->unit_count;
    return !registry->pool.is_out_of_memory;
}

/* Territories of the live ones; @p fetched has room for each of them. */
static cpts_status fetch_territories(const struct session *session, struct registry *registry,
                                     const char **ids, struct cpts_record **fetched,
                                     struct cpts_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < registry->count; i++) {
        if (cpts_stage_is_live(registry->known[i].stage))
            ids[count++] = registry->known[i].id;
    }
    cpts_status status = record_fetch(session, ids, count, NULL, fetched, err);
    if (status != CPTS_OK)
        return status;
    bool is_fine = true;
    for (size_t i = 0, j = 0; i < registry->count; i++) {
        struct known *known = &registry->known[i];
        if (!cpts_stage_is_live(known->stage))
            continue;
        const struct cpts_record *record = fetched[j++];
        known->version = record->version;
        known->stage = record->stage;
        known->stage_on = keep(registry, record->stage_on);
        is_fine = is_fine && copy_units(registry, known, record);
    }
    for (size_t i = 0; i < count; i++)
        cpts_record_free(fetched[i]);
    return is_fine ? CPTS_OK : failure_no_memory(err, "the node's CPTS");
}

cpts_status registry_fetch_names(const struct session *session, struct registry *registry,
                                 struct cpts_error *err)
{
    memset(registry, 0, sizeof *registry);
    return fetch_list(session->client, registry, err);
}

cpts_status registry_fetch(const struct session *session, struct registry *registry,
                           struct cpts_error *err)
{
    memset(registry, 0, sizeof *registry);
    cpts_status status = fetch_list(session->client, registry, err);
    const char **ids = calloc(registry->count + 1, sizeof *ids);
    struct cpts_record **fetched = calloc(registry->count + 1, sizeof *fetched);
    if (status == CPTS_OK && (ids == NULL || fetched == NULL))
        status = failure_no_memory(err, "the node's CPTS");
    else if (status == CPTS_OK)
        status = fetch_territories(session, registry, ids, fetched, err);
    free(ids);
    free(fetched);
    return status;
}

void registry_done(struct registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        free(registry->known[i].units);
    free(registry->known);
    import_pool_done(&registry->pool);
    memset(registry, 0, sizeof *registry);
}
