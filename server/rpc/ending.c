/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/ending.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "wire/error.h"

#define DETAILS_KEY "grpc-status-details-bin"

/* A failure that an operator should see is one of ours, not of the caller's;
 * a stop was asked for. */
static bool is_our_fault(const struct cpts_error *error)
{
    cpts_status status = error->status;
    if (strcmp(error->reason, reason_name(REASON_SHUTTING_DOWN)) == 0)
        return false;
    return status == CPTS_INTERNAL || status == CPTS_UNKNOWN || status == CPTS_DATA_LOSS ||
           status == CPTS_UNAVAILABLE;
}

void ending_log(const char *method_name, const struct cpts_error *error)
{
    static struct log_limit limit;
    if (is_our_fault(error))
        log_write_limited(&limit, LOG_WARNING, "rpc", "%s: %s %s: %s", method_name,
                          cpts_status_name(error->status), error->reason, error->message);
    else
        log_write(LOG_DEBUG, "rpc", "%s: %s %s", method_name, cpts_status_name(error->status),
                  error->reason);
}

void ending_init(struct ending *ending)
{
    ending->details = grpc_empty_slice();
    ending->message = grpc_empty_slice();
}

void ending_fill(struct ending *ending, const struct cpts_error *error, struct arena *arena,
                 grpc_op *op)
{
    size_t byte_count = 0;
    uint8_t *bytes = NULL;
    op->data.send_status_from_server.status = (grpc_status_code)error->status;
    ending->message = grpc_slice_from_copied_string(error->message);
    op->data.send_status_from_server.status_details = &ending->message;
    if (error->reason[0] != '\0' && arena != NULL)
        bytes = error_pack(error, arena, &byte_count);
    if (bytes == NULL)
        return;
    ending->details = grpc_slice_from_copied_buffer((const char *)bytes, byte_count);
    memset(&ending->metadata, 0, sizeof ending->metadata);
    ending->metadata.key = grpc_slice_from_static_string(DETAILS_KEY);
    ending->metadata.value = ending->details;
    op->data.send_status_from_server.trailing_metadata_count = 1;
    op->data.send_status_from_server.trailing_metadata = &ending->metadata;
}

static void drop_slice(grpc_slice *slice)
{
    grpc_slice_unref(*slice);
    *slice = grpc_empty_slice();
}

void ending_clear(struct ending *ending)
{
    drop_slice(&ending->details);
    drop_slice(&ending->message);
}
