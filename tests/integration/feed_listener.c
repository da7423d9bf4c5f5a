/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/feed_listener.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/packet.h"
#include "store/log_reader.h"
#include "store/rows.h"

/* A packet is a position; a bookmark's is negative. */
static struct packet *pack_number(int64_t number)
{
    struct packet *packet = packet_new(sizeof number);
    if (packet != NULL)
        memcpy(packet->bytes, &number, sizeof number);
    return packet;
}

static bool pack_change(const struct rows *rows, int row, struct arena *arena,
                        struct packet **ret_packet)
{
    (void)arena;
    *ret_packet = pack_number(rows_int(rows, row, LOG_POSITION));
    return *ret_packet != NULL;
}

static struct packet *pack_bookmark(int64_t position, int64_t observed_us)
{
    (void)observed_us;
    return pack_number(-1 - position);
}

struct feed_options listener_feed_options(const char *conninfo)
{
    return (struct feed_options){
        .conninfo = conninfo, .pack_change = pack_change, .pack_bookmark = pack_bookmark};
}

/* Writes a message down. @return false when it is held: nothing else is asked
 * for until listener_go_on(). */
static bool take(struct listener *listener, struct packet *packet)
{
    int64_t number = 0;
    memcpy(&number, packet->bytes, sizeof number);
    packet_unref(packet);
    pthread_mutex_lock(&listener->mutex);
    if (number >= 0 && listener->count < LISTENER_POSITIONS_MAX) {
        listener->positions[listener->count++] = number;
    } else {
        listener->bookmark = -1 - number;
        listener->bookmark_count++;
    }
    listener->is_holding = listener->is_paused;
    bool may_go_on = !listener->is_paused;
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->mutex);
    return may_go_on;
}

static void drive(struct stream *stream)
{
    struct listener *listener = (struct listener *)stream;
    struct cpts_error error = {0};
    for (;;) {
        struct stream_message message = {0};
        enum stream_step step = feed_stream.next(stream, &message, &error);
        if (step == STREAM_SEND && take(listener, message.packet))
            continue;
        if (step != STREAM_END)
            return;
        pthread_mutex_lock(&listener->mutex);
        listener->has_ended = true;
        listener->error = error;
        pthread_cond_broadcast(&listener->changed);
        pthread_mutex_unlock(&listener->mutex);
        return;
    }
}

static void cut(struct stream *stream, const struct cpts_error *error)
{
    struct listener *listener = (struct listener *)stream;
    pthread_mutex_lock(&listener->mutex);
    listener->was_cut = true;
    if (!listener->has_ended) /* else it has its reason */
        listener->error = *error;
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->mutex);
}

void listener_begin(struct listener *listener, struct feed *feed,
                    const struct feed_subscription *subscription)
{
    memset(listener, 0, sizeof *listener);
    pthread_mutex_init(&listener->mutex, NULL);
    pthread_cond_init(&listener->changed, NULL);
    listener->stream.resume = drive;
    listener->stream.cut = cut;
    listener->stream.state = feed_subscribe(feed, subscription);
    CU_ASSERT_PTR_NOT_NULL_FATAL(listener->stream.state);
    drive(&listener->stream);
}

void listener_pause(struct listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    listener->is_paused = true;
    pthread_mutex_unlock(&listener->mutex);
}

void listener_go_on(struct listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    listener->is_paused = false;
    bool was_holding = listener->is_holding;
    listener->is_holding = false;
    pthread_mutex_unlock(&listener->mutex);
    if (was_holding)
        drive(&listener->stream);
}

/* Waits until *@p value is at least @p wanted. */
static bool await(struct listener *listener, const int *value, const bool *flag, int wanted)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LISTENER_PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&listener->mutex);
    while (error == 0 && (value != NULL ? *value < wanted : !*flag))
        error = pthread_cond_timedwait(&listener->changed, &listener->mutex, &until);
    pthread_mutex_unlock(&listener->mutex);
    return error == 0;
}

bool listener_await(struct listener *listener, int count)
{
    return await(listener, &listener->count, NULL, count);
}

bool listener_await_bookmark(struct listener *listener, int bookmark_count)
{
    return await(listener, &listener->bookmark_count, NULL, bookmark_count);
}

bool listener_await_holding(struct listener *listener)
{
    return await(listener, NULL, &listener->is_holding, 0);
}

bool listener_await_end(struct listener *listener)
{
    return await(listener, NULL, &listener->has_ended, 0);
}

bool listener_await_cut(struct listener *listener)
{
    return await(listener, NULL, &listener->was_cut, 0);
}

bool listener_is_gapless(struct listener *listener, int64_t after)
{
    int matching = 0;
    pthread_mutex_lock(&listener->mutex);
    while (matching < listener->count && listener->positions[matching] == after + 1 + matching)
        matching++;
    bool is_gapless = matching == listener->count;
    pthread_mutex_unlock(&listener->mutex);
    return is_gapless;
}

int listener_count(struct listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    int count = listener->count;
    pthread_mutex_unlock(&listener->mutex);
    return count;
}

void listener_end(struct listener *listener)
{
    if (feed_stream.withdraw(&listener->stream, STREAM_IS_GONE))
        drive(&listener->stream);
    listener_go_on(listener);
    CU_ASSERT_TRUE(listener_await_end(listener));
    feed_stream.end(&listener->stream);
    pthread_cond_destroy(&listener->changed);
    pthread_mutex_destroy(&listener->mutex);
}

bool log_append(PGconn *pg, int count, const char *region)
{
    char sql[1024];
    snprintf(
        sql, sizeof sql,
        "BEGIN; SELECT pg_advisory_xact_lock(cpts.log_lock_key());"
        "INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch,"
        " aggregate_kind, aggregate_id, version, kind, recorded_at, actor, command_id,"
        " schema_version, lead_region, bytes, prev_hash, hash)"
        " SELECT h + i, 'national', h + i, 1, 'CPTS', gen_random_uuid(), 1, 'CPTS_UPDATED',"
        " now(), 'a', gen_random_uuid(), 1, '%s', repeat('x', 100)::bytea, sha256(''),"
        " sha256('') FROM (SELECT coalesce(max(local_position), 0) AS h FROM cpts.change_log) l,"
        " generate_series(1, %d) i;"
        "NOTIFY cpts_log; COMMIT",
        region, count);
    PGresult *result = PQexec(pg, sql);
    bool is_done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return is_done;
}
