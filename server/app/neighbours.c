/* SPDX-License-Identifier: Apache-2.0 */
#include "app/neighbours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "federation/federation_face.h"

#define PEERS_MAX 256

cpts_status neighbours_open(const struct config *config, struct federation **ret_federation,
                            struct cpts_error *err)
{
    const struct config_federation *section = &config->federation;
    const struct federation_options options = {
        .conninfo = config->conninfo,
        .node = config->node,
        .trust_domain = config->trust_domain,
        .upstream = section->upstream,
        .upstream_name = section->upstream_name,
        .ca = config->ca,
        .certificate = config->certificate,
        .key = config->key,
        .checkpoint_key = section->checkpoint_key,
        .upstream_pin = section->upstream_pin,
        .sessions = section->sessions,
        .sync = {.batch_changes = section->batch_changes,
                 .bookmark_ms = section->bookmark_ms,
                 .redial_max_ms = section->redial_max_ms,
                 .silence_max_ms = section->silence_max_ms,
                 .digest_every_s = section->digest_every_s},
    };
    return config->insecure ? CPTS_OK : federation_open(&options, ret_federation, err);
}

static void take_figures(const struct cpts_sync_status *status, struct session_figures *figures)
{
    *figures = (struct session_figures){
        .is_connected = status->is_connected,
        .session_count = status->session_count,
        .sent_change_count = status->sent.change_count,
        .sent_byte_count = status->sent.byte_count,
        .sent_success_us = status->sent.last_success_us,
        .received_change_count = status->received.change_count,
        .received_byte_count = status->received.byte_count,
        .received_oldest_age_us = status->received.oldest_age_us,
        .absorbed_count = status->received.absorbed_count,
        .digest_mismatch_count = status->received.digest_mismatch_count,
        .digest_compared_us = status->received.verified_us,
        .failed_us = status->last_failure_us,
        .clock_skew_us = status->clock_skew_us,
    };
    snprintf(figures->failed_reason, sizeof figures->failed_reason, "%s", status->last_reason);
}

void neighbours_session(const struct service *service, const char *node,
                        struct session_figures *ret_figures)
{
    struct federation_peer *peers = calloc(PEERS_MAX, sizeof *peers);
    *ret_figures = (struct session_figures){.is_connected = false};
    int count = peers == NULL || service->federation == NULL
                    ? 0
                    : federation_read_peers(service->federation, peers, PEERS_MAX);
    for (int i = 0; i < count; i++) {
        if (strcmp(peers[i].node, node) == 0)
            take_figures(&peers[i].status, ret_figures);
    }
    free(peers);
}

int32_t neighbours_verify(const struct service *service, const char *node, bool repair)
{
    return service->federation == NULL ? 0 : federation_verify(service->federation, node, repair);
}
