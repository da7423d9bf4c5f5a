/* SPDX-License-Identifier: Apache-2.0 */
/* Referrals: refused here, sent again as the same bytes, attachments that go on, and
 * every call without waiting. */
#include <cpts/attachment.h>
#include <cpts/recipient.h>
#include <cpts/referral_board.h>
#include <cpts/referral_desk.h>
#include <cpts/referral_watch.h>
#include <cpts/submission.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

#define PATIENCE_S 30
#define PATIENCE_MS (PATIENCE_S * 1000)
#define ORIGIN "01907d2c-5a7e-7000-8000-2f3b5c1d9e40"
#define DESTINATION "01907d2c-5a7e-7000-8000-2f3b5c1d9e41"
#define REFERRAL "0193f1a2-5a7e-7000-8000-2f3b5c1d9e40"
#define ATTEMPT "0193f1a2-5a7e-7000-8000-2f3b5c1d9e41"
#define CHUNKS 3

static struct peer peer;
static cpts_client *client;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* What callbacks saw; behind the mutex. */
static struct {
    int callbacks;
    int fine;
    char reason[CPTS_REASON_BYTES];
} seen;

static const struct cpts_actor ACTOR = {
    .size = sizeof ACTOR, .function = "essai", .purpose = CPTS_PURPOSE_CARE};
static const struct cpts_async ASYNC = {.size = sizeof ASYNC};

static void open_peer(void)
{
    peer_forget(false);
    memset(&seen, 0, sizeof seen);
    peer_open(&peer, 1);
    struct cpts_client_options options = peer_options(peer.address);
    client = peer_client(&options);
}

static void close_peer(void)
{
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
    peer_close(&peer);
}

static void note(cpts_status status, const struct cpts_error *err)
{
    pthread_mutex_lock(&mutex);
    seen.callbacks++;
    seen.fine += status == CPTS_OK;
    if (status != CPTS_OK)
        snprintf(seen.reason, sizeof seen.reason, "%s", err->reason);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void wait_over(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (seen.callbacks < count && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

/* A referral with one attempt, as the caller of a party holds it. */
static struct cpts_referral held(enum cpts_party party, enum cpts_assignment_state state)
{
    static struct cpts_assignment attempt;
    attempt = (struct cpts_assignment){
        .id = ATTEMPT, .destination_id = DESTINATION, .version = 4, .state = state};
    return (struct cpts_referral){.id = REFERRAL,
                                  .version = 5,
                                  .status = CPTS_REFERRAL_OPEN,
                                  .party = party,
                                  .assignments = &attempt,
                                  .assignment_count = 1};
}

static cpts_status act(const struct cpts_referral *referral, enum cpts_referral_event event,
                       struct cpts_error *err)
{
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_referral_act wish = {
        .size = sizeof wish, .actor = &ACTOR, .seen = referral, .event = event};
    cpts_status status = cpts_referral_do(client, &wish, NULL, 0, &outcome, err);
    CU_ASSERT_EQUAL(outcome != NULL, status == CPTS_OK);
    cpts_referral_outcome_free(outcome);
    return status;
}

static void test_referral__an_illegal_act_is_refused_without_a_call(void)
{
    struct cpts_error err;
    struct cpts_referral referral = held(CPTS_PARTY_DESTINATION, CPTS_ASSIGNMENT_DELIVERED);
    open_peer();
    CU_ASSERT_EQUAL(act(&referral, CPTS_REFERRAL_START, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "ILLEGAL_REFERRAL_ACT");
    CU_ASSERT_STRING_EQUAL(err.detail, "DELIVERED 4 ASK_INFO,ACCEPT,DECLINE,REDIRECT,FAIL");
    CU_ASSERT_EQUAL(act(&referral, CPTS_REFERRAL_ACKNOWLEDGE, &err), CPTS_PERMISSION_DENIED);
    CU_ASSERT_STRING_EQUAL(err.reason, "WRONG_PARTY");
    CU_ASSERT_EQUAL(act(&referral, (enum cpts_referral_event)99, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_EQUAL(act(&referral, CPTS_REFERRAL_DECLINE, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "REFUSAL_REASON_REQUIRED");
    CU_ASSERT_EQUAL(act(&referral, CPTS_REFERRAL_ASK_INFO, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "note");
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 0);
    CU_ASSERT_EQUAL(act(&referral, CPTS_REFERRAL_ACCEPT, &err), CPTS_OK);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 1);
    close_peer();
}

static void test_referral__may_goes_by_status_and_overdue_level(void)
{
    struct cpts_error err;
    struct cpts_referral origin = held(CPTS_PARTY_ORIGIN, CPTS_ASSIGNMENT_ACCEPTED);
    struct cpts_assignment late = origin.assignments[0];
    CU_ASSERT_EQUAL(cpts_referral_may(&origin, NULL, CPTS_REFERRAL_RECALL, &err),
                    CPTS_FAILED_PRECONDITION);
    late.overdue_level = 2;
    origin.assignments = &late;
    CU_ASSERT_EQUAL(cpts_referral_may(&origin, NULL, CPTS_REFERRAL_RECALL, &err), CPTS_OK);
    CU_ASSERT_EQUAL(cpts_referral_may(&origin, ORIGIN, CPTS_REFERRAL_RECALL, &err), CPTS_NOT_FOUND);
    CU_ASSERT_EQUAL(cpts_referral_may(&origin, NULL, CPTS_REFERRAL_ABANDON, &err),
                    CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.detail, "OPEN 5 WIDEN");
    origin.status = CPTS_REFERRAL_TO_REASSIGN;
    CU_ASSERT_EQUAL(cpts_referral_may(&origin, NULL, CPTS_REFERRAL_ABANDON, &err), CPTS_OK);
}

/* Stores of both, in a folder that is removed. */
struct stores {
    char folder[64];
    cpts_keystore *origin;
    cpts_keystore *destination;
    struct cpts_key key;
};

static cpts_keystore *make_store(const char *folder, const char *owner)
{
    struct cpts_error err = {0};
    char path[128];
    cpts_keystore *store = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, owner);
    struct cpts_keystore_creation creation = {.size = sizeof creation,
                                              .path = path,
                                              .passphrase = "une phrase d'essai",
                                              .kind = CPTS_KEYSTORE_CPTS,
                                              .owner = owner};
    CU_ASSERT_EQUAL_FATAL(cpts_keystore_create(&creation, &store, &err), CPTS_OK);
    unlink(path);
    return store;
}

static void make_stores(struct stores *stores)
{
    struct cpts_keystore_key shown;
    snprintf(stores->folder, sizeof stores->folder, "/tmp/cpts-sdk-referral.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(stores->folder));
    stores->origin = make_store(stores->folder, ORIGIN);
    stores->destination = make_store(stores->folder, DESTINATION);
    cpts_keystore_key_at(stores->destination, 0, &shown);
    stores->key = (struct cpts_key){.cpts_id = DESTINATION, .region = "11", .serial = 1};
    memcpy(stores->key.encryption_key, shown.encryption_key, CPTS_KEY_BYTES);
    memcpy(stores->key.signing_key, shown.signing_key, CPTS_KEY_BYTES);
}

static void drop_stores(struct stores *stores)
{
    cpts_keystore_close(stores->origin);
    cpts_keystore_close(stores->destination);
    rmdir(stores->folder);
}

static struct cpts_bytes text(const char *from)
{
    return (struct cpts_bytes){.bytes = (const uint8_t *)from, .byte_count = strlen(from)};
}

static const char *const TO[] = {DESTINATION};
static const struct cpts_referral_header HEADER = {.size = sizeof HEADER,
                                                   .use_case = CPTS_USE_CASE_SNP,
                                                   .urgency = CPTS_URGENCY_WITHIN_24H,
                                                   .unit_code = "92046",
                                                   .origin_id = ORIGIN,
                                                   .legal_basis = CPTS_LEGAL_BASIS_ECHANGE};

static struct cpts_referral_draft draft_of(const struct cpts_referral_header *header)
{
    return (struct cpts_referral_draft){.size = sizeof(struct cpts_referral_draft),
                                        .actor = &ACTOR,
                                        .header = header,
                                        .offer = text("une plaie"),
                                        .content = text("une personne fictive"),
                                        .destination_ids = TO,
                                        .destination_count = 1};
}

static cpts_status seal(const struct stores *stores, const struct cpts_referral_draft *draft,
                        struct cpts_submission **ret_submission, struct cpts_error *err)
{
    return cpts_submission_seal(stores->origin, draft, &stores->key, ret_submission, err);
}

static void on_outcome(cpts_status status, struct cpts_referral_outcome *outcome,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_referral_outcome_free(outcome);
    note(status, err);
}

static void test_submission__a_lost_answer_is_asked_for_with_the_same_bytes(void)
{
    struct stores stores;
    struct cpts_error err = {0};
    struct cpts_submission *submission = NULL, *kept = NULL;
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_referral_draft draft = draft_of(&HEADER);
    struct peer_memory memory;
    uint64_t call = 0;
    make_stores(&stores);
    open_peer();
    CU_ASSERT_EQUAL_FATAL(seal(&stores, &draft, &submission, &err), CPTS_OK);
    peer_forget(true);
    CU_ASSERT_EQUAL(cpts_submission_send_start(client, submission, &ASYNC, on_outcome, &call, &err),
                    CPTS_OK);
    peer_wait_held(1);
    CU_ASSERT_TRUE(cpts_client_cancel(client, call));
    wait_over(1);
    CU_ASSERT_STRING_EQUAL(seen.reason, "OUTCOME_UNKNOWN");
    peer_recall(&memory);
    peer_forget(false);
    peer_release();
    atomic_store(&peer.refusals, 1);
    CU_ASSERT_EQUAL_FATAL(cpts_submission_read(submission->bytes, &kept, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(kept->command_id, submission->command_id);
    CU_ASSERT_EQUAL(cpts_submission_send(client, kept, 0, &outcome, &err), CPTS_OK);
    cpts_referral_outcome_free(outcome);
    struct peer_memory after;
    peer_recall(&after);
    CU_ASSERT_EQUAL(memory.submission_count, 1);
    CU_ASSERT_EQUAL(after.submission_count, 2);
    for (int i = 0; i < after.submission_count; i++)
        CU_ASSERT_EQUAL(memcmp(memory.submissions[0], after.submissions[i], 32), 0);
    cpts_submission_free(kept);
    cpts_submission_free(submission);
    close_peer();
    drop_stores(&stores);
}

static void test_submission__bad_drafts_are_refused_here(void)
{
    static const struct {
        enum cpts_urgency urgency;
        enum cpts_legal_basis basis;
        const char *reason;
    } CASES[] = {{CPTS_URGENCY_VITAL, CPTS_LEGAL_BASIS_ECHANGE, "VITAL_URGENCY"},
                 {CPTS_URGENCY_ROUTINE, CPTS_LEGAL_BASIS_UNSPECIFIED, "LEGAL_BASIS_REQUIRED"},
                 {CPTS_URGENCY_ROUTINE, CPTS_LEGAL_BASIS_PARTAGE, "CONSENT_REQUIRED"}};
    struct stores stores;
    struct cpts_error err;
    struct cpts_submission *submission = NULL;
    make_stores(&stores);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct cpts_referral_header header = HEADER;
        header.urgency = CASES[i].urgency;
        header.legal_basis = CASES[i].basis;
        struct cpts_referral_draft draft = draft_of(&header);
        CU_ASSERT_EQUAL(seal(&stores, &draft, &submission, &err), CPTS_FAILED_PRECONDITION);
        CU_ASSERT_STRING_EQUAL(err.reason, CASES[i].reason);
    }
    char *large = calloc(1, CPTS_CONTENT_BYTES_MAX + 1);
    struct cpts_referral_draft draft = draft_of(&HEADER);
    draft.content = (struct cpts_bytes){(const uint8_t *)large, CPTS_CONTENT_BYTES_MAX + 1};
    CU_ASSERT_EQUAL(seal(&stores, &draft, &submission, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONTENT_TOO_LARGE");
    draft.content.byte_count--;
    draft.destination_count = CPTS_RECIPIENTS_MAX + 1;
    CU_ASSERT_EQUAL(seal(&stores, &draft, &submission, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "destination_ids");
    CU_ASSERT_PTR_NULL(submission);
    free(large);
    drop_stores(&stores);
}

static cpts_status refuse_to_keep(const struct cpts_submission *submission, void *data,
                                  struct cpts_error *err)
{
    *(bool *)data = submission->bytes.byte_count > 0;
    memset(err, 0, sizeof *err);
    snprintf(err->reason, sizeof err->reason, "DISK_FULL");
    return CPTS_FAILED_PRECONDITION;
}

static void test_submission__is_not_sent_unless_it_was_kept(void)
{
    struct stores stores;
    struct cpts_error err;
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_referral_draft draft = draft_of(&HEADER);
    bool was_asked = false;
    draft.destination_count = 0;
    draft.keep = refuse_to_keep;
    draft.keep_data = &was_asked;
    make_stores(&stores);
    open_peer();
    CU_ASSERT_EQUAL(cpts_referral_submit(client, stores.origin, &draft, 0, &outcome, &err),
                    CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "DISK_FULL");
    CU_ASSERT_TRUE(was_asked);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 0);
    close_peer();
    drop_stores(&stores);
}

/* Keeps what it is given by reading it back. */
static cpts_status read_back(const struct cpts_submission *submission, void *data,
                             struct cpts_error *err)
{
    return cpts_submission_read(submission->bytes, data, err);
}

static void test_turn__what_is_kept_is_what_was_sent(void)
{
    struct cpts_error err;
    struct cpts_submission *kept = NULL;
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_sealed_recipient to = {.cpts_id = DESTINATION};
    struct cpts_referral_turn turn = {.size = sizeof turn,
                                      .actor = &ACTOR,
                                      .referral_id = REFERRAL,
                                      .expected_version = 1,
                                      .recipients = &to,
                                      .recipient_count = 1,
                                      .keep = read_back,
                                      .keep_data = &kept};
    open_peer();
    CU_ASSERT_EQUAL(cpts_referral_reassign(client, &turn, NULL, 0, &outcome, &err), CPTS_OK);
    cpts_referral_outcome_free(outcome);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
    CU_ASSERT_EQUAL(kept->event, CPTS_REFERRAL_REASSIGN);
    CU_ASSERT_STRING_EQUAL(kept->referral_id, REFERRAL);
    CU_ASSERT_EQUAL(cpts_submission_send(client, kept, 0, &outcome, &err), CPTS_OK);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 2);
    cpts_referral_outcome_free(outcome);
    cpts_submission_free(kept);
    close_peer();
}

static void test_turn__is_not_sent_unless_it_was_kept(void)
{
    struct cpts_error err;
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_sealed_recipient to = {.cpts_id = DESTINATION, .assignment_id = ""};
    bool was_asked = false;
    struct cpts_referral_turn turn = {.size = sizeof turn,
                                      .actor = &ACTOR,
                                      .referral_id = REFERRAL,
                                      .recipients = &to,
                                      .recipient_count = 1,
                                      .keep = refuse_to_keep,
                                      .keep_data = &was_asked};
    open_peer();
    CU_ASSERT_EQUAL(cpts_referral_rewrap(client, &turn, NULL, 0, &outcome, &err),
                    CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "DISK_FULL");
    CU_ASSERT_TRUE(was_asked);
    turn.recipient_count = 0;
    CU_ASSERT_EQUAL(cpts_referral_rewrap(client, &turn, NULL, 0, &outcome, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "recipients");
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 0);
    close_peer();
}

static void test_submission__bytes_that_are_none_are_refused(void)
{
    static const char *const BYTES[] = {"", "x", "/cpts.v1.ReferralService/SubmitReferral",
                                        "/cpts.v1.ReferralService/ActOnReferral\n\n\x01x",
                                        "/cpts.v1.ReferralService/RewrapReferral\nxyz"};
    for (size_t i = 0; i < sizeof BYTES / sizeof BYTES[0]; i++) {
        struct cpts_error err = {0};
        struct cpts_submission *kept = NULL;
        const struct cpts_bytes bytes = {(const uint8_t *)BYTES[i], strlen(BYTES[i])};
        CU_ASSERT_EQUAL(cpts_submission_read(bytes, &kept, &err), CPTS_INVALID_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(err.reason, "MALFORMED_MESSAGE");
        CU_ASSERT_PTR_NULL(kept);
    }
}

/* Ends a transfer after so many chunks. */
static bool stop_after(int32_t chunk_count, int32_t done_count, struct cpts_bytes bytes, void *data)
{
    (void)chunk_count;
    (void)bytes;
    return done_count < *(int32_t *)data;
}

static void test_attachment__a_broken_upload_goes_on_where_it_was(void)
{
    static uint8_t bytes[(CHUNKS - 1) * CPTS_ATTACHMENT_CHUNK_BYTES + 1];
    struct cpts_sealed_attachment sealed = {.ciphertext = {bytes, sizeof bytes},
                                            .chunk_count = CHUNKS};
    int32_t wanted = 2;
    struct cpts_error err;
    struct peer_memory memory;
    struct cpts_attachment_transfer transfer = {.size = sizeof transfer,
                                                .actor = &ACTOR,
                                                .referral_id = REFERRAL,
                                                .attachment_id = ATTEMPT,
                                                .sealed = &sealed,
                                                .step = stop_after,
                                                .data = &wanted};
    open_peer();
    CU_ASSERT_EQUAL(cpts_attachment_upload(client, &transfer, 0, &err), CPTS_CANCELLED);
    transfer.done_count = wanted;
    wanted = CHUNKS + 1;
    CU_ASSERT_EQUAL(cpts_attachment_upload(client, &transfer, 0, &err), CPTS_OK);
    peer_recall(&memory);
    CU_ASSERT_EQUAL(memory.chunk_calls, CHUNKS);
    peer_forget(false);
    CU_ASSERT_EQUAL(cpts_attachment_upload(client, &transfer, 0, &err), CPTS_OK);
    peer_recall(&memory);
    CU_ASSERT_EQUAL(memory.chunks, (1u << CHUNKS) - 1);
    transfer.done_count = CHUNKS + 1;
    CU_ASSERT_EQUAL(cpts_attachment_upload(client, &transfer, 0, &err), CPTS_INVALID_ARGUMENT);
    close_peer();
}

static void test_mention__is_read_as_it_was_written(void)
{
    struct cpts_error err;
    struct cpts_text *whole = NULL;
    struct cpts_attachment_mentions *found = NULL;
    struct cpts_attachment_mention mention = {.id = ATTEMPT, .name = "tracé.pdf", .key = {1, 2, 3}};
    CU_ASSERT_EQUAL_FATAL(cpts_attachment_mention_all(text("lu"), &mention, 1, &whole, &err),
                          CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(cpts_attachment_mentions_read(whole->bytes, &found, &err), CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(found->mention_count, 1);
    CU_ASSERT_STRING_EQUAL(found->mentions[0].name, mention.name);
    CU_ASSERT_EQUAL(memcmp(found->mentions[0].key, mention.key, sizeof mention.key), 0);
    CU_ASSERT_EQUAL(found->text.byte_count, 2);
    struct cpts_text *again = NULL;
    CU_ASSERT_EQUAL(cpts_attachment_mention_all(whole->bytes, &mention, 1, &again, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_PTR_NULL(again);
    cpts_attachment_mentions_free(found);
    CU_ASSERT_EQUAL_FATAL(cpts_attachment_mentions_read(text("{broken"), &found, &err), CPTS_OK);
    CU_ASSERT_EQUAL(found->mention_count, 0);
    cpts_attachment_mentions_free(found);
    cpts_text_free(whole);
}

#define CALLBACK(name, type, release)                                                              \
    static void name(cpts_status status, struct type *result, const struct cpts_error *err,        \
                     void *data)                                                                   \
    {                                                                                              \
        (void)data;                                                                                \
        release(result);                                                                           \
        note(status, err);                                                                         \
    }
CALLBACK(on_referral, cpts_referral, cpts_referral_free)
CALLBACK(on_worklist, cpts_worklist, cpts_worklist_free)
CALLBACK(on_recipients, cpts_recipients, cpts_recipients_free)
CALLBACK(on_board, cpts_referral_board, cpts_referral_board_free)
CALLBACK(on_unmet, cpts_unmet_page, cpts_unmet_free)
CALLBACK(on_parked, cpts_parked, cpts_parked_free)
CALLBACK(on_reasons, cpts_referral_reasons, cpts_referral_reasons_free)
CALLBACK(on_letter, cpts_sealed_letter, cpts_sealed_letter_free)
CALLBACK(on_notes, cpts_sealed_notes, cpts_sealed_notes_free)
CALLBACK(on_piece, cpts_attachment_piece, cpts_attachment_piece_free)
CALLBACK(on_plain, cpts_outcome, cpts_outcome_free)

/* @return how many calls it started; the failures are counted. */
static int start_reads(int *failures)
{
    struct cpts_worklist_query list = {.size = sizeof list, .actor = &ACTOR};
    struct cpts_letter_query letter = {.size = sizeof letter, .actor = &ACTOR, .parts = 3};
    struct cpts_notes_query notes = {.size = sizeof notes, .actor = &ACTOR};
    struct cpts_parked_query parked = {.size = sizeof parked, .actor = &ACTOR};
    struct cpts_attachment_chunk chunk = {.size = sizeof chunk, .actor = &ACTOR};
    *failures += cpts_referral_get_start(client, REFERRAL, &ACTOR, &ASYNC, on_referral, NULL,
                                         NULL) != CPTS_OK;
    *failures += cpts_worklist_get_start(client, &list, &ASYNC, on_worklist, NULL, NULL) != CPTS_OK;
    *failures +=
        cpts_recipients_find_start(client, NULL, &ASYNC, on_recipients, NULL, NULL) != CPTS_OK;
    *failures +=
        cpts_referral_board_get_start(client, NULL, &ASYNC, on_board, NULL, NULL) != CPTS_OK;
    *failures += cpts_unmet_list_start(client, NULL, &ASYNC, on_unmet, NULL, NULL) != CPTS_OK;
    *failures += cpts_parked_list_start(client, &parked, &ASYNC, on_parked, NULL, NULL) != CPTS_OK;
    *failures += cpts_referral_reasons_list_start(client, CPTS_REFERRAL_DECLINE, &ASYNC, on_reasons,
                                                  NULL, NULL) != CPTS_OK;
    *failures += cpts_letter_fetch_start(client, &letter, &ASYNC, on_letter, NULL, NULL) != CPTS_OK;
    *failures += cpts_notes_fetch_start(client, &notes, &ASYNC, on_notes, NULL, NULL) != CPTS_OK;
    *failures += cpts_attachment_get_start(client, &chunk, &ASYNC, on_piece, NULL, NULL) != CPTS_OK;
    return 10;
}

static int start_commands(int *failures)
{
    struct cpts_referral_act deed = {
        .size = sizeof deed, .actor = &ACTOR, .event = CPTS_REFERRAL_ACCEPT};
    struct cpts_sealed_recipient to = {.cpts_id = DESTINATION};
    struct cpts_referral_turn turn = {
        .size = sizeof turn, .actor = &ACTOR, .recipients = &to, .recipient_count = 1};
    struct cpts_referral_record record = {.size = sizeof record, .actor = &ACTOR};
    struct cpts_referral_opt_in opt_in = {.size = sizeof opt_in};
    struct cpts_parked_decision decision = {.size = sizeof decision, .actor = &ACTOR};
    *failures +=
        cpts_referral_do_start(client, &deed, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    *failures += cpts_referral_redirect_start(client, &turn, NULL, &ASYNC, on_outcome, NULL,
                                              NULL) != CPTS_OK;
    *failures += cpts_referral_reassign_start(client, &turn, NULL, &ASYNC, on_outcome, NULL,
                                              NULL) != CPTS_OK;
    *failures +=
        cpts_referral_rewrap_start(client, &turn, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    *failures +=
        cpts_referral_widen_start(client, &turn, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    *failures += cpts_referral_consent_start(client, &record, NULL, &ASYNC, on_outcome, NULL,
                                             NULL) != CPTS_OK;
    *failures += cpts_referral_withdraw_consent_start(client, &record, NULL, &ASYNC, on_outcome,
                                                      NULL, NULL) != CPTS_OK;
    *failures +=
        cpts_referral_erase_start(client, &record, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    *failures += cpts_referral_set_opt_in_start(client, &opt_in, NULL, &ASYNC, on_plain, NULL,
                                                NULL) != CPTS_OK;
    *failures +=
        cpts_parked_resolve_start(client, &decision, NULL, &ASYNC, on_plain, NULL, NULL) != CPTS_OK;
    return 10;
}

/* An answer without an attachment is refused: nothing could be opened of it. */
static void test_referral__every_call_has_its_twin(void)
{
    int failures = 0;
    open_peer();
    int count = start_reads(&failures) + start_commands(&failures);
    wait_over(count);
    CU_ASSERT_EQUAL(failures, 0);
    CU_ASSERT_EQUAL(seen.callbacks, count);
    CU_ASSERT_EQUAL(seen.fine, count - 1);
    CU_ASSERT_STRING_EQUAL(seen.reason, "CONTENT_INVALID");
    close_peer();
}

static void test_watch__of_the_registry_gives_no_news_of_referrals(void)
{
    struct cpts_error err;
    cpts_watch *watch = NULL;
    struct cpts_referral_news *news = NULL;
    struct cpts_watch_options region = {.size = sizeof region, .region = "11"};
    struct cpts_referral_watch_options options = {
        .size = sizeof options, .actor = &ACTOR, .pace = &region};
    open_peer();
    CU_ASSERT_EQUAL(cpts_referral_watch_open(client, &options, &watch, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "pace");
    CU_ASSERT_EQUAL_FATAL(cpts_watch_open(client, NULL, &watch, &err), CPTS_OK);
    CU_ASSERT_EQUAL(cpts_referral_watch_next(watch, 0, &news, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_PTR_NULL(news);
    cpts_watch_close(watch);
    close_peer();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_referral__an_illegal_act_is_refused_without_a_call),
    UNIT_TEST(test_referral__may_goes_by_status_and_overdue_level),
    UNIT_TEST(test_submission__a_lost_answer_is_asked_for_with_the_same_bytes),
    UNIT_TEST(test_submission__bad_drafts_are_refused_here),
    UNIT_TEST(test_submission__is_not_sent_unless_it_was_kept),
    UNIT_TEST(test_turn__what_is_kept_is_what_was_sent),
    UNIT_TEST(test_turn__is_not_sent_unless_it_was_kept),
    UNIT_TEST(test_submission__bytes_that_are_none_are_refused),
    UNIT_TEST(test_attachment__a_broken_upload_goes_on_where_it_was),
    UNIT_TEST(test_mention__is_read_as_it_was_written),
    UNIT_TEST(test_referral__every_call_has_its_twin),
    UNIT_TEST(test_watch__of_the_registry_gives_no_news_of_referrals),
};

UNIT_MAIN("sdk/referral")
