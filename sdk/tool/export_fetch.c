/* SPDX-License-Identifier: Apache-2.0 */
#include "export_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "import_pool.h"
#include "record_fetch.h"

#define PAGE_SIZE 500
#define TOKEN_BYTES 256

static const enum cpts_stage EVERY_STAGE[] = {CPTS_STAGE_EMERGENCE,     CPTS_STAGE_LETTRE_INTENTION,
                                              CPTS_STAGE_PROJET_VALIDE, CPTS_STAGE_ACI_SIGNE,
                                              CPTS_STAGE_ABANDONNE,     CPTS_STAGE_FUSIONNE,
                                              CPTS_STAGE_DISSOUS,       CPTS_STAGE_NON_RENOUVELE};

/* The ids of every CPTS, in their order. */
struct ids {
    struct import_pool pool;
    const char **ids;
    size_t count, capacity;
};

static bool keep_page(struct ids *ids, const struct cpts_page *page)
{
    for (size_t i = 0; i < page->record_count; i++) {
        const char *id = page->records[i].id;
        if (!import_pool_grow((void **)&ids->ids, &ids->capacity, ids->count, sizeof *ids->ids))
            return false;
        ids->ids[ids->count++] = import_pool_copy(&ids->pool, id, strlen(id));
    }
    return !ids->pool.is_out_of_memory;
}

static cpts_status fetch_ids(const struct export *export, struct ids *ids, struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        struct cpts_list_query query = {.size = sizeof query,
                                        .region = export->region,
                                        .stages = EVERY_STAGE,
                                        .stage_count = sizeof EVERY_STAGE / sizeof *EVERY_STAGE,
                                        .page_size = PAGE_SIZE,
                                        .page_token = token,
                                        .as_of = export->as_of,
                                        .known_at_us = export->known_at_us};
        struct cpts_page *page = NULL;
        cpts_status status = cpts_registry_list(export->session->client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        bool is_fine = keep_page(ids, page);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        cpts_page_free(page);
        if (!is_fine)
            return failure_no_memory(err, "the list of CPTS");
    } while (token[0] != '\0');
    return CPTS_OK;
}

static cpts_status fetch_records(struct export *export, const struct ids *ids,
                                 struct cpts_error *err)
{
    struct cpts_when when = {
        .size = sizeof when, .as_of = export->as_of, .known_at_us = export->known_at_us};
    export->records = calloc(ids->count + 1, sizeof *export->records);
    if (export->records == NULL)
        return failure_no_memory(err, "the CPTS");
    cpts_status status =
        record_fetch(export->session, ids->ids, ids->count, &when, export->records, err);
    if (status != CPTS_OK)
        return status;
    export->record_count = ids->count;
    for (size_t i = 0; i < ids->count; i++)
        export->synthetic_count += export->records[i]->synthetic;
    return CPTS_OK;
}

static cpts_status fetch_coverage(const struct export *export, struct cpts_coverage **ret_coverage,
                                  struct cpts_error *err)
{
    struct cpts_coverage_query query = {.size = sizeof query,
                                        .region = export->region,
                                        .as_of = export->as_of,
                                        .known_at_us = export->known_at_us};
    return cpts_coverage_get(export->session->client, &query, 0, ret_coverage, err);
}

/* The registry's trajectory by month, and the published one, which is believed at
 * no instant. */
static cpts_status fetch_trajectories(struct export *export, struct cpts_error *err)
{
    struct cpts_trajectory_query query = {.size = sizeof query,
                                          .source = CPTS_TRAJECTORY_REGISTRY,
                                          .region = export->region,
                                          .as_of = export->as_of,
                                          .step = CPTS_STEP_MONTH,
                                          .known_at_us = export->known_at_us};
    cpts_client *client = export->session->client;
    cpts_status status = cpts_trajectory_get(client, &query, 0, &export->trajectory, err);
    if (status != CPTS_OK)
        return status;
    query.source = CPTS_TRAJECTORY_PUBLISHED;
    query.known_at_us = 0;
    return cpts_trajectory_get(client, &query, 0, &export->published, err);
}

cpts_status export_fetch(struct export *export, struct cpts_error *err)
{
    struct ids ids = {.count = 0};
    cpts_status status = fetch_coverage(export, &export->coverage, err);
    if (status != CPTS_OK)
        return status;
    /* The node says the date and the instant: everything else is asked for with them. */
    export->as_of = export->coverage->as_of;
    export->known_at_us = export->coverage->known_at_us;
    status = cpts_reference_regions(export->session->client, 0, &export->regions, err);
    if (status == CPTS_OK)
        status = fetch_trajectories(export, err);
    if (status == CPTS_OK)
        status = fetch_ids(export, &ids, err);
    if (status == CPTS_OK)
        status = fetch_records(export, &ids, err);
    free(ids.ids);
    import_pool_done(&ids.pool);
    return status;
}

void export_done(struct export *export)
{
    for (size_t i = 0; i < export->record_count; i++)
        cpts_record_free(export->records[i]);
    free(export->records);
    cpts_regions_free(export->regions);
    cpts_trajectory_free(export->trajectory);
    cpts_trajectory_free(export->published);
    cpts_coverage_free(export->coverage);
}
