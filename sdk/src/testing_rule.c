/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a store, one function a rule; in an order in which each finds a store
 * that has met the hub. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_trial.h"

/* Aggregates of the hub; the last ones are for rules that take something away. */
#define FIRST_COUNT 7
#define REPLACED 2
#define REMOVED 3
#define CUTS 24
#define CUT_BYTES_MAX 4000
#define COMMITS_MAX 4
#define SLOW_MS 2

static bool record_some(struct testing_trial *trial)
{
    return cpts_testing_trial__record(trial, 1) && cpts_testing_trial__record(trial, 4) &&
           cpts_testing_trial__record(trial, 1) && cpts_testing_trial__record(trial, 5) &&
           cpts_testing_trial__record(trial, 6);
}

static bool goes_to_the_end(struct testing_trial *trial)
{
    return cpts_testing_trial__go(trial) && cpts_testing_trial__is_equal(trial);
}

static bool takes_a_snapshot(struct testing_trial *trial)
{
    for (int32_t i = 1; i <= FIRST_COUNT; i++) {
        if (!cpts_testing_trial__record(trial, i))
            return false;
    }
    return goes_to_the_end(trial);
}

static bool takes_changes(struct testing_trial *trial)
{
    return record_some(trial) && goes_to_the_end(trial);
}

/* How far the hub believes the store to be. */
static int64_t acknowledged(struct testing_trial *trial)
{
    return cpts_testing_store__cursor(&trial->hub->store, trial->hub->node)->acknowledged;
}

static bool acknowledges_what_is_durable(struct testing_trial *trial)
{
    struct cpts_sync_cursor cursor;
    if (!record_some(trial) || !cpts_testing_trial__go(trial))
        return false;
    int64_t said = acknowledged(trial);
    if (!cpts_testing_trial__reopen(trial) || !cpts_testing_trial__cursor(trial, &cursor))
        return false;
    if (cursor.position < said)
        return cpts_testing_trial__say(trial, "acknowledged %lld, and has %lld after reopening",
                                       (long long)said, (long long)cursor.position);
    return cpts_testing_trial__is_equal(trial);
}

/* Whether what it has is what the hub had at the store's cursor: now or before. */
static bool is_of_its_cursor(struct testing_trial *trial, const struct testing_store *before)
{
    struct testing_store now = trial->hub->store;
    struct cpts_sync_cursor cursor;
    if (!cpts_testing_trial__cursor(trial, &cursor))
        return false;
    if (cursor.position < (int64_t)now.entries.count)
        trial->hub->store = *before;
    bool is_equal = cpts_testing_trial__is_equal(trial);
    trial->hub->store = now;
    return is_equal || cpts_testing_trial__say(trial, "its cursor is at %lld, its data are not",
                                               (long long)cursor.position);
}

/* Loses the power after so many commits of the next batch. */
static bool survives_at(struct testing_trial *trial, const struct testing_store *before,
                        int32_t commit_count)
{
    if (!cpts_testing_trial__record(trial, 1))
        return false;
    trial->subject.fail_after(trial->subject.data, commit_count);
    trial->is_failing = true;
    cpts_testing_trial__suffer(trial, CPTS_TESTING_NO_FAULT, 0);
    return cpts_testing_trial__reopen(trial) && is_of_its_cursor(trial, before) &&
           goes_to_the_end(trial);
}

static bool moves_cursor_and_data_at_once(struct testing_trial *trial)
{
    bool is_kept = true;
    for (int32_t i = 0; i < COMMITS_MAX && is_kept; i++) {
        struct testing_store before;
        is_kept =
            cpts_testing_store__copy(&before, &trial->hub->store) && survives_at(trial, &before, i);
        cpts_testing_store__done(&before);
    }
    return is_kept;
}

static bool suffers(struct testing_trial *trial, enum cpts_testing_fault fault, int64_t amount)
{
    if (!record_some(trial))
        return false;
    cpts_testing_trial__suffer(trial, fault, amount);
    return goes_to_the_end(trial);
}

static bool absorbs_duplicates(struct testing_trial *trial)
{
    return suffers(trial, CPTS_TESTING_DUPLICATE, 0);
}

static bool waits_for_order(struct testing_trial *trial)
{
    return suffers(trial, CPTS_TESTING_REORDER, 0);
}

static bool takes_again_what_was_lost(struct testing_trial *trial)
{
    return suffers(trial, CPTS_TESTING_LOSE, 0);
}

static bool survives_a_lost_acknowledgement(struct testing_trial *trial)
{
    if (!record_some(trial))
        return false;
    cpts_testing_trial__suffer(trial, CPTS_TESTING_LOST_ACK, 0);
    return cpts_testing_trial__reopen(trial) && goes_to_the_end(trial);
}

/* A point that the hub signs, of what the store has of its chain. */
static bool sign_for(struct testing_trial *trial, const struct cpts_sync_cursor *cursor)
{
    const struct cpts_sync_store hub = cpts_testing_store__table(&trial->hub->store);
    struct cpts_sync_checkpoint checkpoint = {0};
    struct cpts_error err = {0};
    return (hub.sign(hub.store, cursor->origin_position, cursor->origin_hash, &checkpoint, &err) ==
                CPTS_OK &&
            trial->table.keep_checkpoint(trial->table.store, &checkpoint, &err) == CPTS_OK) ||
           cpts_testing_trial__say(trial, "keep_checkpoint: %.40s: %.80s", err.reason, err.message);
}

static bool knows_what_is_signed(struct testing_trial *trial)
{
    struct cpts_sync_cursor before, after;
    if (!record_some(trial) || !cpts_testing_trial__go(trial) ||
        !cpts_testing_trial__cursor(trial, &before) || !sign_for(trial, &before) ||
        !record_some(trial) || !cpts_testing_trial__go(trial) ||
        !cpts_testing_trial__reopen(trial) || !cpts_testing_trial__cursor(trial, &after))
        return false;
    bool is_told = after.signed_position >= before.origin_position &&
                   after.signed_position <= after.origin_position;
    bool is_dated = after.signed_position == after.origin_position || after.unsigned_since_us > 0;
    return (is_told && is_dated) ||
           cpts_testing_trial__say(
               trial, "it says %lld of %lld, and since %lld", (long long)after.signed_position,
               (long long)before.origin_position, (long long)after.unsigned_since_us);
}

static bool survives_every_cut(struct testing_trial *trial)
{
    unsigned state = 1;
    for (int i = 0; i < CUTS; i++) {
        if (!cpts_testing_trial__record(trial, 1 + i % FIRST_COUNT) ||
            !cpts_testing_trial__record(trial, 1))
            return false;
        cpts_testing_trial__suffer(trial, CPTS_TESTING_CUT,
                                   (int64_t)(rand_r(&state) % CUT_BYTES_MAX));
        if (i % 3 == 0 && !cpts_testing_trial__reopen(trial))
            return false;
    }
    return goes_to_the_end(trial);
}

static bool is_patient(struct testing_trial *trial)
{
    return suffers(trial, CPTS_TESTING_SLOW, SLOW_MS);
}

static bool serves_no_half_snapshot(struct testing_trial *trial)
{
    struct testing_store before;
    bool is_kept = cpts_testing_store__copy(&before, &trial->hub->store) && record_some(trial);
    for (int64_t bytes = 900; bytes < 2600 && is_kept; bytes += 400) {
        trial->hub->store.self.epoch++; /* so that a snapshot comes first */
        cpts_testing_trial__suffer(trial, CPTS_TESTING_CUT, bytes);
        is_kept = cpts_testing_trial__reopen(trial) && is_of_its_cursor(trial, &before);
    }
    cpts_testing_store__done(&before);
    return is_kept && goes_to_the_end(trial);
}

static bool waits_for_every_chunk(struct testing_trial *trial)
{
    struct cpts_sync_peer peer = {.node = trial->hub->store.self.node, .epoch = 1, .scope = "*"};
    struct cpts_sync_chunk last = {.snapshot_id = "0190a000-0000-7000-8000-0000000000ff",
                                   .chunk = 1,
                                   .epoch = 1,
                                   .last = true};
    struct cpts_error err = {0};
    if (!record_some(trial) || !cpts_testing_trial__go(trial))
        return false;
    if (trial->table.stage(trial->table.store, &peer, &last, &err) == CPTS_OK)
        return cpts_testing_trial__say(trial, "it took chunk 1 of a snapshot without chunk 0");
    return cpts_testing_trial__reopen(trial) && cpts_testing_trial__is_equal(trial) &&
           goes_to_the_end(trial);
}

/* The hub no longer has it, and nothing in its log says so. */
static void take_away(struct testing_trial *trial, int32_t number)
{
    struct testing_aggregate *aggregates = trial->hub->store.aggregates.items;
    char end[16];
    snprintf(end, sizeof end, "%012d", (int)number);
    for (size_t i = trial->hub->store.aggregates.count; i > 0; i--) {
        const char *id = aggregates[i - 1].id;
        if (strcmp(id + strlen(id) - strlen(end), end) == 0)
            cpts_testing_store__remove(&trial->hub->store, i - 1);
    }
}

static bool replaces_by_a_snapshot(struct testing_trial *trial)
{
    take_away(trial, REMOVED);
    if (!record_some(trial))
        return false;
    cpts_testing_trial__suffer(trial, CPTS_TESTING_MUST_SNAPSHOT, 0);
    return cpts_testing_trial__is_equal(trial) && goes_to_the_end(trial);
}

static bool follows_a_new_epoch(struct testing_trial *trial)
{
    struct cpts_sync_cursor cursor;
    if (!record_some(trial))
        return false;
    cpts_testing_trial__suffer(trial, CPTS_TESTING_EPOCH_CHANGE, 0);
    if (!goes_to_the_end(trial) || !cpts_testing_trial__cursor(trial, &cursor))
        return false;
    return cursor.epoch == trial->hub->store.self.epoch ||
           cpts_testing_trial__say(trial, "its cursor is of epoch %d, not of %d", (int)cursor.epoch,
                                   (int)trial->hub->store.self.epoch);
}

static bool passes_over_what_is_old(struct testing_trial *trial)
{
    struct cpts_sync_applied applied;
    struct cpts_sync_batch batch = {.urgent = true};
    return cpts_testing_trial__record(trial, 1) && cpts_testing_trial__go(trial) &&
           cpts_testing_trial__apply(trial, 1, 1, "{\"old\": true}", &batch, &applied) &&
           cpts_testing_trial__is_equal(trial);
}

static bool leaves_the_cursor_to_batches(struct testing_trial *trial)
{
    struct cpts_sync_cursor before, after;
    struct cpts_sync_applied applied;
    struct cpts_sync_batch batch = {.urgent = true, .after = 0, .upto = 0};
    if (!cpts_testing_trial__cursor(trial, &before) ||
        !cpts_testing_trial__apply(trial, 1, 1, "{}", &batch, &applied) ||
        !cpts_testing_trial__cursor(trial, &after))
        return false;
    return before.position == after.position ||
           cpts_testing_trial__say(trial, "its cursor went from %lld to %lld",
                                   (long long)before.position, (long long)after.position);
}

static bool parks_what_is_refused(struct testing_trial *trial)
{
    struct cpts_sync_applied applied;
    struct cpts_sync_image refused = {.refused = CPTS_SYNC_ALARM_ORIGIN_FORGED};
    struct cpts_sync_batch batch = {.urgent = true, .images = &refused};
    if (!cpts_testing_trial__apply(trial, 1, 1000000, "{\"forged\": true}", &batch, &applied))
        return false;
    return cpts_testing_trial__is_equal(trial) &&
           (applied.newly_parked_count == 1 ||
            cpts_testing_trial__say(trial, "parked %d aggregates, not 1",
                                    (int)applied.newly_parked_count));
}

static bool compares(struct testing_trial *trial)
{
    trial->hub->wish = CPTS_SYNC_VERIFY | CPTS_SYNC_REPAIR;
    bool is_kept = goes_to_the_end(trial);
    trial->hub->wish = CPTS_SYNC_GO_ON;
    return is_kept;
}

static bool is_repaired(struct testing_trial *trial)
{
    struct testing_aggregate *aggregates = trial->hub->store.aggregates.items;
    if (!cpts_testing_trial__go(trial) || trial->hub->store.aggregates.count < REPLACED)
        return false;
    char *digit = strrchr(aggregates[0].row.body, ':');
    digit[1] = '9'; /* the same version, other content */
    return compares(trial);
}

static bool forgets_what_there_is_not(struct testing_trial *trial)
{
    take_away(trial, FIRST_COUNT);
    return compares(trial);
}

static bool record_own(struct testing_trial *trial, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        struct cpts_error err = {0};
        if (trial->subject.record(trial->subject.data, ++trial->own_count, &err) != CPTS_OK)
            return cpts_testing_trial__say(trial, "record: %.40s: %.80s", err.reason, err.message);
    }
    return true;
}

/* Whether the hub has what the store says it should have, each change once, unbroken. */
static bool hub_has_all(struct testing_trial *trial)
{
    const struct testing_store *hub = &trial->hub->store;
    const struct testing_entry *entries = hub->entries.items;
    struct cpts_sync_self self = {0};
    struct cpts_error err;
    int64_t count = 0;
    for (size_t i = 0; i < hub->entries.count; i++)
        count += strcmp(entries[i].origin, trial->hub->node) == 0;
    if (trial->table.self(trial->table.store, &self, &err) != CPTS_OK ||
        cpts_testing_store__count_alarms(hub, CPTS_SYNC_ALARM_CHAIN_BROKEN) > 0)
        return cpts_testing_trial__say(trial, "its chain of hashes does not hold");
    const struct testing_cursor *cursor =
        cpts_testing_store__cursor(&trial->hub->store, trial->hub->node);
    if (cursor->cursor.origin_position != self.head_position ||
        memcmp(cursor->cursor.origin_hash, self.head_hash, sizeof self.head_hash) != 0)
        return cpts_testing_trial__say(trial, "the hub has its chain up to %lld, its head is %lld",
                                       (long long)cursor->cursor.origin_position,
                                       (long long)self.head_position);
    return count <= self.head_position ||
           cpts_testing_trial__say(trial, "the hub has %lld of its %lld entries", (long long)count,
                                   (long long)self.head_position);
}

static bool tells_everything(struct testing_trial *trial)
{
    return record_own(trial, 5) && cpts_testing_trial__go(trial) && hub_has_all(trial);
}

static bool tells_once_after_cuts(struct testing_trial *trial)
{
    unsigned state = 2;
    for (int i = 0; i < CUTS / 2; i++) {
        if (!record_own(trial, 2))
            return false;
        cpts_testing_trial__suffer(trial, CPTS_TESTING_CUT,
                                   (int64_t)(rand_r(&state) % CUT_BYTES_MAX));
        if (i % 3 == 0 && !cpts_testing_trial__reopen(trial))
            return false;
    }
    return cpts_testing_trial__go(trial) && hub_has_all(trial);
}

/* clang-format off */
static const struct testing_rule RULES[] = {
    {"SNAPSHOT", "takes a snapshot, chunk by chunk, and puts it in place with the last",
     "stage(): the last chunk activates everything staged, and the cursor of its position",
     takes_a_snapshot, false, false},
    {"CHANGES", "stores batches in order, the newest image of each aggregate",
     "apply(): images by kind and id; the cursor is batch->upto", takes_changes, false, false},
    {"DURABLE", "what it returned CPTS_OK for is there after a loss of power",
     "apply() returns after its transaction was committed to disk, never before",
     acknowledges_what_is_durable, false, false},
    {"ATOMIC", "moves its cursor and its data in one transaction",
     "apply(): one transaction for images, entries and cursor; no commit between them",
     moves_cursor_and_data_at_once, true, false},
    {"DUPLICATE", "a repetition changes nothing",
     "apply(): an entry that is there already, an image of a version that is, are passed over",
     absorbs_duplicates, false, false},
    {"ORDER", "takes nothing out of its order", "cursor(): exactly the last batch->upto",
     waits_for_order, false, false},
    {"LOSS", "takes again what was lost on the way", "cursor(): exactly the last batch->upto",
     takes_again_what_was_lost, false, false},
    {"LOST_ACK", "goes on where it is when an acknowledgement is lost",
     "cursor() after reopening: what was committed", survives_a_lost_acknowledgement, false, false},
    {"SIGNED", "knows what of its source's chain is signed",
     "keep_checkpoint() is durable; cursor(): signed_position, unsigned_since_us",
     knows_what_is_signed, false, false},
    {"CUT", "survives a connection that ends anywhere",
     "apply() and stage(): everything or nothing", survives_every_cut, false, false},
    {"SLOW", "is patient", "no time limit of the store's own around a session", is_patient, false,
     false},
    {"HALF_SNAPSHOT", "never serves half a snapshot",
     "stage(): chunks stay aside until the last one; digest() is of what is in place",
     serves_no_half_snapshot, false, false},
    {"EVERY_CHUNK", "puts no snapshot in place of which a chunk is missing",
     "stage(): GAP, unless all chunks before it are staged; one may come twice, late",
     waits_for_every_chunk, false, false},
    {"REPLACE", "a snapshot takes the place of all that it had of the peer",
     "stage() with the last chunk: what is not in the snapshot goes", replaces_by_a_snapshot,
     false, false},
    {"EPOCH", "follows its source into a new epoch", "stage() keeps chunk->epoch in the cursor",
     follows_a_new_epoch, false, false},
    {"OLD_IMAGE", "an older image changes nothing", "apply(): compare versions first",
     passes_over_what_is_old, false, false},
    {"URGENT", "what comes ahead of its turn leaves the cursor alone",
     "apply(): batch->urgent and batch->repair move no cursor", leaves_the_cursor_to_batches,
     false, false},
    {"REFUSED", "parks what the engine refuses",
     "apply(): image->refused: park it, with its reason, and count it in newly_parked_count",
     parks_what_is_refused, false, false},
    {"REPAIR", "takes a repair, whatever its version",
     "apply(): with batch->repair images replace what is there", is_repaired, false, false},
    {"FORGET", "forgets what its owner has not",
     "apply(): with batch->repair an image of version 0 without rows removes the aggregate",
     forgets_what_there_is_not, false, false},
    {"TELL", "tells all its changes, in a chain that holds",
     "read(): entries in order with prev_hash and hash, withheld runs for the rest",
     tells_everything, false, true},
    {"TELL_ONCE", "tells each change once, whatever is cut",
     "resume() and read(): positions without gaps, from the peer's cursor on",
     tells_once_after_cuts, false, true},
};
/* clang-format on */

const struct testing_rule *cpts_testing_rule__at(size_t index)
{
    return index < sizeof RULES / sizeof RULES[0] ? &RULES[index] : NULL;
}

_Static_assert(sizeof RULES / sizeof RULES[0] <= CPTS_TESTING_RULES_MAX, "a report has room");
