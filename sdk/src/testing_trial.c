/* SPDX-License-Identifier: Apache-2.0 */
#include "testing_trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "wire/error.h"

#define SESSION_MS 20000
#define KIND_DEFAULT "CPTS"
#define ROW_KIND_DEFAULT "cpts"

bool cpts_testing_trial__say(struct testing_trial *trial, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->detail, sizeof trial->detail, format, arguments);
    va_end(arguments);
    return false;
}

static void format_id(int32_t number, char ret_id[CPTS_UUID_TEXT_BYTES])
{
    snprintf(ret_id, CPTS_UUID_TEXT_BYTES, "0190a000-0000-7000-8000-%012d", (int)number);
}

static void shut(struct testing_trial *trial)
{
    if (trial->is_open)
        trial->subject.close(trial->subject.data);
    trial->is_open = false;
}

bool cpts_testing_trial__reopen(struct testing_trial *trial)
{
    struct cpts_error err = {0};
    struct cpts_sync_store table = {.size = sizeof table};
    shut(trial);
    if (trial->is_failing)
        trial->subject.fail_after(trial->subject.data, -1);
    trial->is_failing = false;
    if (trial->subject.open(trial->subject.data, &table, &err) != CPTS_OK)
        return cpts_testing_trial__say(trial, "open: %.40s: %.80s", err.reason, err.message);
    trial->is_open = true;
    trial->table = table;
    return true;
}

bool cpts_testing_trial__record(struct testing_trial *trial, int32_t number)
{
    char id[CPTS_UUID_TEXT_BYTES], body[128];
    struct cpts_error err = {0};
    const struct cpts_testing_subject *subject = &trial->subject;
    format_id(number, id);
    snprintf(body, sizeof body, "{\"id\": \"%s\", \"change\": %d}", id, ++trial->change_count);
    struct cpts_testing_change change = {.size = sizeof change,
                                         .aggregate_kind = subject->aggregate_kind,
                                         .aggregate_id = id,
                                         .row_kind = subject->row_kind,
                                         .body = body};
    return cpts_testing_hub_record(trial->hub, &change, &err) == CPTS_OK ||
           cpts_testing_trial__say(trial, "%s", err.message);
}

void cpts_testing_trial__suffer(struct testing_trial *trial, enum cpts_testing_fault fault,
                                int64_t amount)
{
    struct cpts_error err = {0};
    cpts_testing_hub_fault(trial->hub, fault, amount);
    if (cpts_testing_hub_session(trial->hub, &trial->table, SESSION_MS, &err) != CPTS_OK)
        cpts_testing_trial__say(trial, "%.40s: %.100s", err.reason, err.message);
}

bool cpts_testing_trial__go(struct testing_trial *trial)
{
    struct cpts_error err = {0};
    if (cpts_testing_hub_session(trial->hub, &trial->table, SESSION_MS, &err) == CPTS_OK)
        return true;
    return cpts_testing_trial__say(trial, "a session without faults: %.40s: %.80s", err.reason,
                                   err.message);
}

bool cpts_testing_trial__is_equal(struct testing_trial *trial)
{
    struct cpts_error err = {0};
    bool is_equal = false;
    if (cpts_testing_hub_compare(trial->hub, &trial->table, &is_equal, &err) != CPTS_OK)
        return cpts_testing_trial__say(trial, "digest: %.40s: %.100s", err.reason, err.message);
    return is_equal || cpts_testing_trial__say(trial, "its digests are not the hub's");
}

bool cpts_testing_trial__cursor(struct testing_trial *trial, struct cpts_sync_cursor *ret_cursor)
{
    struct cpts_error err = {0};
    *ret_cursor = (struct cpts_sync_cursor){0};
    return trial->table.cursor(trial->table.store, trial->hub->store.self.node, ret_cursor, &err) ==
               CPTS_OK ||
           cpts_testing_trial__say(trial, "cursor: %.40s: %.100s", err.reason, err.message);
}

bool cpts_testing_trial__apply(struct testing_trial *trial, int32_t number, int32_t version,
                               const char *body, struct cpts_sync_batch *batch,
                               struct cpts_sync_applied *ret_applied)
{
    char id[CPTS_UUID_TEXT_BYTES];
    struct cpts_sync_row row;
    struct cpts_error err = {0};
    format_id(number, id);
    const struct testing_aggregate *aggregate =
        cpts_testing_store__find(&trial->hub->store, trial->subject.aggregate_kind, id);
    if (aggregate == NULL)
        return cpts_testing_trial__say(trial, "the hub has no such aggregate");
    struct cpts_sync_image image = cpts_testing_store__image(aggregate, &row);
    struct cpts_sync_peer peer = {.node = trial->hub->store.self.node, .epoch = 1, .scope = "*"};
    image.version = version;
    image.refused = batch->images == NULL ? CPTS_SYNC_ALARM_NONE : batch->images->refused;
    row.body = (struct cpts_bytes){.bytes = (const uint8_t *)body, .byte_count = strlen(body)};
    batch->images = &image;
    batch->image_count = 1;
    *ret_applied = (struct cpts_sync_applied){0};
    return trial->table.apply(trial->table.store, &peer, batch, ret_applied, &err) == CPTS_OK ||
           cpts_testing_trial__say(trial, "apply: %.40s: %.100s", err.reason, err.message);
}

static enum cpts_testing_verdict judge(struct testing_trial *trial, const struct testing_rule *rule)
{
    trial->detail[0] = '\0';
    if ((rule->needs_failing && trial->subject.fail_after == NULL) ||
        (rule->needs_own && trial->subject.record == NULL))
        return CPTS_TESTING_NOT_TRIED;
    bool is_kept = (trial->is_open || cpts_testing_trial__reopen(trial)) && rule->is_kept(trial);
    return is_kept ? CPTS_TESTING_KEPT : CPTS_TESTING_BROKEN;
}

static void judge_all(struct testing_trial *trial, struct cpts_testing_report *report)
{
    for (size_t i = 0; cpts_testing_rule__at(i) != NULL; i++) {
        const struct testing_rule *rule = cpts_testing_rule__at(i);
        struct cpts_testing_finding *finding = &report->findings[report->finding_count++];
        *finding = (struct cpts_testing_finding){
            .rule = rule->name, .promise = rule->promise, .advice = rule->advice};
        finding->verdict = judge(trial, rule);
        if (finding->verdict != CPTS_TESTING_BROKEN)
            continue;
        report->broken_count++;
        memcpy(finding->detail, trial->detail, sizeof finding->detail);
    }
}

cpts_status cpts_testing_conformance(const struct cpts_testing_subject *subject,
                                     struct cpts_testing_report *ret_report, struct cpts_error *err)
{
    struct testing_trial trial = {0};
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&trial.subject, sizeof trial.subject, subject, err);
    if (status != CPTS_OK)
        return status;
    if (trial.subject.open == NULL || trial.subject.close == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "open",
                               "a store is opened and closed by its subject");
    if (trial.subject.aggregate_kind == NULL)
        trial.subject.aggregate_kind = KIND_DEFAULT;
    if (trial.subject.row_kind == NULL)
        trial.subject.row_kind = ROW_KIND_DEFAULT;
    trial.subject.options.size = sizeof trial.subject.options;
    trial.subject.options.is_replica = trial.subject.record == NULL;
    status = cpts_testing_hub_open(&trial.subject.options, &trial.hub, err);
    if (status != CPTS_OK)
        return status;
    *ret_report = (struct cpts_testing_report){.size = sizeof *ret_report};
    judge_all(&trial, ret_report);
    shut(&trial);
    cpts_testing_hub_close(trial.hub);
    return CPTS_OK;
}
