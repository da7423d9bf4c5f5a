/* SPDX-License-Identifier: Apache-2.0 */
/* bench_echo: grpc.health.v1.Health/Check, and a stream (echo_stream.h), on the
 * bare gRPC core, with none of our code: what a server could do at most. One completion queue, one
 * thread, unpack, answer SERVING, pack. Ends with SIGTERM, like any program. */
#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/health/v1/health.pb-c.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/echo_stream.h"

#define POSTED 64
#define PEM_BYTES 16384
#define OPS 4

struct echo_call {
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request;
    grpc_byte_buffer *response;
    int was_cancelled;
    bool is_answered;
};

struct echo {
    grpc_server *server;
    grpc_completion_queue *queue;
    void *method;
};

static void post(struct echo *echo, struct echo_call *call)
{
    call->is_answered = false;
    call->metadata.count = 0;
    if (grpc_server_request_registered_call(echo->server, echo->method, &call->call,
                                            &call->deadline, &call->metadata, &call->request,
                                            echo->queue, echo->queue, call) != GRPC_CALL_OK)
        abort();
}

static grpc_byte_buffer *make_response(grpc_byte_buffer *request)
{
    grpc_slice bytes = request->data.raw.slice_buffer.slices[0];
    Grpc__Health__V1__HealthCheckRequest *question = grpc__health__v1__health_check_request__unpack(
        NULL, GRPC_SLICE_LENGTH(bytes), GRPC_SLICE_START_PTR(bytes));
    Grpc__Health__V1__HealthCheckResponse answer = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    if (question != NULL)
        answer.status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    grpc__health__v1__health_check_request__free_unpacked(question, NULL);
    grpc_slice packed =
        grpc_slice_malloc(grpc__health__v1__health_check_response__get_packed_size(&answer));
    grpc__health__v1__health_check_response__pack(&answer, GRPC_SLICE_START_PTR(packed));
    grpc_byte_buffer *response = grpc_raw_byte_buffer_create(&packed, 1);
    grpc_slice_unref(packed);
    return response;
}

static void answer(struct echo_call *call)
{
    grpc_op ops[OPS];
    memset(ops, 0, sizeof ops);
    call->response = make_response(call->request);
    call->is_answered = true;
    ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    ops[1].op = GRPC_OP_SEND_MESSAGE;
    ops[1].data.send_message.send_message = call->response;
    ops[2].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
    ops[3].op = GRPC_OP_RECV_CLOSE_ON_SERVER;
    ops[3].data.recv_close_on_server.cancelled = &call->was_cancelled;
    if (grpc_call_start_batch(call->call, ops, OPS, call, NULL) != GRPC_CALL_OK)
        abort();
}

static void serve(struct echo *echo)
{
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(echo->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        struct echo_call *call = event.tag;
        if (echo_stream_take(event.tag, event.success != 0))
            continue;
        if (!call->is_answered) {
            answer(call);
            continue;
        }
        grpc_byte_buffer_destroy(call->request);
        grpc_byte_buffer_destroy(call->response);
        grpc_call_unref(call->call);
        post(echo, call);
    }
}

static void read_pem(const char *path, char buffer[PEM_BYTES])
{
    FILE *file = fopen(path, "r");
    size_t byte_count = file == NULL ? 0 : fread(buffer, 1, PEM_BYTES - 1, file);
    if (file != NULL)
        fclose(file);
    buffer[byte_count] = '\0';
}

static grpc_server_credentials *credentials_new(char **paths)
{
    static char ca[PEM_BYTES];
    static char certificate[PEM_BYTES];
    static char key[PEM_BYTES];
    if (paths == NULL)
        return grpc_insecure_server_credentials_create();
    read_pem(paths[0], ca);
    read_pem(paths[1], certificate);
    read_pem(paths[2], key);
    grpc_ssl_pem_key_cert_pair pair = {key, certificate};
    grpc_ssl_server_certificate_config *config =
        grpc_ssl_server_certificate_config_create(ca, &pair, 1);
    return grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, config));
}

int main(int argc, char **argv)
{
    struct echo echo = {0};
    if (argc != 1 && argc != 4) {
        fputs("bench_echo [CA CERTIFICATE KEY] - prints its port, then serves\n", stderr);
        return 2;
    }
    grpc_init();
    echo.server = grpc_server_create(NULL, NULL);
    echo.queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(echo.server, echo.queue, NULL);
    echo.method = grpc_server_register_method(echo.server, "/grpc.health.v1.Health/Check", NULL,
                                              GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER, 0);
    echo_stream_register(echo.server);
    grpc_server_credentials *credentials = credentials_new(argc == 4 ? argv + 1 : NULL);
    int port = grpc_server_add_http2_port(echo.server, "127.0.0.1:0", credentials);
    grpc_server_credentials_release(credentials);
    if (port == 0)
        return 1;
    grpc_server_start(echo.server);
    static struct echo_call calls[POSTED];
    for (int i = 0; i < POSTED; i++) {
        grpc_metadata_array_init(&calls[i].metadata);
        post(&echo, &calls[i]);
    }
    echo_stream_post(echo.server, echo.queue);
    printf("%d\n", port);
    fflush(stdout);
    serve(&echo);
}
