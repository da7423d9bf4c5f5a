/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "gazetteer.h"

#define PAGE_SIZE 5000
/* The reference data changes once a year: twice in one listing is a fault. */
#define ATTEMPTS_MAX 3
#define TOKEN_BYTES 64

static cpts_status fetch_regions(cpts_client *client, struct gazetteer *gazetteer,
                                 struct cpts_error *err)
{
    struct cpts_regions *regions = NULL;
    cpts_status status = cpts_reference_regions(client, 0, &regions, err);
    for (size_t i = 0; status == CPTS_OK && i < regions->region_count; i++) {
        if (!gazetteer_add_region(gazetteer, regions->regions[i].code, regions->regions[i].name))
            status = failure_no_memory(err, "the reference data");
    }
    cpts_regions_free(regions);
    return status;
}

static cpts_status fetch_departments(cpts_client *client, struct gazetteer *gazetteer,
                                     struct cpts_error *err)
{
    struct cpts_departments *found = NULL;
    cpts_status status = cpts_reference_departments(client, 0, &found, err);
    for (size_t i = 0; status == CPTS_OK && i < found->department_count; i++) {
        const struct cpts_department *one = &found->departments[i];
        if (!gazetteer_add_department(gazetteer, one->code, one->name, one->region))
            status = failure_no_memory(err, "the reference data");
    }
    cpts_departments_free(found);
    return status;
}

/* One page; its token and version come back. */
static cpts_status fetch_page(cpts_client *client, struct gazetteer *gazetteer,
                              char token[TOKEN_BYTES], int32_t *version, struct cpts_error *err)
{
    struct cpts_units_query query = {
        .size = sizeof query, .page_size = PAGE_SIZE, .page_token = token};
    struct cpts_units *page = NULL;
    cpts_status status = cpts_reference_units(client, &query, 0, &page, err);
    if (status != CPTS_OK)
        return status;
    if (*version != 0 && page->reference_version != *version)
        status = failure_set(err, CPTS_ABORTED, "REFERENCE_CHANGED",
                             "the reference data changed while it was read");
    for (size_t i = 0; status == CPTS_OK && i < page->unit_count; i++) {
        if (!gazetteer_add_unit(gazetteer, &page->units[i]))
            status = failure_no_memory(err, "the reference data");
    }
    *version = page->reference_version;
    snprintf(token, TOKEN_BYTES, "%s", page->next_page_token);
    cpts_units_free(page);
    return status;
}

static cpts_status fetch_all(cpts_client *client, struct gazetteer *gazetteer,
                             struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    int32_t version = 0;
    cpts_status status = fetch_regions(client, gazetteer, err);
    if (status == CPTS_OK)
        status = fetch_departments(client, gazetteer, err);
    for (bool is_last = false; status == CPTS_OK && !is_last; is_last = token[0] == '\0')
        status = fetch_page(client, gazetteer, token, &version, err);
    return status;
}

cpts_status gazetteer_fetch(cpts_client *client, struct gazetteer **ret_gazetteer,
                            struct cpts_error *err)
{
    cpts_status status = CPTS_ABORTED;
    for (int attempt = 0; status == CPTS_ABORTED && attempt < ATTEMPTS_MAX; attempt++) {
        struct gazetteer *gazetteer = gazetteer_new();
        if (gazetteer == NULL)
            return failure_no_memory(err, "the reference data");
        status = fetch_all(client, gazetteer, err);
        if (status == CPTS_OK) {
            gazetteer_close(gazetteer);
            *ret_gazetteer = gazetteer;
        } else {
            gazetteer_free(gazetteer);
        }
    }
    return status;
}
