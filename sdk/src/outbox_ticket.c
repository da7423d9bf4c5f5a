/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox_ticket.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outbox_file.h"
#include "ticks.h"
#include "wire/error.h"
#include "wire/failpoint.h"

#define HASH_BYTES crypto_hash_sha256_BYTES

/* A command that the box has already. */
struct found {
    int64_t place;
    enum cpts_outbox_state state;
    bool is_same;
};

bool cpts_outbox__takes(enum operation operation)
{
    static const enum operation PASSING[] = {
        OPERATION_ENROLMENT_CREATE, OPERATION_CERTIFICATE_ENROLL, OPERATION_CERTIFICATE_RENEW};
    for (size_t i = 0; i < sizeof PASSING / sizeof PASSING[0]; i++) {
        if (operation == PASSING[i])
            return false;
    }
    return true;
}

static cpts_status run_with_place(struct sqlite_file *file, enum outbox_statement which,
                                  int64_t place, struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, (int)which, err);
    if (statement == NULL)
        return err->status;
    sqlite3_bind_int64(statement, 1, place);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* Place 0 when the box has no command of that id. */
static cpts_status find(struct sqlite_file *file, const char *command_id, const char *method,
                        const uint8_t hash[HASH_BYTES], struct found *ret_found,
                        struct cpts_error *err)
{
    *ret_found = (struct found){0};
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_FIND, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, command_id);
    if (cpts_sqlite__next(file, statement, err)) {
        ret_found->place = sqlite3_column_int64(statement, 0);
        ret_found->state = (enum cpts_outbox_state)sqlite3_column_int(statement, 1);
        ret_found->is_same = memcmp(sqlite3_column_blob(statement, 2), hash, HASH_BYTES) == 0 &&
                             strcmp((const char *)sqlite3_column_text(statement, 3), method) == 0;
    }
    sqlite3_reset(statement);
    return err->status;
}

static cpts_status check_room(cpts_outbox *outbox, size_t byte_count, struct cpts_error *err)
{
    struct cpts_outbox_room room = {.size = sizeof room};
    cpts_status status = cpts_outbox__read_room(outbox, &room, err);
    if (status != CPTS_OK)
        return status;
    if (room.count >= outbox->count_max ||
        (int64_t)byte_count > outbox->bytes_max - room.byte_count) {
        status = error_set(err, REASON_OUTBOX_FULL,
                           "the outbox has no room: %d of %d commands, %lld of %lld bytes wait; "
                           "send them or forget what was refused",
                           room.count, outbox->count_max, (long long)room.byte_count,
                           (long long)outbox->bytes_max);
    }
    return status;
}

static cpts_status put(cpts_outbox *outbox, const char *command_id, const char *method,
                       struct cpts_bytes request, const uint8_t hash[HASH_BYTES],
                       struct cpts_error *err)
{
    cpts_status status = check_room(outbox, request.byte_count, err);
    if (status != CPTS_OK)
        return status;
    sqlite3_stmt *statement = cpts_sqlite__use(&outbox->file, OUTBOX_PUT, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, command_id);
    cpts_sqlite__bind_text(statement, 2, method);
    cpts_sqlite__bind_bytes(statement, 3, request.bytes, request.byte_count);
    cpts_sqlite__bind_bytes(statement, 4, hash, HASH_BYTES);
    sqlite3_bind_int64(statement, 5, cpts_ticks__wall_us());
    return cpts_sqlite__run(&outbox->file, statement, NULL, err);
}

/* In a transaction: it is in the box afterwards. */
static cpts_status put_once(cpts_outbox *outbox, const char *command_id, const char *method,
                            struct cpts_bytes request, struct outbox_ticket *ticket,
                            struct cpts_error *err)
{
    uint8_t hash[HASH_BYTES];
    struct found found;
    crypto_hash_sha256(hash, request.bytes, request.byte_count);
    cpts_status status = find(&outbox->file, command_id, method, hash, &found, err);
    if (status != CPTS_OK)
        return status;
    if (found.place != 0 && !found.is_same)
        return error_set_field(err, REASON_COMMAND_ID_REUSED, "command_id",
                               "the outbox has another command of this id");
    *ticket = (struct outbox_ticket){
        .outbox = outbox, .place = found.place, .is_new = found.place == 0, .state = found.state};
    if (!ticket->is_new)
        return CPTS_OK;
    status = put(outbox, command_id, method, request, hash, err);
    ticket->place = sqlite3_last_insert_rowid(outbox->file.database);
    ticket->state = CPTS_OUTBOX_NOT_SENT;
    return status;
}

static cpts_status is_behind(struct sqlite_file *file, int64_t place, bool *ret_behind,
                             struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_WAITS_BEFORE, err);
    if (statement == NULL)
        return err->status;
    sqlite3_bind_int64(statement, 1, place);
    *ret_behind = cpts_sqlite__next(file, statement, err);
    sqlite3_reset(statement);
    return err->status;
}

/* What was refused waits again, at its place. */
static cpts_status wait_again(struct sqlite_file *file, const char *command_id,
                              struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_RETRY, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, command_id);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* In a transaction: from now on it counts as possibly accepted, and is ours. */
static cpts_status begin(struct sqlite_file *file, struct outbox_ticket *ticket, bool is_call,
                         struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_HOLD, err);
    if (statement == NULL)
        return err->status;
    sqlite3_bind_int64(statement, 1, ticket->place);
    sqlite3_bind_int(statement, 2, is_call);
    cpts_status status = cpts_sqlite__run(file, statement, NULL, err);
    if (status != CPTS_OK)
        return status;
    statement = cpts_sqlite__use(file, OUTBOX_BEGIN, err);
    if (statement == NULL)
        return err->status;
    sqlite3_bind_int64(statement, 1, ticket->place);
    sqlite3_bind_int64(statement, 2, cpts_ticks__wall_us());
    if (cpts_sqlite__next(file, statement, err))
        ticket->attempt = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return err->status;
}

static cpts_status say_kept(enum cpts_outbox_state state, const char *why, struct cpts_error *err)
{
    char message[CPTS_MESSAGE_BYTES];
    snprintf(message, sizeof message, "%s", why);
    cpts_status status = error_set(err, REASON_COMMAND_KEPT,
                                   "the outbox keeps the command and will send it: %s", message);
    snprintf(err->detail, sizeof err->detail, "%s", cpts_outbox_state_name(state));
    return status;
}

cpts_status cpts_outbox__keep(cpts_outbox *outbox, enum operation operation, const char *command_id,
                              struct cpts_bytes request, struct outbox_ticket *ret_ticket,
                              struct cpts_error *err)
{
    bool behind = false;
    struct outbox_ticket ticket = {0};
    pthread_mutex_lock(&outbox->lock);
    cpts_status status = cpts_sqlite__begin(&outbox->file, err);
    if (status == CPTS_OK) {
        status =
            put_once(outbox, command_id, cpts_operation__path(operation), request, &ticket, err);
        if (status == CPTS_OK)
            status = is_behind(&outbox->file, ticket.place, &behind, err);
        if (ticket.state == CPTS_OUTBOX_ACCEPTED)
            behind = false; /* it was in time; the node gives its answer again */
        if (status == CPTS_OK && behind && ticket.state == CPTS_OUTBOX_REJECTED) {
            status = wait_again(&outbox->file, command_id, err);
            ticket.state = CPTS_OUTBOX_NOT_SENT;
        }
        if (status == CPTS_OK && !behind)
            status = begin(&outbox->file, &ticket, true, err);
        FAILPOINT("outbox/keeping");
        status = cpts_sqlite__end(&outbox->file, status, err);
    }
    pthread_mutex_unlock(&outbox->lock);
    if (status != CPTS_OK)
        return status;
    FAILPOINT("outbox/kept");
    if (behind)
        return say_kept(ticket.state, "older ones wait", err);
    *ret_ticket = ticket;
    return CPTS_OK;
}

/* Of a row that stands: place, state, method, request. */
static cpts_status read_oldest(sqlite3_stmt *statement, struct outbox_ticket *ticket,
                               enum operation *ret_operation, struct cpts_bytes *ret_request,
                               struct cpts_error *err)
{
    size_t byte_count = (size_t)sqlite3_column_bytes(statement, 3);
    uint8_t *bytes = malloc(byte_count + 1);
    if (bytes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the command");
    if (byte_count > 0)
        memcpy(bytes, sqlite3_column_blob(statement, 3), byte_count);
    ticket->place = sqlite3_column_int64(statement, 0);
    ticket->state = (enum cpts_outbox_state)sqlite3_column_int(statement, 1);
    *ret_operation = cpts_operation__find((const char *)sqlite3_column_text(statement, 2));
    *ret_request = (struct cpts_bytes){.bytes = bytes, .byte_count = byte_count};
    return CPTS_OK;
}

static cpts_status take_oldest(struct sqlite_file *file, int64_t after_place,
                               struct outbox_ticket *ticket, enum operation *ret_operation,
                               struct cpts_bytes *ret_request, struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_OLDEST, err);
    if (statement == NULL)
        return err->status;
    sqlite3_bind_int64(statement, 1, after_place);
    cpts_status status = CPTS_OK;
    if (cpts_sqlite__next(file, statement, err))
        status = read_oldest(statement, ticket, ret_operation, ret_request, err);
    else
        status = err->status;
    sqlite3_reset(statement);
    if (status == CPTS_OK && ticket->place != 0)
        status = begin(file, ticket, false, err);
    return status;
}

cpts_status cpts_outbox__take(cpts_outbox *outbox, int64_t after_place,
                              struct outbox_ticket *ret_ticket, enum operation *ret_operation,
                              struct cpts_bytes *ret_request, struct cpts_error *err)
{
    struct outbox_ticket ticket = {.outbox = outbox};
    struct cpts_bytes request = {0};
    pthread_mutex_lock(&outbox->lock);
    cpts_status status = cpts_sqlite__begin(&outbox->file, err);
    if (status == CPTS_OK) {
        status = take_oldest(&outbox->file, after_place, &ticket, ret_operation, &request, err);
        status = cpts_sqlite__end(&outbox->file, status, err);
    }
    pthread_mutex_unlock(&outbox->lock);
    if (status != CPTS_OK) {
        free((void *)request.bytes);
        return status;
    }
    *ret_ticket = ticket;
    *ret_request = request;
    return CPTS_OK;
}

/* What is known after a call; a doubt stays until the node has spoken. */
static enum cpts_outbox_state state_after(enum cpts_outbox_state before, cpts_status status,
                                          const struct cpts_error *err)
{
    bool is_open = status == CPTS_UNKNOWN || status == CPTS_UNAVAILABLE ||
                   status == CPTS_DEADLINE_EXCEEDED || status == CPTS_CANCELLED ||
                   (status == CPTS_RESOURCE_EXHAUSTED && err->retryable);
    if (status == CPTS_OK)
        return CPTS_OUTBOX_ACCEPTED;
    if (before == CPTS_OUTBOX_ACCEPTED)
        return before;
    if (!is_open)
        return CPTS_OUTBOX_REJECTED;
    if (status == CPTS_UNKNOWN || before == CPTS_OUTBOX_POSSIBLY_ACCEPTED)
        return CPTS_OUTBOX_POSSIBLY_ACCEPTED;
    return CPTS_OUTBOX_NOT_SENT;
}

static bool is_settled(enum cpts_outbox_state state)
{
    return state == CPTS_OUTBOX_ACCEPTED || state == CPTS_OUTBOX_REJECTED;
}

static cpts_status write_state(const struct outbox_ticket *ticket, enum cpts_outbox_state state,
                               const struct cpts_error *of_call, struct cpts_error *err)
{
    struct sqlite_file *file = &ticket->outbox->file;
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_SETTLE, err);
    if (statement == NULL)
        return err->status;
    bool failed = state != CPTS_OUTBOX_ACCEPTED;
    sqlite3_bind_int64(statement, 1, ticket->place);
    sqlite3_bind_int(statement, 2, (int)state);
    sqlite3_bind_int64(statement, 3, is_settled(state) ? cpts_ticks__wall_us() : 0);
    sqlite3_bind_int(statement, 4, failed ? (int)of_call->status : 0);
    cpts_sqlite__bind_text(statement, 5, failed ? of_call->reason : "");
    cpts_sqlite__bind_text(statement, 6, failed ? of_call->message : "");
    cpts_sqlite__bind_text(statement, 7, failed ? of_call->field : "");
    cpts_sqlite__bind_text(statement, 8, failed ? of_call->detail : "");
    sqlite3_bind_int64(statement, 9, ticket->attempt);
    return cpts_sqlite__run(file, statement, NULL, err);
}

static cpts_status trim(struct sqlite_file *file, struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, OUTBOX_TRIM, err);
    if (statement == NULL)
        return err->status;
    sqlite3_bind_int64(statement, 1, CPTS_OUTBOX_ACCEPTED_MAX);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* Not kept, it stays as one that may have been accepted, and is sent again. */
static void keep_state(const struct outbox_ticket *ticket, enum cpts_outbox_state state,
                       const struct cpts_error *of_call)
{
    struct cpts_error ignored = {0};
    struct sqlite_file *file = &ticket->outbox->file;
    cpts_status status = cpts_sqlite__begin(file, &ignored);
    if (status != CPTS_OK)
        return;
    status = write_state(ticket, state, of_call, &ignored);
    if (status == CPTS_OK && state == CPTS_OUTBOX_ACCEPTED)
        status = trim(file, &ignored);
    FAILPOINT("outbox/settling");
    status = cpts_sqlite__end(file, status, &ignored);
    (void)status;
}

cpts_status cpts_outbox__settle(const struct outbox_ticket *ticket, cpts_status status,
                                enum cpts_outbox_state *ret_state, struct cpts_error *err)
{
    cpts_outbox *outbox = ticket->outbox;
    struct cpts_error ignored = {0};
    enum cpts_outbox_state state = state_after(ticket->state, status, err);
    FAILPOINT("outbox/answered");
    pthread_mutex_lock(&outbox->lock);
    keep_state(ticket, state, err);
    (void)run_with_place(&outbox->file, OUTBOX_RELEASE, ticket->place, &ignored);
    pthread_mutex_unlock(&outbox->lock);
    FAILPOINT("outbox/settled");
    if (ret_state != NULL)
        *ret_state = state;
    return is_settled(state) ? status : say_kept(state, err->message, err);
}

void cpts_outbox__discard(const struct outbox_ticket *ticket)
{
    struct cpts_error ignored = {0};
    if (ticket->outbox == NULL)
        return;
    pthread_mutex_lock(&ticket->outbox->lock);
    struct sqlite_file *file = &ticket->outbox->file;
    struct cpts_error none = {0};
    if (ticket->is_new)
        (void)run_with_place(file, OUTBOX_DROP, ticket->place, &ignored);
    else
        (void)write_state(ticket, ticket->state, &none, &ignored);
    (void)run_with_place(file, OUTBOX_RELEASE, ticket->place, &ignored);
    pthread_mutex_unlock(&ticket->outbox->lock);
}
