/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a peer's cursor, and of who says that this node lost something. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "federation/node_store_parts.h"
#include "wire/checkpoint.h"
#include "wire/error.h"
#include "wire/failpoint.h"

#define ALL "*"
#define STATUS_ENROLLED "ENROLLED"
#define STATUS_SUSPENDED "SUSPENDED"
#define REGION_SCOPE "region:"
#define CPTS_SCOPE "cpts:"
/* Entries after a signed point that are taken for written before the next one: more than a
 * checkpoint covers and a batch holds. */
#define TAIL_MAX 65536
/* A node has been restored fewer times than this since anybody saw it. */
#define EPOCHS_AHEAD_MAX 100
#define DETAIL_BYTES 128

enum lost_column { LOST_EPOCH, LOST_AGREED_POSITION, LOST_AGREED_HASH };

bool node_is_region(const struct cpts_sync_peer *peer)
{
    return strncmp(peer->scope, REGION_SCOPE, strlen(REGION_SCOPE)) == 0;
}

static bool is_replica(const struct cpts_sync_peer *peer)
{
    return strncmp(peer->scope, CPTS_SCOPE, strlen(CPTS_SCOPE)) == 0;
}

cpts_status node_check_region(const struct cpts_sync_peer *peer, const struct known_peer *known,
                              struct cpts_error *err)
{
    if (!node_is_region(peer))
        return CPTS_OK;
    if (strcmp(known->status, STATUS_SUSPENDED) == 0)
        return error_set(err, REASON_NODE_SUSPENDED, "%.64s is suspended", peer->node);
    if (strcmp(known->status, STATUS_ENROLLED) != 0)
        return error_set(err, REASON_NODE_UNKNOWN, "%.64s has not enrolled", peer->node);
    if (peer->epoch >= known->epoch)
        return CPTS_OK;
    cpts_status status = error_set(err, REASON_NODE_FENCED, "%.64s has epoch %d, not %d",
                                   peer->node, known->epoch, peer->epoch);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%d", known->epoch);
    return status;
}

bool node_is_same_hash(const uint8_t one[CPTS_SYNC_HASH_BYTES],
                       const uint8_t other[CPTS_SYNC_HASH_BYTES])
{
    return memcmp(one, other, CPTS_SYNC_HASH_BYTES) == 0;
}

/* Its own chain is not the one that is known here: it came back from an old backup, or
 * is a second one. */
static bool is_forked(const struct cpts_sync_peer *peer, const struct known_peer *known)
{
    if (!node_is_region(peer) || MUTANT("store/epoch_unchecked"))
        return false;
    return known->origin_position > peer->head_position ||
           (known->has_hash_at_head && !node_is_same_hash(known->hash_at_head, peer->head_hash));
}

/* It is where this node's own chain is known to be. */
static bool is_of_own_chain(const struct cpts_sync_peer *peer, const struct known_peer *known)
{
    return peer->cursor.origin_position > 0 && known->has_own_hash &&
           node_is_same_hash(known->own_hash, peer->cursor.origin_hash);
}

/* It says that it has more of this node's own chain than there is, or another one. */
static bool claims_more(const struct cpts_sync_peer *peer, const struct own_state *self,
                        const struct known_peer *known)
{
    const struct cpts_sync_cursor *cursor = &peer->cursor;
    return cursor->origin_position > self->head_position ||
           (cursor->origin_position > 0 && known->has_own_hash && !is_of_own_chain(peer, known));
}

/* The peer has more of this node's log than there is, or another one: this node came back
 * from an old backup. */
static bool is_own_forked(const struct cpts_sync_peer *peer, const struct own_state *self,
                          const struct known_peer *known)
{
    const struct cpts_sync_cursor *cursor = &peer->cursor;
    if (cursor->epoch != self->epoch)
        return cursor->epoch > self->epoch;
    return cursor->position > self->log_head || claims_more(peer, self, known);
}

/* It shows a point of this node's own chain that this node signed, and says that it has
 * little more than that. */
static bool shows_signature(const struct node_store *store, const struct cpts_sync_peer *peer)
{
    const struct cpts_sync_checkpoint *shown = &peer->cursor.signed_point;
    const struct checkpoint_signer *signer = store->options.signer;
    const struct checkpoint_point point = {.node = store->options.node,
                                           .position = shown->position,
                                           .hash = shown->hash,
                                           .signed_at_us = shown->signed_at_us};
    return shown->position > 0 && signer->has_key &&
           strcmp(shown->node, store->options.node) == 0 &&
           peer->cursor.origin_position - shown->position <= TAIL_MAX &&
           checkpoint_verify(&point, shown->signature, signer->key);
}

/* What a region says of this node's own chain, and whether it shows that this node wrote it.
 * Else it could have this node take whatever it likes for its own. */
static enum loss judge_loss(const struct node_store *store, const struct cpts_sync_peer *peer,
                            const struct own_state *self, const struct known_peer *known)
{
    const struct cpts_sync_cursor *cursor = &peer->cursor;
    const struct cpts_sync_checkpoint *shown = &cursor->signed_point;
    if (!node_is_region(peer))
        return LOSS_SHOWN;
    if (cursor->epoch > self->epoch + EPOCHS_AHEAD_MAX)
        return LOSS_CLAIMED;
    bool is_signed = shows_signature(store, peer);
    /* What was lost once and written otherwise since stays signed: it shows nothing of what
     * comes after the end. */
    bool is_other = shown->position > self->head_position ||
                    (cursor->origin_position <= self->head_position && known->has_signed_hash &&
                     !node_is_same_hash(known->signed_hash, shown->hash));
    if (is_signed && is_other)
        return LOSS_SHOWN;
    if (claims_more(peer, self, known))
        return LOSS_CLAIMED;
    bool is_lost = is_signed && shown->position > self->lost_after;
    return is_lost ? LOSS_SHOWN : LOSS_NONE;
}

/* Another epoch of the same chain goes on where that chain is. What was lost is known here,
 * if at all, for others gave it back: each is asked for what it has of that. */
static enum cpts_sync_resume_kind judge_cursor(const struct cpts_sync_peer *peer,
                                               const struct own_state *self,
                                               const struct known_peer *known)
{
    const struct cpts_sync_cursor *cursor = &peer->cursor;
    if (cursor->epoch == 0 || known->loss == LOSS_CLAIMED)
        return CPTS_SYNC_MUST_SNAPSHOT;
    if (cursor->epoch != self->epoch &&
        (!is_of_own_chain(peer, known) || cursor->origin_position > self->lost_after))
        return known->loss == LOSS_SHOWN ? CPTS_SYNC_EPOCH_CHANGED : CPTS_SYNC_MUST_SNAPSHOT;
    if (!node_is_same_hash(cursor->scope_hash, known->scope_hash))
        return CPTS_SYNC_SCOPE_CHANGED;
    if (cursor->schema_version != NODE_STORE_SCHEMA_VERSION)
        return CPTS_SYNC_MUST_SNAPSHOT;
    return CPTS_SYNC_RESUMED;
}

/* Local positions are others after a restore: those of the chain are not. */
static cpts_status find_position(struct node_store *store, const struct cpts_sync_peer *peer,
                                 int64_t *ret_position, struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_POSITION, NULL);
    if (query != NULL)
        query_int(query, peer->cursor.origin_position);
    cpts_status status = node_ask(store, query, &rows, err);
    if (status == CPTS_OK)
        *ret_position = rows_int(rows, 0, 0);
    return status;
}

/* Notes what the peer has of this node's chain, and reads up to where both have the same. */
static cpts_status note_lost(struct node_store *store, const struct cpts_sync_peer *peer,
                             int32_t epoch, struct cpts_sync_resume *ret_resume,
                             struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_LOST, peer->node);
    if (query != NULL) {
        query_int(query, epoch);
        query_int(query, node_is_region(peer) ? peer->cursor.origin_position : 0);
        query_bytes(query, peer->cursor.origin_hash, sizeof peer->cursor.origin_hash);
    }
    cpts_status status = node_ask_logged(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    ret_resume->epoch = (int32_t)rows_int(rows, 0, LOST_EPOCH);
    ret_resume->own_after = rows_int(rows, 0, LOST_AGREED_POSITION);
    node_read_hash(rows, 0, LOST_AGREED_HASH, ret_resume->own_hash);
    return CPTS_OK;
}

/* This node takes another epoch, so that nobody takes what it wrote for what was lost. */
static cpts_status raise_epoch(struct node_store *store, const struct cpts_sync_peer *peer,
                               struct own_state *self, struct cpts_error *err)
{
    struct cpts_sync_resume lost = {0};
    char detail[DETAIL_BYTES];
    cpts_status status = note_lost(store, peer, peer->cursor.epoch + 1, &lost, err);
    if (status != CPTS_OK)
        return status;
    snprintf(detail, sizeof detail, "came back from an old backup, and takes epoch %" PRId32,
             lost.epoch);
    log_write(LOG_ERROR, "federation", "%s has more of this node's log than there is: it %s",
              peer->node, detail);
    status = node_raise_alarm(store, peer, CPTS_SYNC_ALARM_RESTORED, NULL, detail, err);
    if (status != CPTS_OK)
        return status;
    self->epoch = lost.epoch;
    if (self->head_position < self->lost_after)
        self->lost_after = self->head_position;
    return CPTS_OK;
}

/* A peer that came back from an old backup has a new epoch: an older one is fenced now. */
static cpts_status note_epoch(struct node_store *store, const struct cpts_sync_peer *peer,
                              const struct known_peer *known, struct cpts_error *err)
{
    if (!node_is_region(peer) || peer->epoch <= known->epoch)
        return CPTS_OK;
    struct query *query = node_query(store, STATEMENT_FEDERATION_EPOCH, peer->node);
    if (query != NULL)
        query_int(query, peer->epoch);
    return node_ask(store, query, NULL, err);
}

/* What the node above has of this node's chain is another one: this node wrote on after it
 * came back from an old backup, or is a second one. Only the node above may say so, and
 * does in the next session. */
static cpts_status check_own_chain(struct node_store *store, const struct cpts_sync_peer *peer,
                                   const struct known_peer *known, struct cpts_error *err)
{
    if (node_is_region(peer) || strcmp(peer->scope, ALL) != 0 || store->is_fork ||
        !known->has_own_hash || peer->cursor.origin_position == 0 || is_of_own_chain(peer, known))
        return CPTS_OK;
    store->is_fork = true;
    log_write(LOG_ERROR, "federation", "%s has another chain of this node at position %lld",
              peer->node, (long long)peer->cursor.origin_position);
    return error_set(err, REASON_NODE_READ_ONLY,
                     "this side has another chain than was told before");
}

/* Nothing is taken back, and somebody should know: it is either the peer's word against this
 * node's, or what this node lost before it was signed. */
static cpts_status tell_claimed(struct node_store *store, const struct cpts_sync_peer *peer,
                                struct cpts_error *err)
{
    char detail[DETAIL_BYTES];
    snprintf(detail, sizeof detail,
             "epoch %" PRId32 ", position %" PRId64 " of this node, which signed none of it",
             peer->cursor.epoch, peer->cursor.origin_position);
    log_write(LOG_ERROR, "federation", "%s says that it has more of this node's log: %s",
              peer->node, detail);
    return node_raise_alarm(store, peer, CPTS_SYNC_ALARM_CHECKPOINT_BAD, NULL, detail, err);
}

/* Reads who both are, and whether they may go on at all. */
static cpts_status look_at_both(struct node_store *store, const struct cpts_sync_peer *peer,
                                struct own_state *ret_self, struct known_peer *ret_known,
                                struct cpts_error *err)
{
    cpts_status status = node_read_self(store, ret_self, err);
    if (status == CPTS_OK)
        status = node_read_peer(store, peer->node, peer, ret_known, err);
    if (status == CPTS_OK)
        status = node_check_region(peer, ret_known, err);
    if (status == CPTS_OK)
        status = check_own_chain(store, peer, ret_known, err);
    if (status != CPTS_OK)
        return status;
    ret_known->loss = judge_loss(store, peer, ret_self, ret_known);
    if (ret_known->loss == LOSS_CLAIMED)
        return tell_claimed(store, peer, err);
    return node_is_region(peer) && is_own_forked(peer, ret_self, ret_known)
               ? raise_epoch(store, peer, ret_self, err)
               : CPTS_OK;
}

cpts_status node_acknowledged(void *data, const struct cpts_sync_peer *peer, int64_t position,
                              struct cpts_error *err)
{
    struct node_store *store = data;
    struct query *query = node_query(store, STATEMENT_FEDERATION_ACKNOWLEDGED, peer->node);
    if (query != NULL)
        query_int(query, position);
    return node_ask(store, query, NULL, err);
}

cpts_status node_resume(void *data, const struct cpts_sync_peer *peer,
                        struct cpts_sync_resume *ret_resume, struct cpts_error *err)
{
    struct node_store *store = data;
    struct own_state self;
    struct known_peer known;
    cpts_status status = look_at_both(store, peer, &self, &known, err);
    if (status != CPTS_OK)
        return status;
    bool is_fenced = is_forked(peer, &known);
    if (!is_fenced)
        status = note_epoch(store, peer, &known, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_sync_resume answer = {
        .kind = is_fenced ? CPTS_SYNC_FENCED : judge_cursor(peer, &self, &known),
        .position = peer->cursor.position,
        .epoch = is_fenced ? known.epoch + 1 : self.epoch,
        .known_position = known.origin_position,
    };
    memcpy(answer.scope_hash, known.scope_hash, sizeof answer.scope_hash);
    memcpy(answer.known_hash, known.origin_hash, sizeof answer.known_hash);
    if (answer.kind == CPTS_SYNC_RESUMED && peer->cursor.epoch != self.epoch)
        status = find_position(store, peer, &answer.position, err);
    if (answer.kind == CPTS_SYNC_EPOCH_CHANGED)
        status = note_lost(store, peer, self.epoch, &answer, err);
    /* From now on what is stored without an entry is marked for it. */
    if (status == CPTS_OK && is_replica(peer))
        status = node_acknowledged(store, peer, 0, err);
    if (status != CPTS_OK)
        return status;
    *ret_resume = answer;
    return CPTS_OK;
}
