/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/behalf.h"
#include "app/certificate_alarm.h"
#include "app/clocks.h"
#include "app/dispatch.h"
#include "app/identities.h"
#include "app/key_load.h"
#include "app/neighbours.h"
#include "app/ownership.h"
#include "app/reference_copy.h"
#include "app/referral_clocks.h"
#include "app/upkeep.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/failure_limit.h"
#include "domain/units.h"
#include "federation/federation_face.h"
#include "feed/feed.h"
#include "handler/cpts_watch.h"
#include "handler/method_table.h"
#include "handler/referral_stream.h"
#include "handler/service.h"
#include "issuing/issuer.h"
#include "rpc/server.h"
#include "store/lane.h"
#include "wire/error.h"

/** How long between two readings of the roles and of the version of the
 * reference data: the longest a withdrawn role still counts. */
#define ROLES_REFRESH_S 2
/** How long between two tries to reach the database at start. */
#define START_RETRY_S 1
/** Of the server's own questions, which are short. */
#define OWN_STATEMENT_TIMEOUT_MS 10000
#define NS_PER_MS 1000000LL
#define US_PER_S 1000000

struct app {
    const struct config *config;
    sigset_t signals;
    struct identities *identities;
    struct behalf *behalf; /* of the national node */
    struct reference_copy *reference;
    struct key_copy keys;
    struct issuer *issuer;
    struct failure_limit *failures;
    struct feed *feed;
    struct feed *referral_feed;
    struct federation *federation;
    struct service service;
    struct dispatcher dispatcher;
    /* For what the server itself must know in time: nobody's calls wait in it. */
    struct lane *own_lane;
    struct rpc_server *server;
    struct referral_clocks *referral_clocks;
    struct upkeep *upkeep;
    struct ownership *ownership;
    int64_t started_at_us;
    struct certificate_alarm certificate_alarm;
};

/* Waits for a signal; 0 when none came within @p seconds. */
static int wait_signal(const struct app *app, int seconds)
{
    struct timespec timeout = {.tv_sec = seconds};
    int signal = sigtimedwait(&app->signals, NULL, &timeout);
    return signal < 0 ? 0 : signal;
}

static bool is_stop(int signal)
{
    return signal == SIGTERM || signal == SIGINT;
}

static void block_signals(struct app *app)
{
    sigemptyset(&app->signals);
    sigaddset(&app->signals, SIGTERM);
    sigaddset(&app->signals, SIGINT);
    sigaddset(&app->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &app->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static cpts_status open_own_lane(struct app *app, struct cpts_error *err)
{
    const struct lane_options options = {
        .kind = LANE_SLOW,
        .conninfo = app->config->conninfo,
        .node = app->config->node,
        .connection_count = 1,
        .statement_timeout_ms = OWN_STATEMENT_TIMEOUT_MS,
        .without_scope = app->config->without_scope,
    };
    return lane_open(&options, &app->own_lane, err);
}

static cpts_status open_lane(struct app *app, enum lane_kind kind, struct lane **ret_lane,
                             struct cpts_error *err)
{
    struct lane_options options = {
        .kind = kind,
        .conninfo = app->config->conninfo,
        .node = app->config->node,
        .queue_length_max = app->config->limits.queue_calls,
        .connection_count = app->config->limits.slow_connections,
        .without_scope = app->config->without_scope,
    };
    return lane_open(&options, ret_lane, err);
}

static cpts_status open_lanes(struct app *app, struct cpts_error *err)
{
    cpts_status status = open_own_lane(app, err);
    if (status == CPTS_OK)
        status = open_lane(app, LANE_SLOW, &app->dispatcher.slow_lane, err);
    if (status == CPTS_OK)
        status = open_lane(app, LANE_READ, &app->dispatcher.read_lane, err);
    if (status == CPTS_OK)
        status = open_lane(app, LANE_WRITE, &app->dispatcher.write_lane, err);
    if (status == CPTS_OK)
        status = open_lane(app, LANE_TRACE, &app->dispatcher.trace_lane, err);
    return status;
}

static cpts_status open_feed(struct app *app, struct cpts_error *err)
{
    struct feed_options options = {
        .conninfo = app->config->conninfo,
        .pack_change = cpts_watch_pack_change,
        .pack_bookmark = cpts_watch_pack_bookmark,
    };
    const struct feed_options referrals = {
        .conninfo = app->config->conninfo,
        .pack_change = referral_watch_pack_change,
        .pack_touched = referral_watch_pack_touched,
        .pack_bookmark = referral_watch_pack_bookmark,
        .by_audience = true,
    };
    cpts_status status = feed_open(&options, &app->feed, err);
    if (status == CPTS_OK)
        status = feed_open(&referrals, &app->referral_feed, err);
    return status;
}

/* Loads what the server keeps a copy of, once the database answers. */
static cpts_status load_copies(struct app *app, struct cpts_error *err)
{
    cpts_status status = reference_copy_refresh(app->reference, app->own_lane, err);
    if (status == CPTS_OK)
        status = identities_refresh(app->identities, app->own_lane, err);
    if (status == CPTS_OK)
        status = key_copy_refresh(&app->keys, app->own_lane, err);
    if (status == CPTS_OK && app->behalf != NULL)
        status = behalf_refresh(app->behalf, app->own_lane, err);
    return status;
}

/* Tries until the copies are there; gives up on what no retry can mend, and
 * on a signal. */
static cpts_status await_copies(struct app *app, struct cpts_error *err)
{
    for (;;) {
        cpts_status status = load_copies(app, err);
        if (status == CPTS_OK || (err != NULL && !err->retryable))
            return status;
        log_write(LOG_WARNING, "app", "waiting for the database: %s",
                  err == NULL ? "" : err->message);
        if (is_stop(wait_signal(app, START_RETRY_S)))
            return error_set(err, REASON_SHUTTING_DOWN, "stopped before the database answered");
    }
}

static void dispatch(struct call *call, void *context)
{
    struct app *app = context;
    dispatch_call(call, &app->dispatcher);
}

static cpts_status identify(void *context, const char *uri, struct principal *ret_principal,
                            struct cpts_error *err)
{
    struct app *app = context;
    return identities_find(app->identities, uri, ret_principal, err);
}

static cpts_status speak_for(void *context, const struct behalf_metadata *metadata,
                             struct principal *principal, struct cpts_error *err)
{
    return behalf_judge(((struct app *)context)->behalf, metadata, principal, err);
}

static bool any_revoked(void *context)
{
    return identities_any_revoked(((struct app *)context)->identities);
}

static bool is_revoked(void *context, const char *serial)
{
    return identities_is_revoked(((struct app *)context)->identities, serial);
}

static void read_state(const struct service *service, struct service_state *ret_state)
{
    const struct app *app =
        (const struct app *)(const void *)((const char *)service - offsetof(struct app, service));
    ret_state->started_at_us = app->started_at_us;
    ret_state->certificate_end_s =
        app->server == NULL ? 0 : rpc_server_certificate_not_after(app->server);
    ret_state->port = app->server == NULL ? 0 : rpc_server_port(app->server);
    referral_clocks_read(app->referral_clocks, &ret_state->referral_clocks);
    lane_statistics_get(app->dispatcher.read_lane, &ret_state->lanes[LANE_READ]);
    lane_statistics_get(app->dispatcher.write_lane, &ret_state->lanes[LANE_WRITE]);
    lane_statistics_get(app->dispatcher.slow_lane, &ret_state->lanes[LANE_SLOW]);
    lane_statistics_get(app->dispatcher.trace_lane, &ret_state->lanes[LANE_TRACE]);
}

/* Without an issuer in the configuration nobody enrols here. */
static cpts_status open_issuer(struct app *app, struct cpts_error *err)
{
    const struct config *config = app->config;
    const struct issuer_paths paths = {.certificate = config->issuer_certificate,
                                       .key = config->issuer_key,
                                       .authorities = config->authorities,
                                       .node_certificate = config->certificate,
                                       .believed = config->ca};
    if (config->issuer_certificate[0] == '\0' || config->insecure)
        return CPTS_OK;
    return issuer_open(&paths, config->lifetime_days, &app->issuer, err);
}

static cpts_status open_server(struct app *app, struct cpts_error *err)
{
    const struct config *config = app->config;
    app->service =
        (struct service){.node = config->node,
                         .version = CPTS_VERSION,
                         .grids = reference_copy_grids(app->reference),
                         .units = reference_copy_units(app->reference),
                         .clock_rules = reference_copy_clock_rules(app->reference),
                         .trust_domain = config->trust_domain,
                         .issuer = app->issuer,
                         .failures = app->failures,
                         .has_enrolment_port = config->enrolment_address[0] != '\0',
                         .federation = app->federation,
                         .feed = app->feed,
                         .referral_feed = app->referral_feed,
                         .key_directory = app->keys.directory,
                         .disclosure_threshold_count = config->disclosure_threshold_count,
                         .state = read_state,
                         .session = app->federation == NULL ? NULL : neighbours_session,
                         .verify = app->federation == NULL ? NULL : neighbours_verify};
    app->dispatcher.service = &app->service;
    struct rpc_options options = {
        .address = config->address,
        .ca_path = config->ca,
        .certificate_path = config->certificate,
        .key_path = config->key,
        .enrolment_address = config->enrolment_address,
        .authorities_path = config->authorities,
        .trust_domain = config->trust_domain,
        .methods = &handler_methods,
        .dispatch = dispatch,
        .identify = identify,
        .speak_for = app->behalf == NULL ? NULL : speak_for,
        .any_revoked = any_revoked,
        .is_revoked = is_revoked,
        .context = app,
        .insecure = config->insecure,
        .insecure_principal = {.uri = "insecure", .roles = ROLE_ANY, .scope = "*"},
        .limits = {.message_bytes = config->limits.message_bytes,
                   .streams_per_connection = config->limits.streams_per_connection},
    };
    return rpc_server_open(&options, &app->server, err);
}

/* Tells whoever started us which port it is; written whole or not at all. */
static cpts_status write_port(const char *path, int port, struct cpts_error *err)
{
    char temporary[CONFIG_TEXT_BYTES + 8];
    if (path[0] == '\0' || port == 0)
        return CPTS_OK;
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *file = fopen(temporary, "w");
    bool written = file != NULL && fprintf(file, "%d\n", port) > 0;
    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written || rename(temporary, path) != 0)
        return error_set(err, REASON_CONFIGURATION_INVALID, "port_file %.200s: %s", path,
                         strerror(errno));
    return CPTS_OK;
}

/* The main port's last: whoever waits for it finds the other, too. */
static cpts_status write_port_files(const struct app *app, struct cpts_error *err)
{
    cpts_status status =
        write_port(app->config->enrolment_port_file, rpc_server_enrolment_port(app->server), err);
    if (status == CPTS_OK)
        status = write_port(app->config->port_file, rpc_server_port(app->server), err);
    return status;
}

static void reload(struct app *app)
{
    struct cpts_error err = {0};
    if (rpc_server_reload(app->server, &err) == CPTS_OK)
        log_write(LOG_NOTICE, "app", "certificates read again");
    else
        log_write(LOG_ERROR, "app", "the old certificates stay in use: %s", err.message);
    if (app->federation != NULL && federation_reload(app->federation, &err) != CPTS_OK)
        log_write(LOG_ERROR, "app", "the node above is dialled as before: %s", err.message);
}

static void check_certificate(struct app *app)
{
    struct certificate_warning warning;
    if (!certificate_alarm_rings(&app->certificate_alarm,
                                 rpc_server_certificate_not_after(app->server),
                                 clock_realtime_us() / US_PER_S, &warning))
        return;
    log_write(warning.is_urgent ? LOG_ERROR : LOG_WARNING, "app",
              "the certificate expires in %lld days: renew it and send SIGHUP",
              (long long)warning.days_left);
}

/* On whose account the server itself commands. */
static struct errand_node errand_node_of(const struct app *app, struct lane *find_lane)
{
    return (struct errand_node){.node = app->config->node,
                                .trust_domain = app->config->trust_domain,
                                .find_lane = find_lane,
                                .write_lane = app->dispatcher.write_lane};
}

/* Raises the clocks that became due, all of them before anything else is waited for. */
static void raise_clocks(const struct app *app)
{
    const struct errand_node node = errand_node_of(app, app->own_lane);
    struct cpts_error err = {0};
    int count = 0;
    do {
        if (clocks_raise(&node, &count, &err) != CPTS_OK)
            log_write(LOG_WARNING, "app", "due clocks wait: %s", err.message);
        if (count > 0)
            log_write(LOG_NOTICE, "app", "%d legal clocks are due", count);
    } while (count == CLOCKS_RAISED_MAX);
}

static cpts_status start_referral_clocks(struct app *app, struct cpts_error *err)
{
    const struct errand_node node = errand_node_of(app, app->dispatcher.read_lane);
    return referral_clocks_start(&node, &app->referral_clocks, err);
}

static cpts_status start_upkeep(struct app *app, struct cpts_error *err)
{
    const struct upkeep_options options = {
        .node = errand_node_of(app, app->dispatcher.slow_lane),
        .trace_lane = app->dispatcher.trace_lane,
        .retention_years = app->config->retention_years,
        .upload_days = app->config->retention_upload_days,
        .releases_figures = app->config->role == NODE_NATIONAL,
        .threshold_count = app->config->disclosure_threshold_count,
    };
    return upkeep_start(&options, &app->upkeep, err);
}

static cpts_status start_ownership(struct app *app, struct cpts_error *err)
{
    const struct errand_node node = errand_node_of(app, app->dispatcher.slow_lane);
    return ownership_start(&node, &app->ownership, err);
}

/* Keeps the copies fresh; says whether the database answers. A reference that
 * cannot be used leaves the one before in place. */
static bool refresh_copies(struct app *app, struct cpts_error *err)
{
    if (identities_refresh(app->identities, app->own_lane, err) != CPTS_OK ||
        key_copy_refresh(&app->keys, app->own_lane, err) != CPTS_OK ||
        (app->behalf != NULL && behalf_refresh(app->behalf, app->own_lane, err) != CPTS_OK))
        return false;
    if (reference_copy_refresh(app->reference, app->own_lane, err) != CPTS_OK) {
        if (err->retryable)
            return false;
        log_write(LOG_ERROR, "app", "the older reference data stays in use: %s", err->message);
    }
    const struct units *units = reference_copy_units(app->reference);
    bool is_new = atomic_exchange(&app->service.units, units) != units;
    atomic_store(&app->service.grids, reference_copy_grids(app->reference));
    atomic_store(&app->service.clock_rules, reference_copy_clock_rules(app->reference));
    if (is_new)
        log_write(LOG_NOTICE, "app", "reference data read again: version %d",
                  (int)units_version(units));
    return true;
}

/* Serves until asked to stop. Healthy means: the database answers. */
static void serve(struct app *app)
{
    bool healthy = true;
    rpc_server_health_set(app->server, true);
    log_write(LOG_NOTICE, "app", "ready: node %s on port %d", app->config->node,
              rpc_server_port(app->server));
    for (;;) {
        check_certificate(app);
        int signal = wait_signal(app, ROLES_REFRESH_S);
        if (is_stop(signal))
            return;
        if (signal == SIGHUP)
            reload(app);
        struct cpts_error err = {0};
        bool answers = refresh_copies(app, &err);
        if (answers != healthy)
            log_write(answers ? LOG_NOTICE : LOG_ERROR, "app", "the database %s %s",
                      answers ? "answers again" : "does not answer:", err.message);
        healthy = answers;
        rpc_server_health_set(app->server, healthy);
        if (healthy)
            raise_clocks(app);
        if (healthy && app->federation != NULL)
            federation_refresh(app->federation);
    }
}

/* Calls inside get their answer, then everything ends: transport first, lanes
 * next, so that no reply is lost. */
static void stop(struct app *app)
{
    int64_t grace_ns = app->config->limits.drain_ms * NS_PER_MS;
    int64_t deadline_ns = clock_monotonic_ns() + grace_ns;
    if (app->server != NULL) {
        log_write(LOG_NOTICE, "app", "draining");
        rpc_server_health_set(app->server, false);
        federation_stop(app->federation);
        rpc_server_drain(app->server, grace_ns);
    }
    ownership_stop(app->ownership);
    upkeep_stop(app->upkeep);
    referral_clocks_stop(app->referral_clocks);
    /* The read lane first: a call in it looks at the others (read_state()). The write lane
     * last: calls go on to it from the others (base/method.h). */
    lane_close(app->dispatcher.read_lane, deadline_ns);
    lane_close(app->own_lane, deadline_ns);
    lane_close(app->dispatcher.slow_lane, deadline_ns);
    lane_close(app->dispatcher.trace_lane, deadline_ns);
    lane_close(app->dispatcher.write_lane, deadline_ns);
    /* What calls in the lanes look at, and are handed on to. */
    referral_clocks_free(app->referral_clocks);
    federation_close(app->federation);
    rpc_server_close(app->server, 0);
    feed_close(app->referral_feed);
    feed_close(app->feed);
    issuer_close(app->issuer);
    failure_limit_free(app->failures);
    reference_copy_free(app->reference);
    behalf_free(app->behalf);
    identities_free(app->identities);
    key_copy_close(&app->keys);
    log_write(LOG_NOTICE, "app", "stopped");
}

static cpts_status open_keys(struct app *app, struct cpts_error *err)
{
    return key_copy_open(app->config->key_root, &app->keys, err);
}

static cpts_status open_neighbours(struct app *app, struct cpts_error *err)
{
    return neighbours_open(app->config, &app->federation, err);
}

static cpts_status tell_ports(struct app *app, struct cpts_error *err)
{
    return write_port_files(app, err);
}

/* In this order; what failed ends the start. */
static cpts_status start(struct app *app, struct cpts_error *err)
{
    static cpts_status (*const STEPS[])(struct app * app, struct cpts_error * err) = {
        open_keys,
        open_lanes,
        await_copies,
        open_feed,
        open_issuer,
        open_neighbours,
        start_referral_clocks,
        open_server,
        start_upkeep,
        start_ownership,
        tell_ports,
    };
    cpts_status status = CPTS_OK;
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0] && status == CPTS_OK; i++)
        status = STEPS[i](app, err);
    return status;
}

cpts_status app_run(const struct config *config, struct cpts_error *err)
{
    struct app app = {.config = config,
                      .identities = identities_new(),
                      .reference = reference_copy_new(),
                      .failures = failure_limit_new(),
                      .started_at_us = clock_realtime_us()};
    bool is_national = config->role == NODE_NATIONAL;
    if (is_national && app.identities != NULL)
        app.behalf = behalf_new(config->trust_domain, app.identities);
    if (app.identities == NULL || app.reference == NULL || app.failures == NULL ||
        (is_national && app.behalf == NULL))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to start");
    log_level_set(config->log_level);
    block_signals(&app);
    cpts_status status = start(&app, err);
    if (status == CPTS_OK)
        serve(&app);
    stop(&app);
    return status;
}
