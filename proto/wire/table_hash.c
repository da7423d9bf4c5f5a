/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/table_hash.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "wire/filing_step.h"
#include "wire/referral_step.h"
#include "wire/transition.h"

static void add_text(crypto_hash_sha256_state *state, const char *text)
{
    crypto_hash_sha256_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static void add_kinds(crypto_hash_sha256_state *state,
                      const char *const kinds[TRANSITION_KINDS_MAX])
{
    for (size_t i = 0; i < transition_kind_count(kinds); i++)
        add_text(state, kinds[i]);
    add_text(state, "");
}

static void add_transitions(crypto_hash_sha256_state *state)
{
    char line[96];
    for (int to = STAGE_EMERGENCE; to <= STAGE_COUNT; to++) {
        const struct transition *row = transition_to(to);
        if (row == NULL)
            continue;
        snprintf(line, sizeof line, "%d %u %u %d", row->to, row->from, row->deciders, row->tacit);
        add_text(state, line);
        add_kinds(state, row->evidence);
        add_kinds(state, row->starts);
        add_kinds(state, row->stops);
    }
}

static void add_filing_steps(crypto_hash_sha256_state *state)
{
    char line[96];
    for (int to = FILING_DRAFT; to <= FILING_STATE_COUNT; to++) {
        const struct filing_step *row = filing_step_to(to);
        if (row == NULL)
            continue;
        snprintf(line, sizeof line, "%d %u %d %d %d", (int)row->to, row->from, row->by_cpts,
                 row->needs_documents, row->needs_stage);
        add_text(state, line);
    }
}

void table_hash(uint8_t ret_hash[TABLE_HASH_BYTES])
{
    uint8_t referral_hash[TABLE_HASH_BYTES];
    crypto_hash_sha256_state state;
    referral_step_hash(referral_hash);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, referral_hash, sizeof referral_hash);
    add_transitions(&state);
    add_filing_steps(&state);
    crypto_hash_sha256_final(&state, ret_hash);
}
