/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/pinning.h"

#include "base/log.h"
#include "federation/node_store_parts.h"
#include "federation/pin_file.h"

#define NATIONAL "national"
#define ALARM "UPSTREAM_CHANGED"

/* Columns of federation_pin.sql. */
enum pin_column { REFUSED, AUTHORITY };

static cpts_status know_self(struct node_store *store, const struct checkpoint_signer *signer,
                             struct cpts_error *err)
{
    if (!signer->has_key)
        return CPTS_OK;
    struct query *query = node_query(store, STATEMENT_FEDERATION_KNOW_SELF, NULL);
    if (query != NULL)
        query_bytes(query, signer->key, sizeof signer->key);
    return node_ask(store, query, NULL, err);
}

static cpts_status tell_authority(struct node_store *store, const char *ca, struct cpts_error *err)
{
    struct query *query = node_query(store, STATEMENT_FEDERATION_ALARM, NATIONAL);
    log_write(LOG_ERROR, "federation",
              ALARM ": [tls] ca %s does not hold the authority that enrolment named for the node "
                    "above: it is not dialled",
              ca);
    if (query != NULL) {
        query_text(query, ALARM);
        query_text(query, "");
        query_text(query, "[tls] ca does not hold the authority that enrolment named");
    }
    return node_ask(store, query, NULL, err);
}

static struct query *pin_query(struct node_store *store, const struct federation_options *options,
                               const struct upstream_pin *pin)
{
    struct query *query =
        node_query(store, STATEMENT_FEDERATION_PIN, pin->has_pin ? pin->node : NATIONAL);
    if (query == NULL)
        return NULL;
    query_text(query, options->upstream);
    query_int(query, pin->epoch);
    query_bytes(query, pin->checkpoint_key, pin->has_pin ? sizeof pin->checkpoint_key : 0);
    query_bytes(query, pin->authority, pin->has_pin ? sizeof pin->authority : 0);
    query_int(query, pin->own_epoch);
    return query;
}

static cpts_status settle_above(struct node_store *store, const struct federation_options *options,
                                bool *ret_may_dial, struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct upstream_pin pin = {.has_pin = false};
    uint8_t authority[CPTS_SYNC_HASH_BYTES];
    size_t authority_bytes = 0;
    cpts_status status = pin_file_read(options->upstream_pin, &pin, err);
    if (status == CPTS_OK)
        status = node_ask(store, pin_query(store, options, &pin), &rows, err);
    if (status != CPTS_OK)
        return status;
    if (rows_text(rows, 0, REFUSED)[0] != '\0')
        log_write(LOG_ERROR, "federation",
                  ALARM ": %s is refused; what was pinned before stays in force: %s",
                  options->upstream_pin, rows_text(rows, 0, REFUSED));
    (void)rows_bytes(rows, 0, AUTHORITY, &authority_bytes);
    if (authority_bytes != sizeof authority)
        return CPTS_OK;
    node_read_hash(rows, 0, AUTHORITY, authority);
    if (pin_file_holds(options->ca, authority))
        return CPTS_OK;
    *ret_may_dial = false;
    return tell_authority(store, options->ca, err);
}

cpts_status pinning_settle(struct node_store *store, const struct federation_options *options,
                           const struct checkpoint_signer *signer, bool *ret_may_dial,
                           struct cpts_error *err)
{
    bool may_dial = options->upstream[0] != '\0';
    cpts_status status = know_self(store, signer, err);
    if (status == CPTS_OK && may_dial)
        status = settle_above(store, options, &may_dial, err);
    if (status == CPTS_OK)
        *ret_may_dial = may_dial;
    return status;
}
