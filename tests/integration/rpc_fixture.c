/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/rpc_fixture.h"

#include <grpc/health/v1/health.pb-c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/method.h"
#include "integration/rpc_counter.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define PATIENCE_S 30
#define CLOSE_GRACE_NS (10LL * 1000 * 1000 * 1000)
#define TRUST_DOMAIN "cpts.test"

static char directory[] = "/tmp/cpts-rpc-XXXXXX";
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct call *held;
static int held_count;
static struct fixture_seen seen;

static void die(const char *what)
{
    fprintf(stderr, "fixture: %s\n", what);
    abort();
}

/* The methods' work. */

static cpts_status echo(struct call *call, const void *request, struct cpts_error *err)
{
    (void)err;
    call->response = (ProtobufCMessage *)(uintptr_t)request;
    return CPTS_OK;
}

static cpts_status fail(struct call *call, const void *request, struct cpts_error *err)
{
    (void)call;
    (void)request;
    cpts_status status = error_set_field(err, REASON_FIELD_INVALID, "service",
                                         "The text is not \"right\"; caf\u00e9");
    snprintf(err->detail, sizeof err->detail, "%s", "one fact");
    err->retry_after_ms = 1500;
    return status;
}

static cpts_status silent(struct call *call, const void *request, struct cpts_error *err)
{
    (void)call;
    (void)request;
    (void)err;
    return CPTS_OK;
}

static cpts_status huge(struct call *call, const void *request, struct cpts_error *err)
{
    (void)request;
    (void)err;
    Grpc__Health__V1__HealthCheckRequest *response = arena_alloc(call->arena, sizeof *response);
    grpc__health__v1__health_check_request__init(response);
    response->service = arena_alloc(call->arena, RPC_RESPONSE_BYTES_MAX + 1);
    memset(response->service, 'x', RPC_RESPONSE_BYTES_MAX);
    call->response = &response->base;
    return CPTS_OK;
}

#define ROW(name_of, begin_of)                                                                     \
    {                                                                                              \
        .name = (name_of), .request = &grpc__health__v1__health_check_request__descriptor,         \
        .response = &grpc__health__v1__health_check_request__descriptor, .lane = LANE_NONE,        \
        .roles = ROLE_ANY, .begin = (begin_of)                                                     \
    }
#define STREAM_ROW(name_of)                                                                        \
    {                                                                                              \
        .name = (name_of), .request = &grpc__health__v1__health_check_request__descriptor,         \
        .response = &grpc__health__v1__health_check_request__descriptor, .roles = ROLE_ANY,        \
        .begin = counter_begin, .stream = &counter_stream                                          \
    }
static const struct method METHODS[] = {
    ROW(METHOD_ECHO, echo),   ROW(METHOD_LATER, echo),        ROW(METHOD_HOLD, echo),
    ROW(METHOD_FAIL, fail),   ROW(METHOD_SILENT, silent),     ROW(METHOD_HUGE, huge),
    STREAM_ROW(METHOD_COUNT), STREAM_ROW(METHOD_COUNT_LATER),
};
static const struct method_table TABLE = {METHODS, sizeof METHODS / sizeof METHODS[0]};

static cpts_status work(struct call *call)
{
    ProtobufCMessage *request;
    cpts_status status = wire_unpack(call->method->request, call->request_bytes,
                                     call->request_byte_count, call->arena, &request, &call->error);
    return status == CPTS_OK ? call->method->begin(call, request, &call->error) : status;
}

/* Answers a list of calls, as a lane does. */
static void *answer_all(void *list)
{
    struct call *call = list;
    while (call != NULL) {
        struct call *next = call->next;
        call->reply(call, work(call));
        call = next;
    }
    return NULL;
}

static void on_other_thread(struct call *list, bool wait)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, answer_all, list) != 0)
        die("no thread");
    if (wait)
        pthread_join(thread, NULL);
    else
        pthread_detach(thread);
}

static void hold(struct call *call)
{
    pthread_mutex_lock(&mutex);
    call->next = held;
    held = call;
    held_count++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void remember(const struct call *call)
{
    pthread_mutex_lock(&mutex);
    seen.principal = call->principal;
    seen.time_left_ns = call->deadline_ns - clock_monotonic_ns();
    seen.request_byte_count = call->request_byte_count;
    pthread_mutex_unlock(&mutex);
}

static void dispatch(struct call *call, void *context)
{
    (void)context;
    remember(call);
    if (strcmp(call->method->name, METHOD_HOLD) == 0)
        hold(call);
    else if (strcmp(call->method->name, METHOD_LATER) == 0 ||
             strcmp(call->method->name, METHOD_COUNT_LATER) == 0)
        on_other_thread(call, false);
    else
        call->reply(call, work(call));
}

/* Knows the nodes, and no user. */
static cpts_status identify(void *context, const char *uri, struct principal *ret_principal,
                            struct cpts_error *err)
{
    (void)context;
    if (strstr(uri, "/node/") == NULL)
        return error_set(err, REASON_UNKNOWN_IDENTITY, "%s has no role today", uri);
    snprintf(ret_principal->uri, sizeof ret_principal->uri, "%s", uri);
    snprintf(ret_principal->scope, sizeof ret_principal->scope, "*");
    ret_principal->roles = ROLE_NATIONAL_NODE;
    return CPTS_OK;
}

/* The directory, made once and removed at exit. */

static void run_script(const char *format, const char *directory_path)
{
    char command[FIXTURE_PATH_BYTES * 2];
    snprintf(command, sizeof command, format, directory_path);
    if (system(command) != 0)
        die(command);
}

static void remove_directory(void)
{
    run_script("rm -rf -- '%s'", directory);
}

static void make_certificates(void)
{
    static bool is_made;
    if (is_made)
        return;
    is_made = true;
    if (mkdtemp(directory) == NULL)
        die("no temporary directory");
    atexit(remove_directory);
    run_script(TESTS_CERTIFICATES " set '%s' " TRUST_DOMAIN, directory);
}

void fixture_path(const char *name, char ret_path[FIXTURE_PATH_BYTES])
{
    make_certificates();
    snprintf(ret_path, FIXTURE_PATH_BYTES, "%s/%s", directory, name);
}

void fixture_options(struct fixture *fixture)
{
    fixture_path("ca.pem", fixture->ca);
    fixture_path("server.pem", fixture->certificate);
    fixture_path("server.key", fixture->key);
    fixture->server = NULL;
    fixture->options = (struct rpc_options){
        .address = "127.0.0.1:0",
        .ca_path = fixture->ca,
        .certificate_path = fixture->certificate,
        .key_path = fixture->key,
        .trust_domain = TRUST_DOMAIN,
        .methods = &TABLE,
        .dispatch = dispatch,
        .identify = identify,
    };
}

static void open_server(struct fixture *fixture)
{
    struct cpts_error error;
    if (rpc_server_open(&fixture->options, &fixture->server, &error) != CPTS_OK)
        die(error.message);
}

void fixture_open(struct fixture *fixture)
{
    fixture_options(fixture);
    open_server(fixture);
}

void fixture_open_insecure(struct fixture *fixture)
{
    struct cpts_error error;
    fixture_options(fixture);
    fixture->options.insecure = true;
    if (identify(NULL, "spiffe://" TRUST_DOMAIN "/node/national",
                 &fixture->options.insecure_principal, &error) != CPTS_OK)
        die(error.message);
    open_server(fixture);
}

void fixture_close(struct fixture *fixture)
{
    rpc_server_close(fixture->server, CLOSE_GRACE_NS);
    fixture->server = NULL;
}

struct rpc_client *fixture_client(const struct fixture *fixture, const char *name)
{
    return fixture_client_resuming(fixture, name, NULL);
}

struct rpc_client *fixture_client_resuming(const struct fixture *fixture, const char *name,
                                           grpc_ssl_session_cache *sessions)
{
    char file[64], certificate[FIXTURE_PATH_BYTES], key[FIXTURE_PATH_BYTES];
    struct rpc_client_options options = {.port = rpc_server_port(fixture->server),
                                         .sessions = sessions};
    if (!fixture->options.insecure)
        options.ca = fixture->ca;
    if (name != NULL) {
        snprintf(file, sizeof file, "%s.pem", name);
        fixture_path(file, certificate);
        snprintf(file, sizeof file, "%s.key", name);
        fixture_path(file, key);
        options.certificate = certificate;
        options.key = key;
    }
    return rpc_client_open(&options);
}

struct rpc_client_call *fixture_start(struct rpc_client *client, const char *method,
                                      const char *text, int timeout_ms)
{
    uint8_t bytes[512];
    Grpc__Health__V1__HealthCheckRequest message = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    message.service = (char *)(uintptr_t)text;
    if (grpc__health__v1__health_check_request__get_packed_size(&message) > sizeof bytes)
        die("text too long");
    struct rpc_request request = {method, bytes,
                                  grpc__health__v1__health_check_request__pack(&message, bytes),
                                  timeout_ms, false};
    return rpc_client_start(client, &request);
}

void fixture_call(struct rpc_client *client, const char *method, const char *text,
                  struct rpc_reply *ret_reply)
{
    rpc_client_finish(fixture_start(client, method, text, RPC_CLIENT_PATIENCE_MS), ret_reply);
}

bool fixture_is_echo(const struct rpc_reply *reply, const char *text)
{
    if (reply->status != CPTS_OK)
        return false;
    Grpc__Health__V1__HealthCheckRequest *message =
        grpc__health__v1__health_check_request__unpack(NULL, reply->byte_count, reply->bytes);
    bool is_echo = message != NULL && strcmp(message->service, text) == 0;
    if (message != NULL)
        grpc__health__v1__health_check_request__free_unpacked(message, NULL);
    return is_echo;
}

void fixture_wait_held(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (held_count < count && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    if (error != 0)
        die("the calls to be held did not come");
}

void fixture_release(void)
{
    pthread_mutex_lock(&mutex);
    struct call *list = held;
    held = NULL;
    held_count = 0;
    pthread_mutex_unlock(&mutex);
    on_other_thread(list, true);
}

void fixture_seen(struct fixture_seen *ret_seen)
{
    pthread_mutex_lock(&mutex);
    *ret_seen = seen;
    pthread_mutex_unlock(&mutex);
}
