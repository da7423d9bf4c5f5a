/* SPDX-License-Identifier: Apache-2.0 */
/* log verify. */
#include <cpts/chain.h>
#include <cpts/federation_node.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "session.h"

#define HASH_TEXT_BYTES (2 * CPTS_LOG_HASH_BYTES + 1)

/* A chain on its way: what is verified, and the points that are still ahead. */
struct checking {
    struct session *session;
    const char *node;
    struct cpts_log_proof proof;
    int64_t withheld_count;
    int64_t begins_after;
    struct cpts_log_checkpoints *points;
    size_t next;
    int64_t signed_position;
    int64_t bad_position;
    bool has_key;
};

static cpts_status fetch_points(struct checking *checking, int64_t after, struct cpts_error *err)
{
    cpts_log_checkpoints_free(checking->points);
    checking->points = NULL;
    checking->next = 0;
    cpts_status status = cpts_log_checkpoints_list(checking->session->client, checking->node, after,
                                                   0, &checking->points, err);
    if (status == CPTS_OK)
        checking->has_key = checking->points->key_bytes > 0;
    return status;
}

/* Compares with the signed points at that place of the chain. */
static cpts_status pass(struct checking *checking, const struct cpts_log_proof *link,
                        struct cpts_error *err)
{
    while (checking->next < checking->points->checkpoint_count) {
        const struct cpts_log_checkpoint *point = &checking->points->checkpoints[checking->next];
        if (point->point.position > link->position)
            return CPTS_OK;
        bool is_same = memcmp(point->point.hash, link->hash, sizeof link->hash) == 0;
        bool is_good = is_same && (point->is_signed || !checking->has_key);
        if (point->point.position == link->position && is_good)
            checking->signed_position = link->position;
        else if (point->point.position == link->position && checking->bad_position == 0)
            checking->bad_position = link->position;
        checking->next++;
        if (checking->next == checking->points->checkpoint_count) {
            cpts_status status = fetch_points(checking, point->point.position, err);
            if (status != CPTS_OK)
                return status;
        }
    }
    return CPTS_OK;
}

static cpts_status walk(struct checking *checking, struct cpts_error *err)
{
    bool is_over = false;
    cpts_status status = fetch_points(checking, 0, err);
    while (status == CPTS_OK && !is_over) {
        struct cpts_log_progress *progress = NULL;
        status = cpts_log_verify(checking->session->client, checking->node, &checking->proof, 0,
                                 &progress, err);
        for (size_t i = 0; status == CPTS_OK && i < progress->link_count; i++)
            status = pass(checking, &progress->links[i], err);
        if (status == CPTS_OK) {
            is_over = progress->link_count == 0;
            checking->proof = progress->proof;
            checking->withheld_count += progress->withheld_count;
            checking->begins_after += progress->begins_after;
        }
        cpts_log_progress_free(progress);
    }
    cpts_log_checkpoints_free(checking->points);
    return status;
}

static void print_checked(const struct checking *checking)
{
    char hash[HASH_TEXT_BYTES];
    for (int byte = 0; byte < CPTS_LOG_HASH_BYTES; byte++)
        snprintf(hash + (ptrdiff_t)2 * byte, 3, "%02x", checking->proof.hash[byte]);
    if (checking->session->form == FORM_IS_JSON) {
        printf("{\"node\":\"%s\",\"begins_after\":%lld,\"entries\":%lld,\"withheld\":%lld,"
               "\"signed\":%lld,"
               "\"bad_checkpoint\":%lld,\"hash\":\"%s\"}\n",
               checking->node, (long long)checking->begins_after,
               (long long)(checking->proof.position - checking->begins_after),
               (long long)checking->withheld_count, (long long)checking->signed_position,
               (long long)checking->bad_position, hash);
        return;
    }
    printf("%s: %lld entries hold (%lld of them not for this node), the last hash is %s\n",
           checking->node, (long long)(checking->proof.position - checking->begins_after),
           (long long)checking->withheld_count, hash);
    if (checking->begins_after != 0)
        printf("  this node has them after position %lld only: it began with a snapshot\n",
               (long long)checking->begins_after);
    if (checking->bad_position != 0)
        printf("  the signed point at %lld is not of this chain, or not signed with its key\n",
               (long long)checking->bad_position);
    else if (!checking->has_key)
        printf("  its key is not known: no signature was checked\n");
    else
        printf("  signed up to %lld\n", (long long)checking->signed_position);
}

static int check_chain(struct session *session, const char *node)
{
    struct cpts_error err;
    struct checking checking = {.session = session, .node = node};
    if (walk(&checking, &err) != CPTS_OK)
        return failure_print(&err);
    print_checked(&checking);
    return checking.bad_position == 0 ? EXIT_CODE_OK : EXIT_CODE_CONFLICT;
}

/* This node's own chain, then those of all that it knows. */
static int check_all(struct session *session)
{
    struct cpts_federation_report *report = NULL;
    struct cpts_error err;
    if (cpts_federation_status(session->client, NULL, 0, &report, &err) != CPTS_OK)
        return failure_print(&err);
    int code = check_chain(session, report->node);
    for (size_t i = 0; i < report->peer_count; i++) {
        int other = check_chain(session, report->peers[i].node);
        code = code == EXIT_CODE_OK ? other : code;
    }
    cpts_federation_report_free(report);
    return code;
}

int verb_log_verify(struct session *session, const struct arguments *arguments)
{
    const char *node = arguments_value(arguments, "node");
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    return node == NULL ? check_all(session) : check_chain(session, node);
}
