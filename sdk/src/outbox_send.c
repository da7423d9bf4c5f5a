/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "exchange.h"
#include "outbox_file.h"
#include "outbox_ticket.h"
#include "wire/error.h"

/* A sending of all that waits. */
struct sending {
    cpts_outbox *outbox;
    cpts_client *client;
    int32_t timeout_ms;
    cpts_outbox_step *step;
    void *data;
    struct cpts_outbox_report report;
    int64_t place;
};

static cpts_status send_one(const struct sending *sending, enum operation operation,
                            struct cpts_bytes request, struct cpts_error *err)
{
    if (operation == OPERATION_COUNT)
        return error_set(err, REASON_UNKNOWN_METHOD,
                         "this version of the library does not know the method");
    return cpts_exchange__send_packed(sending->client, operation, request, sending->timeout_ms,
                                      err);
}

/* Tells of what was settled. @return false when the caller has enough. */
static bool tell(struct sending *sending, int64_t place)
{
    size_t count = 0;
    struct cpts_outbox_entry entry;
    struct cpts_error ignored;
    if (sending->step == NULL)
        return true;
    cpts_status status = cpts_outbox_list(sending->outbox, CPTS_OUTBOX_UNSPECIFIED, place - 1, 1,
                                          &entry, &count, &ignored);
    if (status != CPTS_OK || count == 0 || entry.place != place)
        return true;
    return sending->step(&entry, sending->data);
}

/* Sends the next one. @return CPTS_OK with `place` 0 when nothing waits. */
static cpts_status next(struct sending *sending, struct cpts_error *err)
{
    struct outbox_ticket ticket = {0};
    struct cpts_bytes request = {0};
    enum operation operation = OPERATION_COUNT;
    error_clear(err);
    cpts_status status =
        cpts_outbox__take(sending->outbox, sending->place, &ticket, &operation, &request, err);
    sending->place = status == CPTS_OK ? ticket.place : 0;
    if (sending->place == 0)
        return status;
    status = send_one(sending, operation, request, err);
    free((void *)request.bytes);
    enum cpts_outbox_state state = CPTS_OUTBOX_UNSPECIFIED;
    status = cpts_outbox__settle(&ticket, status, &state, err);
    if (state != CPTS_OUTBOX_ACCEPTED && state != CPTS_OUTBOX_REJECTED)
        return status;
    sending->report.accepted_count += state == CPTS_OUTBOX_ACCEPTED;
    sending->report.rejected_count += state == CPTS_OUTBOX_REJECTED;
    if (!tell(sending, ticket.place))
        return error_set(err, REASON_CANCELLED, "the sending was ended");
    return CPTS_OK;
}

/* Before anything is taken: the node did not refuse it. */
static cpts_status check_timeout(int32_t timeout_ms, struct cpts_error *err)
{
    error_clear(err);
    if (timeout_ms >= 0 && timeout_ms <= CPTS_TIMEOUT_MAX_MS)
        return CPTS_OK;
    return error_set_field(err, REASON_ARGUMENT_INVALID, "timeout_ms", "the time is not in 0..%d",
                           CPTS_TIMEOUT_MAX_MS);
}

cpts_status cpts_outbox_send(cpts_outbox *outbox, cpts_client *client, int32_t timeout_ms,
                             cpts_outbox_step *step, void *data,
                             struct cpts_outbox_report *ret_report, struct cpts_error *err)
{
    struct cpts_error ignored;
    struct cpts_error *own = err == NULL ? &ignored : err;
    struct cpts_outbox_room room = {.size = sizeof room};
    struct sending sending = {
        .outbox = outbox, .client = client, .timeout_ms = timeout_ms, .step = step, .data = data};
    cpts_status status = check_timeout(timeout_ms, own);
    pthread_mutex_lock(&outbox->sending);
    while (status == CPTS_OK) {
        status = next(&sending, own);
        if (sending.place == 0)
            break;
    }
    pthread_mutex_unlock(&outbox->sending);
    struct cpts_error unread;
    if (cpts_outbox_read_room(outbox, &room, &unread) == CPTS_OK)
        sending.report.left_count = room.not_sent_count + room.possibly_accepted_count;
    if (ret_report != NULL)
        cpts_exchange__give(ret_report, &sending.report, sizeof sending.report);
    return status;
}
