/* SPDX-License-Identifier: Apache-2.0 */
/* FederationService.Sync: who dials gets a session of its own. */
#include "base/call.h"
#include "cpts/v1/federation.pb-c.h"
#include "federation/federation_face.h"
#include "handler/method_table.h"
#include "handler/service.h"
#include "wire/error.h"

cpts_status federation_sync_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SyncFrame *frame = message;
    struct frame_link *link = NULL;
    if (call->service->federation == NULL)
        return error_set(err, REASON_SYNC_NOT_OFFERED, "this node takes no sessions");
    if (frame->frame_case != CPTS__V1__SYNC_FRAME__FRAME_HELLO)
        return error_set(err, REASON_FRAME_UNEXPECTED, "a session begins with a hello");
    cpts_status status = federation_serve(call->service->federation, &call->principal, &link, err);
    if (status == CPTS_OK)
        call->state = link;
    return status;
}
