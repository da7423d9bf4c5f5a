/* SPDX-License-Identifier: Apache-2.0 */
/* Images of aggregates put away row by row. Everything that could be wrong with one is
 * looked at before its first row is written: it is stored whole, or parked. */
#include <cpts/sync_record.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "replica_file.h"
#include "wire/error.h"

/* Storing one image. */
struct putting {
    struct sqlite_file *file;
    const struct cpts_sync_image *image;
    bool is_staged;
    bool is_repair;
};

/* What is stored of an aggregate. */
struct stored {
    bool is_there;
    bool is_parked;
    int32_t version;
    int32_t epoch;
};

static sqlite3_stmt *use(const struct putting *putting, enum replica_statement which,
                         struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(putting->file, (int)which, err);
    if (statement != NULL)
        sqlite3_bind_int(statement, 1, putting->is_staged);
    return statement;
}

static cpts_status read_stored(const struct putting *putting, struct stored *ret_stored,
                               struct cpts_error *err)
{
    *ret_stored = (struct stored){0};
    sqlite3_stmt *statement = use(putting, REPLICA_AGGREGATE, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 2, putting->image->aggregate_kind);
    cpts_sqlite__bind_text(statement, 3, putting->image->aggregate_id);
    if (cpts_sqlite__next(putting->file, statement, err))
        *ret_stored = (struct stored){.is_there = true,
                                      .version = sqlite3_column_int(statement, 0),
                                      .epoch = sqlite3_column_int(statement, 1),
                                      .is_parked = sqlite3_column_bytes(statement, 2) > 0};
    sqlite3_reset(statement);
    return err->status;
}

/* The values of a row's keys as one text, a JSON array; NULL when it is no object or
 * lacks one. Release with free(). */
static char *key_of(const struct cpts_sync_record_kind *kind, struct cpts_bytes body)
{
    json_t *row =
        json_loadb((const char *)body.bytes, body.byte_count, JSON_REJECT_DUPLICATES, NULL);
    json_t *values = json_array();
    bool is_whole = json_is_object(row);
    for (size_t i = 0; is_whole && kind->keys[i] != NULL; i++) {
        json_t *value = json_object_get(row, kind->keys[i]);
        is_whole = value != NULL && json_array_append(values, value) == 0;
    }
    char *key = is_whole ? json_dumps(values, JSON_COMPACT) : NULL;
    json_decref(values);
    json_decref(row);
    return key;
}

/* Why an image cannot be stored; NULL when it can. */
static const char *fault_of(const struct cpts_sync_image *image, const struct stored *stored)
{
    static const char *const REFUSALS[] = {
        [CPTS_SYNC_ALARM_ORIGIN_FORGED] = "ORIGIN_FORGED",
        [CPTS_SYNC_ALARM_OUT_OF_SCOPE] = "OUT_OF_SCOPE",
    };
    if (image->refused != CPTS_SYNC_ALARM_NONE)
        return (size_t)image->refused < sizeof REFUSALS / sizeof REFUSALS[0] &&
                       REFUSALS[image->refused] != NULL
                   ? REFUSALS[image->refused]
                   : "NOT_APPLIED";
    if (image->epoch < stored->epoch)
        return "EPOCH_STALE";
    if (image->since_version > stored->version)
        return "NOT_APPLIED";
    for (size_t i = 0; i < image->row_count; i++) {
        const struct cpts_sync_record_kind *kind = cpts_sync_record_kind(image->rows[i].kind);
        if (kind == NULL || strcmp(kind->aggregate_kind, image->aggregate_kind) != 0)
            return "KIND_UNKNOWN";
        char *key = key_of(kind, image->rows[i].body);
        if (key == NULL)
            return "NOT_APPLIED";
        free(key);
    }
    return NULL;
}

static cpts_status park(const struct putting *putting, const char *why, struct cpts_error *err)
{
    sqlite3_stmt *statement = use(putting, REPLICA_PARK, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 2, putting->image->aggregate_kind);
    cpts_sqlite__bind_text(statement, 3, putting->image->aggregate_id);
    sqlite3_bind_int(statement, 4, putting->image->epoch);
    cpts_sqlite__bind_text(statement, 5, putting->image->owner_node);
    cpts_sqlite__bind_text(statement, 6, putting->image->lead_region);
    cpts_sqlite__bind_text(statement, 7, why);
    return cpts_sqlite__run(putting->file, statement, NULL, err);
}

static cpts_status drop_rows(const struct putting *putting, const char *kind,
                             struct cpts_error *err)
{
    sqlite3_stmt *statement = use(putting, REPLICA_RECORDS_DROP_KIND, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 2, putting->image->aggregate_id);
    cpts_sqlite__bind_text(statement, 3, kind);
    return cpts_sqlite__run(putting->file, statement, NULL, err);
}

/* Takes away rows of the aggregate, another one may have the same id: the keys of a CPTS.
 * @param everything  Else the kinds that come whole. */
static cpts_status make_room(const struct putting *putting, bool everything, struct cpts_error *err)
{
    size_t count = 0;
    const struct cpts_sync_record_kind *kinds = cpts_sync_record_kinds(&count);
    cpts_status status = CPTS_OK;
    for (size_t i = 0; status == CPTS_OK && i < count; i++) {
        if ((everything || kinds[i].is_whole) &&
            strcmp(kinds[i].aggregate_kind, putting->image->aggregate_kind) == 0)
            status = drop_rows(putting, kinds[i].name, err);
    }
    return status;
}

static cpts_status put_row(const struct putting *putting, const struct cpts_sync_row *row,
                           struct cpts_error *err)
{
    char *key = key_of(cpts_sync_record_kind(row->kind), row->body);
    if (key == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a row");
    sqlite3_stmt *statement = use(putting, REPLICA_RECORD_PUT, err);
    if (statement == NULL) {
        free(key);
        return err->status;
    }
    cpts_sqlite__bind_text(statement, 2, putting->image->aggregate_id);
    cpts_sqlite__bind_text(statement, 3, row->kind);
    cpts_sqlite__bind_text(statement, 4, key);
    sqlite3_bind_text64(statement, 5, (const char *)row->body.bytes, row->body.byte_count,
                        SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(statement, 6, row->recorded_from_us);
    sqlite3_bind_int64(statement, 7, row->recorded_to_us);
    cpts_status status = cpts_sqlite__run(putting->file, statement, NULL, err);
    free(key);
    return status;
}

static cpts_status put_head(const struct putting *putting, struct cpts_error *err)
{
    const struct cpts_sync_image *image = putting->image;
    sqlite3_stmt *statement = use(putting, REPLICA_AGGREGATE_PUT, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 2, image->aggregate_kind);
    cpts_sqlite__bind_text(statement, 3, image->aggregate_id);
    sqlite3_bind_int(statement, 4, image->version);
    sqlite3_bind_int(statement, 5, image->epoch);
    cpts_sqlite__bind_text(statement, 6, image->owner_node);
    cpts_sqlite__bind_text(statement, 7, image->lead_region);
    sqlite3_bind_int(statement, 8, image->public_only);
    return cpts_sqlite__run(putting->file, statement, NULL, err);
}

static cpts_status put_whole(const struct putting *putting, struct cpts_error *err)
{
    cpts_status status = make_room(putting, putting->image->since_version == 0, err);
    for (size_t i = 0; status == CPTS_OK && i < putting->image->row_count; i++)
        status = put_row(putting, &putting->image->rows[i], err);
    return status == CPTS_OK ? put_head(putting, err) : status;
}

/* Its owner has no such aggregate. */
static cpts_status forget(const struct putting *putting, struct cpts_error *err)
{
    cpts_status status = make_room(putting, true, err);
    sqlite3_stmt *statement = status == CPTS_OK ? use(putting, REPLICA_AGGREGATE_DROP, err) : NULL;
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 2, putting->image->aggregate_kind);
    cpts_sqlite__bind_text(statement, 3, putting->image->aggregate_id);
    return cpts_sqlite__run(putting->file, statement, NULL, err);
}

/* Nothing newer than what is here, in an epoch that is here. */
static bool is_old(const struct cpts_sync_image *image, const struct stored *stored)
{
    return image->epoch <= stored->epoch && image->version <= stored->version &&
           !stored->is_parked && !(image->again && image->version == stored->version) &&
           image->refused == CPTS_SYNC_ALARM_NONE;
}

static cpts_status put_image(const struct putting *putting, struct cpts_sync_applied *applied,
                             struct cpts_error *err)
{
    const struct cpts_sync_image *image = putting->image;
    struct stored stored;
    cpts_status status = read_stored(putting, &stored, err);
    if (status != CPTS_OK)
        return status;
    if (putting->is_repair && image->version == 0 && image->row_count == 0)
        return forget(putting, err);
    if (!putting->is_repair && is_old(image, &stored)) {
        applied->absorbed_count++;
        return CPTS_OK;
    }
    /* What is parked waits for the whole. */
    if (stored.is_parked && image->since_version > 0)
        return CPTS_OK;
    if (putting->is_repair)
        stored.epoch = 0;
    const char *fault = fault_of(image, &stored);
    if (fault == NULL)
        return put_whole(putting, err);
    applied->newly_parked_count += !stored.is_parked;
    return park(putting, fault, err);
}

cpts_status cpts_replica__put_images(struct sqlite_file *file, const struct cpts_sync_image *images,
                                     size_t image_count, bool is_staged, bool is_repair,
                                     struct cpts_sync_applied *ret_applied, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    for (size_t i = 0; status == CPTS_OK && i < image_count; i++) {
        struct putting putting = {
            .file = file, .image = &images[i], .is_staged = is_staged, .is_repair = is_repair};
        status = put_image(&putting, ret_applied, err);
    }
    return status;
}
