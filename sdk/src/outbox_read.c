/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "outbox_file.h"
#include "wire/error.h"

static cpts_status not_found(const char *command_id, struct cpts_error *err)
{
    return error_set_field(err, REASON_COMMAND_NOT_FOUND, "command_id",
                           "the outbox has no command %.40s", command_id);
}

static void read_entry(sqlite3_stmt *statement, struct cpts_outbox_entry *ret_entry)
{
    struct cpts_outbox_entry *entry = ret_entry;
    *entry = (struct cpts_outbox_entry){
        .place = sqlite3_column_int64(statement, 0),
        .state = (enum cpts_outbox_state)sqlite3_column_int(statement, 3),
        .byte_count = sqlite3_column_int64(statement, 4),
        .kept_at_us = sqlite3_column_int64(statement, 5),
        .attempted_at_us = sqlite3_column_int64(statement, 6),
        .settled_at_us = sqlite3_column_int64(statement, 7),
        .attempt_count = sqlite3_column_int(statement, 8),
    };
    struct cpts_error *error = &entry->error;
    error->status = (cpts_status)sqlite3_column_int(statement, 9);
    cpts_sqlite__read_text(statement, 1, entry->command_id, sizeof entry->command_id);
    cpts_sqlite__read_text(statement, 2, entry->method, sizeof entry->method);
    cpts_sqlite__read_text(statement, 10, error->reason, sizeof error->reason);
    cpts_sqlite__read_text(statement, 11, error->message, sizeof error->message);
    cpts_sqlite__read_text(statement, 12, error->field, sizeof error->field);
    cpts_sqlite__read_text(statement, 13, error->detail, sizeof error->detail);
}

cpts_status cpts_outbox_list(cpts_outbox *outbox, enum cpts_outbox_state state, int64_t after_place,
                             size_t count_max, struct cpts_outbox_entry *ret_entries,
                             size_t *ret_count, struct cpts_error *err)
{
    struct cpts_error own = {0};
    size_t count = 0;
    pthread_mutex_lock(&outbox->lock);
    sqlite3_stmt *statement = cpts_sqlite__use(&outbox->file, OUTBOX_LIST, &own);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, after_place);
        sqlite3_bind_int(statement, 2, (int)state);
        sqlite3_bind_int64(statement, 3, (int64_t)count_max);
        while (count < count_max && cpts_sqlite__next(&outbox->file, statement, &own))
            read_entry(statement, &ret_entries[count++]);
        sqlite3_reset(statement);
    }
    pthread_mutex_unlock(&outbox->lock);
    if (err != NULL)
        *err = own;
    if (own.status == CPTS_OK)
        *ret_count = count;
    return own.status;
}

cpts_status cpts_outbox_get(cpts_outbox *outbox, const char *command_id,
                            struct cpts_outbox_entry *ret_entry, struct cpts_error *err)
{
    struct cpts_error own = {0};
    bool found = false;
    pthread_mutex_lock(&outbox->lock);
    sqlite3_stmt *statement = cpts_sqlite__use(&outbox->file, OUTBOX_GET, &own);
    if (statement != NULL) {
        cpts_sqlite__bind_text(statement, 1, command_id);
        found = cpts_sqlite__next(&outbox->file, statement, &own);
        if (found)
            read_entry(statement, ret_entry);
        sqlite3_reset(statement);
    }
    pthread_mutex_unlock(&outbox->lock);
    if (own.status == CPTS_OK && !found)
        not_found(command_id, &own);
    if (err != NULL)
        *err = own;
    return own.status;
}

static void add_up(sqlite3_stmt *statement, struct cpts_outbox_room *room)
{
    int32_t count = sqlite3_column_int(statement, 1);
    int64_t oldest_us = sqlite3_column_int64(statement, 3);
    int32_t *const counts[] = {
        [CPTS_OUTBOX_NOT_SENT] = &room->not_sent_count,
        [CPTS_OUTBOX_POSSIBLY_ACCEPTED] = &room->possibly_accepted_count,
        [CPTS_OUTBOX_ACCEPTED] = &room->accepted_count,
        [CPTS_OUTBOX_REJECTED] = &room->rejected_count,
    };
    int state = sqlite3_column_int(statement, 0);
    *counts[state] = count;
    if (state != CPTS_OUTBOX_ACCEPTED) {
        room->count += count;
        room->byte_count += sqlite3_column_int64(statement, 2);
    }
    bool waits = state == CPTS_OUTBOX_NOT_SENT || state == CPTS_OUTBOX_POSSIBLY_ACCEPTED;
    if (waits && (room->oldest_at_us == 0 || oldest_us < room->oldest_at_us))
        room->oldest_at_us = oldest_us;
}

cpts_status cpts_outbox__read_room(cpts_outbox *outbox, struct cpts_outbox_room *room,
                                   struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(&outbox->file, OUTBOX_ROOM, err);
    if (statement == NULL)
        return err->status;
    room->count_max = outbox->count_max;
    room->bytes_max = outbox->bytes_max;
    while (cpts_sqlite__next(&outbox->file, statement, err))
        add_up(statement, room);
    sqlite3_reset(statement);
    return err->status;
}

cpts_status cpts_outbox_read_room(cpts_outbox *outbox, struct cpts_outbox_room *ret_room,
                                  struct cpts_error *err)
{
    struct cpts_error own = {0};
    struct cpts_outbox_room room = {0};
    pthread_mutex_lock(&outbox->lock);
    cpts_status status = cpts_outbox__read_room(outbox, &room, &own);
    pthread_mutex_unlock(&outbox->lock);
    if (err != NULL)
        *err = own;
    if (status != CPTS_OK)
        return status;
    cpts_exchange__give(ret_room, &room, sizeof room);
    return CPTS_OK;
}

/* Runs a change of one command that only some states allow. */
static cpts_status change(cpts_outbox *outbox, enum outbox_statement which, const char *command_id,
                          int64_t *ret_changed, struct cpts_error *err)
{
    struct cpts_error own = {0};
    pthread_mutex_lock(&outbox->lock);
    sqlite3_stmt *statement = cpts_sqlite__use(&outbox->file, (int)which, &own);
    if (statement != NULL) {
        cpts_sqlite__bind_text(statement, 1, command_id);
        own.status = cpts_sqlite__run(&outbox->file, statement, ret_changed, &own);
    }
    pthread_mutex_unlock(&outbox->lock);
    if (err != NULL)
        *err = own;
    return own.status;
}

cpts_status cpts_outbox_forget(cpts_outbox *outbox, const char *command_id, struct cpts_error *err)
{
    int64_t changed = 0;
    struct cpts_outbox_entry entry = {0};
    cpts_status status = change(outbox, OUTBOX_FORGET, command_id, &changed, err);
    if (status != CPTS_OK || changed > 0)
        return status;
    status = cpts_outbox_get(outbox, command_id, &entry, err);
    return status != CPTS_OK ? status
                             : error_set(err, REASON_COMMAND_POSSIBLY_ACCEPTED,
                                         "it may have been carried out; send it, to learn that");
}

cpts_status cpts_outbox_retry(cpts_outbox *outbox, const char *command_id, struct cpts_error *err)
{
    int64_t changed = 0;
    struct cpts_outbox_entry entry = {0};
    cpts_status status = change(outbox, OUTBOX_RETRY, command_id, &changed, err);
    if (status != CPTS_OK || changed > 0)
        return status;
    status = cpts_outbox_get(outbox, command_id, &entry, err);
    return status != CPTS_OK ? status
                             : error_set(err, REASON_COMMAND_NOT_REJECTED, "it was not refused: %s",
                                         cpts_outbox_state_name(entry.state));
}
