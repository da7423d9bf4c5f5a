/* SPDX-License-Identifier: Apache-2.0 */
/* What the node says: of itself, of its database, of us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "doctor.h"
#include "failure.h"

#define US_PER_S INT64_C(1000000)
/* Clocks that differ by more mislead whoever compares instants; certificates and
 * tokens suffer from a minute on. */
#define SKEW_WARN_US (5 * US_PER_S)
#define SKEW_FAIL_US (60 * US_PER_S)
#define PROTOCOL "cpts.v1"

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

/* A call that failed, with the exit code it would have alone. */
static void find_failure(struct doctor_check *check, const struct cpts_error *err)
{
    doctor_find(check, DOCTOR_FAIL, failure_advice(err->reason), "%s: %s", err->reason,
                err->message);
    check->exit_code = failure_exit_code(err);
}

void doctor_health(struct doctor *doctor, struct doctor_check *check)
{
    struct cpts_error err;
    bool is_serving = false;
    struct session *session = doctor->session;
    cpts_status status = session_open(session, -1, &err);
    if (status == CPTS_OK)
        status = cpts_client_health(session->client, NULL, 0, &is_serving, &err);
    if (status != CPTS_OK) {
        find_failure(check, &err);
        return;
    }
    if (is_serving)
        doctor_find(check, DOCTOR_OK, NULL, "the node serves");
    else
        doctor_find(check, DOCTOR_FAIL,
                    "Its log says why: most likely its database does not answer.",
                    "the node is up and does not serve");
}

void doctor_node(struct doctor *doctor, struct doctor_check *check)
{
    struct cpts_error err;
    char started[CPTS_INSTANT_TEXT_BYTES];
    if (doctor->session->client == NULL) {
        doctor_find(check, DOCTOR_SKIP, NULL, "there is no client");
        return;
    }
    doctor->asked_us = now_us();
    if (cpts_node_status(doctor->session->client, 0, &doctor->status, &err) != CPTS_OK) {
        find_failure(check, &err);
        return;
    }
    const struct cpts_node_status *status = doctor->status;
    doctor->answered_us = now_us();
    doctor->facts |= FACT_STATUS;
    cpts_instant_format(status->started_at_us, started);
    const char *version = cpts_version();
    size_t minor_length = strcspn(version, ".");
    minor_length += 1 + strcspn(version + minor_length + (version[minor_length] != '\0'), ".");
    bool is_same = strncmp(version, status->version, minor_length) == 0;
    doctor_find(check, is_same ? DOCTOR_OK : DOCTOR_WARN,
                is_same ? NULL : "Update the older of the two: some calls may be unknown to it.",
                "%s, server %s since %s, client %s, protocol %s", status->node, status->version,
                started, version, PROTOCOL);
}

void doctor_identity(struct doctor *doctor, struct doctor_check *check)
{
    const struct cpts_node_status *status = doctor->status;
    char roles[DOCTOR_FINDING_BYTES / 2] = "";
    for (size_t i = 0; i < status->role_count; i++) {
        size_t used = strlen(roles);
        snprintf(roles + used, sizeof roles - used, "%s%s", i > 0 ? ", " : "", status->roles[i]);
    }
    if (status->role_count == 0)
        doctor_find(check, DOCTOR_FAIL, failure_advice("UNKNOWN_IDENTITY"), "%s has no role",
                    status->identity);
    else
        doctor_find(check, DOCTOR_OK, NULL, "%s is %s, scope %s", status->identity, roles,
                    status->scope);
}

/* The node looked at its clock between our two looks at ours. */
static int64_t skew_us(const struct doctor *doctor, int64_t instant_us)
{
    if (instant_us < doctor->asked_us)
        return instant_us - doctor->asked_us;
    return instant_us > doctor->answered_us ? instant_us - doctor->answered_us : 0;
}

static enum doctor_grade grade_of_skew(int64_t skew)
{
    int64_t size = skew < 0 ? -skew : skew;
    return size > SKEW_FAIL_US ? DOCTOR_FAIL : size > SKEW_WARN_US ? DOCTOR_WARN : DOCTOR_OK;
}

void doctor_clock(struct doctor *doctor, struct doctor_check *check)
{
    static const char ADVICE[] = "Set the wrong one by NTP (timedatectl set-ntp true).";
    int64_t server = skew_us(doctor, doctor->status->time_us);
    int64_t database = skew_us(doctor, doctor->status->database_time_us);
    enum doctor_grade grade = grade_of_skew(server), other = grade_of_skew(database);
    if (other > grade)
        grade = other;
    doctor_find(check, grade, grade == DOCTOR_OK ? NULL : ADVICE,
                "the server's is %+.3f s, the database's %+.3f s from ours",
                (double)server / US_PER_S, (double)database / US_PER_S);
}

void doctor_server_certificate(struct doctor *doctor, struct doctor_check *check)
{
    int64_t days = 0;
    int64_t end_us = doctor->status->certificate_not_after_us;
    char end[CPTS_INSTANT_TEXT_BYTES];
    if (end_us == 0) {
        doctor_find(check, DOCTOR_WARN, "Only for trials: start the node with certificates.",
                    "the node has none");
        return;
    }
    enum doctor_grade grade = doctor_days_left(end_us / US_PER_S, &days);
    cpts_instant_format(end_us, end);
    doctor_find(
        check, grade,
        grade == DOCTOR_OK ? NULL : "Have the node's operator renew it, then send SIGHUP to cptsd.",
        "the node's ends in %lld days, %s", (long long)days, end);
}

void doctor_database(struct doctor *doctor, struct doctor_check *check)
{
    const struct cpts_node_status *status = doctor->status;
    for (size_t i = 0; i < status->lane_count; i++) {
        const struct cpts_lane *lane = &status->lanes[i];
        if (!lane->connected)
            doctor_find(check, DOCTOR_WARN, "See the node's log, and PostgreSQL's.",
                        "the %s lane is not connected", lane->name);
        else if (lane->outcomes_unknown > 0)
            doctor_find(check, DOCTOR_WARN,
                        "Whoever sent them repeats them with the same command_id.",
                        "%lld commands of the %s lane have an unknown outcome",
                        (long long)lane->outcomes_unknown, lane->name);
    }
    doctor_find(check, DOCTOR_OK, NULL, "PostgreSQL %s, every lane connected",
                status->database_version);
}

void doctor_reference(struct doctor *doctor, struct doctor_check *check)
{
    const struct cpts_node_status *status = doctor->status;
    if (status->reference_version == 0)
        doctor_find(check, DOCTOR_FAIL, "Load it: deploy/quickstart, or sql/reference/README.md.",
                    "no reference data is loaded");
    else
        doctor_find(check, DOCTOR_OK, NULL, "version %d, communes of %d", status->reference_version,
                    status->population_vintage);
}

void doctor_log(struct doctor *doctor, struct doctor_check *check)
{
    if (doctor->status->log_position == 0)
        doctor_find(check, DOCTOR_OK, NULL, "empty: nothing was recorded yet");
    else
        doctor_find(check, DOCTOR_OK, NULL, "ends at position %lld",
                    (long long)doctor->status->log_position);
}
