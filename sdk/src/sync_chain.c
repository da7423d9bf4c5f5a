/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_chain.h"

#include <string.h>

#include "wire/digest.h"

static void note(int64_t *first, int64_t position)
{
    if (*first == 0)
        *first = position;
}

/* Whether the next link begins where the chain ends; one it has already does not. */
static bool follows(struct sync_chain *chain, int64_t first, const uint8_t *prev_hash,
                    struct sync_chain_walk *walk)
{
    if (first > chain->position + 1 && chain->has_holes) {
        chain->position = first - 1;
        if (prev_hash != NULL)
            memcpy(chain->hash, prev_hash, sizeof chain->hash);
    } else if (first > chain->position + 1) {
        note(&walk->gap_at, chain->position + 1);
    }
    return first == chain->position + 1;
}

static void take_withheld(struct sync_chain *chain, struct cpts_sync_withheld *withheld, size_t at,
                          struct sync_chain_walk *walk)
{
    const struct cpts_sync_withheld run = withheld[at];
    if (!follows(chain, run.first, NULL, walk))
        return;
    chain->position = run.last;
    memcpy(chain->hash, run.hash, sizeof chain->hash);
    withheld[walk->withheld_count++] = run;
}

static void take_entry(struct sync_chain *chain, struct cpts_sync_entry *entry,
                       struct sync_chain_walk *walk)
{
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
    if (!follows(chain, entry->origin_position, entry->prev_hash, walk)) {
        if (entry->origin_position <= chain->position)
            entry->refused = CPTS_SYNC_ALARM_GAP;
        return;
    }
    digest_change(chain->hash, entry->origin_position, entry->bytes.bytes, entry->bytes.byte_count,
                  hash);
    if (memcmp(entry->prev_hash, chain->hash, sizeof hash) != 0 ||
        memcmp(entry->hash, hash, sizeof hash) != 0) {
        entry->refused = CPTS_SYNC_ALARM_CHAIN_BROKEN;
        note(&walk->broken_at, entry->origin_position);
    }
    chain->position = entry->origin_position;
    memcpy(chain->hash, entry->hash, sizeof chain->hash);
}

void cpts_sync_chain__walk(struct sync_chain *chain, struct cpts_sync_entry *entries,
                           size_t entry_count, struct cpts_sync_withheld *withheld,
                           size_t withheld_count, struct sync_chain_walk *ret_walk)
{
    size_t run = 0;
    *ret_walk = (struct sync_chain_walk){0};
    for (size_t i = 0; i < entry_count; i++) {
        struct cpts_sync_entry *entry = &entries[i];
        if (strcmp(entry->origin_node, chain->node) != 0) {
            entry->refused = CPTS_SYNC_ALARM_ORIGIN_FORGED;
            if (ret_walk->forged == NULL)
                ret_walk->forged = entry;
            continue;
        }
        while (run < withheld_count && withheld[run].first < entry->origin_position)
            take_withheld(chain, withheld, run++, ret_walk);
        take_entry(chain, entry, ret_walk);
    }
    while (run < withheld_count)
        take_withheld(chain, withheld, run++, ret_walk);
}
