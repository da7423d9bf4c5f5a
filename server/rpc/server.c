/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/server.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/method.h"
#include "rpc/call_transport.h"
#include "rpc/completion.h"
#include "rpc/core_log.h"
#include "rpc/health.h"
#include "rpc/peer_certificate.h"
#include "rpc/reflection.h"
#include "rpc/server_args.h"
#include "rpc/stream_transport.h"
#include "rpc/tls.h"
#include "wire/error.h"

#define NS_PER_S 1000000000LL
#define OWN_ROUTES 5

struct rpc_server {
    struct rpc_options options;
    char *trust_domain;
    struct transport transport;
    struct health health;
    struct reflection *reflection;
    struct tls_source *tls;
    struct tls_source *enrolment_tls;
    int port;
    int enrolment_port;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t served;
    bool is_served; /* the thread has seen the last call; under the mutex */
    bool is_draining;
    struct completion shut_down;
    bool is_shut_down; /* its thread's own */
};

static void on_shut_down(void *owner, bool success)
{
    struct rpc_server *server = owner;
    (void)success;
    server->is_shut_down = true;
}

/* Runs until the shutdown was announced and the last call has come back. */
static void serve(struct rpc_server *server)
{
    for (;;) {
        grpc_event event = rpc_cq_next(server->transport.queue);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return;
        struct completion *completion = event.tag;
        completion->happened(completion->owner, event.success != 0);
        if (server->is_shut_down && server->transport.outstanding_count == 0)
            grpc_completion_queue_shutdown(server->transport.queue);
    }
}

static void *run(void *context)
{
    struct rpc_server *server = context;
    serve(server);
    pthread_mutex_lock(&server->mutex);
    server->is_served = true;
    pthread_cond_broadcast(&server->served);
    pthread_mutex_unlock(&server->mutex);
    return NULL;
}

/* Waits for the thread's end until then; false when it still serves. */
static bool wait_served(struct rpc_server *server, int64_t until_ns)
{
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    int error = 0;
    pthread_mutex_lock(&server->mutex);
    while (!server->is_served && error == 0)
        error = pthread_cond_timedwait(&server->served, &server->mutex, &until);
    bool is_served = server->is_served;
    pthread_mutex_unlock(&server->mutex);
    return is_served;
}

static void init_waiting(struct rpc_server *server)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->served, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&server->mutex, NULL);
}

static cpts_status check_options(const struct rpc_options *options, struct cpts_error *err)
{
    if (options->address == NULL || options->methods == NULL || options->dispatch == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "a server needs an address, methods and a dispatch");
    if (!options->insecure && (options->identify == NULL || options->trust_domain == NULL))
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "a server with TLS needs a trust domain and identify");
    return CPTS_OK;
}

/* Copies what the caller may release after rpc_server_open(). */
static cpts_status copy_options(struct rpc_server *server, const struct rpc_options *options,
                                struct cpts_error *err)
{
    server->trust_domain = strdup(options->trust_domain == NULL ? "" : options->trust_domain);
    if (server->trust_domain == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the server");
    server->options = *options;
    server->options.trust_domain = server->trust_domain;
    server->options.address = NULL;
    server->options.ca_path = NULL;
    server->options.certificate_path = NULL;
    server->options.key_path = NULL;
    server->options.enrolment_address = NULL;
    server->options.authorities_path = NULL;
    server_args_fill(&server->options.limits);
    return CPTS_OK;
}

static cpts_status register_route(struct transport *transport, struct route route, const char *name,
                                  struct cpts_error *err)
{
    if (name != NULL) {
        route.registered = grpc_server_register_method(
            transport->core, name, NULL,
            route_is_stream(&route) ? GRPC_SRM_PAYLOAD_NONE
                                    : GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER,
            0);
        if (route.registered == NULL)
            return error_set(err, REASON_CONFIGURATION_INVALID, "method %s cannot be registered",
                             name);
    }
    transport->routes[transport->route_count++] = route;
    return CPTS_OK;
}

/* What this folder answers itself, and everything that nobody answers. */
static cpts_status register_own(struct rpc_server *server, struct cpts_error *err)
{
    static const char *const reflections[] = {REFLECTION_METHOD, REFLECTION_ALPHA_METHOD};
    struct transport *transport = &server->transport;
    struct route unknown = {.kind = ROUTE_UNKNOWN};
    struct route check = {.kind = ROUTE_HEALTH};
    struct route watch = {.kind = ROUTE_SERVICE,
                          .handler = &health_watch,
                          .begin = health_watch_begin,
                          .context = &server->health};
    struct route reflection = {.kind = ROUTE_SERVICE,
                               .handler = &reflection_stream,
                               .begin = reflection_begin,
                               .context = server->reflection};
    cpts_status status = register_route(transport, unknown, NULL, err);
    if (status == CPTS_OK)
        status = register_route(transport, check, HEALTH_CHECK_METHOD, err);
    if (status == CPTS_OK)
        status = register_route(transport, watch, HEALTH_WATCH_METHOD, err);
    for (int i = 0; i < 2 && status == CPTS_OK; i++)
        status = register_route(transport, reflection, reflections[i], err);
    return status;
}

static cpts_status register_routes(struct rpc_server *server, struct cpts_error *err)
{
    const struct method_table *table = server->options.methods;
    struct transport *transport = &server->transport;
    transport->routes = calloc((size_t)table->method_count + OWN_ROUTES, sizeof *transport->routes);
    if (transport->routes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the methods");
    cpts_status status = register_own(server, err);
    for (int i = 0; i < table->method_count && status == CPTS_OK; i++) {
        const struct method *method = &table->methods[i];
        struct route route = {.kind = method->stream == NULL ? ROUTE_DISPATCH : ROUTE_STREAM,
                              .method = method,
                              .handler = method->stream};
        status = register_route(transport, route, method->name, err);
    }
    return status;
}

/* Takes calls at an address, with the credentials that @p tls gives. */
static cpts_status listen_at(struct rpc_server *server, const char *address, struct tls_source *tls,
                             int *ret_port, struct cpts_error *err)
{
    grpc_server_credentials *credentials =
        tls == NULL ? grpc_insecure_server_credentials_create() : tls_source_credentials(tls);
    if (credentials != NULL)
        *ret_port = grpc_server_add_http2_port(server->transport.core, address, credentials);
    grpc_server_credentials_release(credentials);
    if (*ret_port > 0)
        return CPTS_OK;
    return error_set(err, REASON_CONFIGURATION_INVALID,
                     "cannot listen on %s: the address cannot be bound, or certificate and key do "
                     "not fit; the line before this one says which",
                     address);
}

static bool has_enrolment(const struct rpc_options *options)
{
    return !options->insecure && options->enrolment_address != NULL &&
           options->enrolment_address[0] != '\0';
}

static cpts_status open_tls(struct rpc_server *server, const struct rpc_options *options,
                            struct cpts_error *err)
{
    struct tls_paths paths = {
        .ca = options->ca_path, .certificate = options->certificate_path, .key = options->key_path};
    cpts_status status = options->insecure ? CPTS_OK : tls_source_open(&paths, &server->tls, err);
    paths.is_anonymous = true;
    paths.authorities = options->authorities_path;
    if (status == CPTS_OK && has_enrolment(options))
        status = tls_source_open(&paths, &server->enrolment_tls, err);
    return status;
}

static cpts_status listen_all(struct rpc_server *server, const struct rpc_options *options,
                              struct cpts_error *err)
{
    cpts_status status = listen_at(server, options->address, server->tls, &server->port, err);
    if (status == CPTS_OK && has_enrolment(options))
        status = listen_at(server, options->enrolment_address, server->enrolment_tls,
                           &server->enrolment_port, err);
    return status;
}

/* Everything up to the socket; what was made is released by server_free(). */
static cpts_status prepare(struct rpc_server *server, const struct rpc_options *options,
                           struct cpts_error *err)
{
    cpts_status status = copy_options(server, options, err);
    if (status == CPTS_OK)
        status = health_init(&server->health, options->methods, err);
    if (status == CPTS_OK)
        status = reflection_new(&server->reflection, err);
    if (status == CPTS_OK)
        status = open_tls(server, options, err);
    if (status != CPTS_OK)
        return status;
    struct transport *transport = &server->transport;
    transport->options = &server->options;
    transport->health = &server->health;
    transport->certificates = peer_certificates_new();
    if (transport->certificates == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the peers' certificates");
    transport->core = server_args_create(&server->options.limits);
    transport->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(transport->core, transport->queue, NULL);
    status = register_routes(server, err);
    return status == CPTS_OK ? listen_all(server, options, err) : status;
}

/* Starts to serve; on failure everything that was started has ended. */
static cpts_status start(struct rpc_server *server, struct cpts_error *err)
{
    struct transport *transport = &server->transport;
    grpc_server_start(transport->core);
    if (transport_post_all(transport) && pthread_create(&server->thread, NULL, run, server) == 0) {
        pthread_setname_np(server->thread, "cpts-rpc");
        return CPTS_OK;
    }
    rpc_shutdown_notify(transport->core, transport->queue, &server->shut_down);
    grpc_server_cancel_all_calls(transport->core);
    serve(server);
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory or no thread for the server");
}

/* Releases a server that serves no more, or never did. */
static void server_free(struct rpc_server *server)
{
    struct transport *transport = &server->transport;
    if (transport->core != NULL) {
        grpc_server_destroy(transport->core);
        grpc_completion_queue_shutdown(transport->queue);
        while (rpc_cq_next(transport->queue).type != GRPC_QUEUE_SHUTDOWN) {
        }
        grpc_completion_queue_destroy(transport->queue);
    }
    transport_done(transport);
    peer_certificates_free(transport->certificates);
    tls_source_close(server->tls);
    tls_source_close(server->enrolment_tls);
    health_done(&server->health);
    reflection_free(server->reflection);
    streams_done(&transport->streams);
    pthread_cond_destroy(&server->served);
    pthread_mutex_destroy(&server->mutex);
    free(server->trust_domain);
    free(server);
    grpc_shutdown();
}

cpts_status rpc_server_open(const struct rpc_options *options, struct rpc_server **ret_server,
                            struct cpts_error *err)
{
    cpts_status status = check_options(options, err);
    if (status != CPTS_OK)
        return status;
    struct rpc_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the server");
    core_log_install();
    grpc_init();
    init_waiting(server);
    streams_init(&server->transport.streams);
    server->shut_down = (struct completion){on_shut_down, server};
    status = prepare(server, options, err);
    if (status == CPTS_OK)
        status = start(server, err);
    if (status == CPTS_OK)
        *ret_server = server;
    else
        server_free(server);
    return status;
}

int rpc_server_port(const struct rpc_server *server)
{
    return server->port;
}

int rpc_server_enrolment_port(const struct rpc_server *server)
{
    return server->enrolment_port;
}

void rpc_server_health_set(struct rpc_server *server, bool serving)
{
    health_serving_set(&server->health, serving);
}

cpts_status rpc_server_reload(struct rpc_server *server, struct cpts_error *err)
{
    cpts_status status = server->tls == NULL ? CPTS_OK : tls_source_reload(server->tls, err);
    if (status == CPTS_OK && server->enrolment_tls != NULL)
        status = tls_source_reload(server->enrolment_tls, err);
    return status;
}

int64_t rpc_server_certificate_not_after(const struct rpc_server *server)
{
    return server->tls == NULL ? 0 : tls_source_not_after(server->tls);
}

void rpc_server_drain(struct rpc_server *server, int64_t grace_ns)
{
    if (server->is_draining)
        return;
    server->is_draining = true;
    rpc_shutdown_notify(server->transport.core, server->transport.queue, &server->shut_down);
    streams_drain(&server->transport.streams);
    if (wait_served(server, clock_monotonic_ns() + grace_ns))
        return;
    log_write(LOG_NOTICE, "rpc", "calls are still being answered after the grace; cancelling them");
    grpc_server_cancel_all_calls(server->transport.core);
}

void rpc_server_close(struct rpc_server *server, int64_t grace_ns)
{
    if (server == NULL)
        return;
    rpc_server_drain(server, grace_ns);
    pthread_join(server->thread, NULL);
    server_free(server);
}
