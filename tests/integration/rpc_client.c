/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/rpc_client.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

#define PEM_BYTES 16384
#define CLIENT_OPS_MAX 6

struct rpc_client {
    grpc_channel *channel;
    grpc_completion_queue *queue;
};

struct rpc_client_call {
    struct rpc_client *client;
    grpc_call *call;
    grpc_metadata_array initial_metadata;
    grpc_metadata_array trailing_metadata;
    grpc_byte_buffer *request;
    grpc_byte_buffer *response;
    grpc_status_code status;
    grpc_slice message;
};

/* The text of a PEM file, NULL for NULL. */
static const char *read_pem(const char *path, char buffer[PEM_BYTES])
{
    if (path == NULL)
        return NULL;
    FILE *file = fopen(path, "r");
    size_t byte_count = file == NULL ? 0 : fread(buffer, 1, PEM_BYTES - 1, file);
    if (file != NULL)
        fclose(file);
    buffer[byte_count] = '\0';
    return buffer;
}

static grpc_channel_credentials *credentials_new(const struct rpc_client_options *options)
{
    if (options->ca == NULL)
        return grpc_insecure_credentials_create();
    static char ca[PEM_BYTES], certificate[PEM_BYTES], key[PEM_BYTES];
    grpc_ssl_pem_key_cert_pair pair = {read_pem(options->key, key),
                                       read_pem(options->certificate, certificate)};
    return grpc_ssl_credentials_create_ex(read_pem(options->ca, ca),
                                          options->certificate == NULL ? NULL : &pair, NULL, NULL);
}

static grpc_arg integer(const char *key, int value)
{
    return (grpc_arg){.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value};
}

struct rpc_client *rpc_client_open(const struct rpc_client_options *options)
{
    grpc_init();
    struct rpc_client *client = calloc(1, sizeof *client);
    char target[64];
    snprintf(target, sizeof target, "127.0.0.1:%d", options->port);
    grpc_arg args[] = {
        integer(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        integer(GRPC_ARG_ENABLE_RETRIES, 0),
        integer(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, -1),
        integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1),
        integer(GRPC_COMPRESSION_CHANNEL_DEFAULT_ALGORITHM, (int)options->compression),
        {.key = NULL},
    };
    grpc_channel_args list = {sizeof args / sizeof args[0] - 1, args};
    if (options->sessions != NULL)
        args[list.num_args++] = grpc_ssl_session_cache_create_channel_arg(options->sessions);
    grpc_channel_credentials *credentials = credentials_new(options);
    client->channel = grpc_channel_create(target, credentials, &list);
    grpc_channel_credentials_release(credentials);
    client->queue = grpc_completion_queue_create_for_pluck(NULL);
    return client;
}

void rpc_client_close(struct rpc_client *client)
{
    grpc_channel_destroy(client->channel);
    grpc_completion_queue_shutdown(client->queue);
    grpc_completion_queue_destroy(client->queue);
    free(client);
    grpc_shutdown();
}

static size_t fill_ops(struct rpc_client_call *call, grpc_op ops[CLIENT_OPS_MAX])
{
    size_t count = 0;
    memset(ops, 0, CLIENT_OPS_MAX * sizeof ops[0]);
    ops[count++].op = GRPC_OP_SEND_INITIAL_METADATA;
    if (call->request != NULL) {
        ops[count].data.send_message.send_message = call->request;
        ops[count++].op = GRPC_OP_SEND_MESSAGE;
    }
    ops[count++].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
    ops[count].data.recv_initial_metadata.recv_initial_metadata = &call->initial_metadata;
    ops[count++].op = GRPC_OP_RECV_INITIAL_METADATA;
    ops[count].data.recv_message.recv_message = &call->response;
    ops[count++].op = GRPC_OP_RECV_MESSAGE;
    ops[count].data.recv_status_on_client.trailing_metadata = &call->trailing_metadata;
    ops[count].data.recv_status_on_client.status = &call->status;
    ops[count].data.recv_status_on_client.status_details = &call->message;
    ops[count++].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
    return count;
}

/* A call with its request, not started. */
static struct rpc_client_call *call_new(struct rpc_client *client,
                                        const struct rpc_request *request)
{
    struct rpc_client_call *call = calloc(1, sizeof *call);
    gpr_timespec deadline = gpr_inf_future(GPR_CLOCK_MONOTONIC);
    if (request->timeout_ms != RPC_CLIENT_NO_DEADLINE)
        deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                gpr_time_from_millis(request->timeout_ms, GPR_TIMESPAN));
    call->client = client;
    grpc_slice method = grpc_slice_from_copied_string(request->method);
    call->call = grpc_channel_create_call(client->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                          client->queue, method, NULL, deadline, NULL);
    grpc_slice_unref(method);
    grpc_metadata_array_init(&call->initial_metadata);
    grpc_metadata_array_init(&call->trailing_metadata);
    if (!request->without_message) {
        grpc_slice slice = grpc_slice_from_copied_buffer(request->bytes, request->byte_count);
        call->request = grpc_raw_byte_buffer_create(&slice, 1);
        grpc_slice_unref(slice);
    }
    return call;
}

static void start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, void *tag)
{
    if (grpc_call_start_batch(call, ops, op_count, tag, NULL) != GRPC_CALL_OK)
        abort();
}

struct rpc_client_call *rpc_client_start(struct rpc_client *client,
                                         const struct rpc_request *request)
{
    struct rpc_client_call *call = call_new(client, request);
    grpc_op ops[CLIENT_OPS_MAX];
    size_t op_count = fill_ops(call, ops);
    start_batch(call->call, ops, op_count, call);
    return call;
}

void rpc_client_cancel(struct rpc_client_call *call)
{
    grpc_call_cancel(call->call, NULL);
}

static void read_response(struct rpc_client_call *call, struct rpc_reply *ret_reply)
{
    if (call->response == NULL)
        return;
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, call->response);
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    ret_reply->byte_count = GRPC_SLICE_LENGTH(slice);
    size_t kept = ret_reply->byte_count;
    if (kept > sizeof ret_reply->bytes)
        kept = sizeof ret_reply->bytes;
    memcpy(ret_reply->bytes, GRPC_SLICE_START_PTR(slice), kept);
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
}

static void read_status(struct rpc_client_call *call, struct rpc_reply *ret_reply)
{
    ret_reply->status = (cpts_status)call->status;
    snprintf(ret_reply->message, sizeof ret_reply->message, "%.*s",
             (int)GRPC_SLICE_LENGTH(call->message),
             (const char *)GRPC_SLICE_START_PTR(call->message));
    for (size_t i = 0; i < call->trailing_metadata.count; i++) {
        const grpc_metadata *entry = &call->trailing_metadata.metadata[i];
        if (grpc_slice_str_cmp(entry->key, "grpc-status-details-bin") == 0)
            error_unpack(&ret_reply->error, ret_reply->status, ret_reply->message,
                         GRPC_SLICE_START_PTR(entry->value), GRPC_SLICE_LENGTH(entry->value));
    }
}

static bool is_resumed(const struct rpc_client_call *call)
{
    grpc_auth_context *context = grpc_call_auth_context(call->call);
    if (context == NULL)
        return false;
    grpc_auth_property_iterator iterator =
        grpc_auth_context_find_properties_by_name(context, GRPC_SSL_SESSION_REUSED_PROPERTY);
    const grpc_auth_property *property = grpc_auth_property_iterator_next(&iterator);
    bool resumed = property != NULL && strcmp(property->value, "true") == 0;
    grpc_auth_context_release(context);
    return resumed;
}

static void await_tag(struct rpc_client_call *call, void *tag)
{
    gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                     gpr_time_from_millis(2 * RPC_CLIENT_PATIENCE_MS, GPR_TIMESPAN));
    if (grpc_completion_queue_pluck(call->client->queue, tag, deadline, NULL).type !=
        GRPC_OP_COMPLETE) {
        fprintf(stderr, "a call never ended\n");
        abort();
    }
}

/* Reads how it ended, and releases it. */
static void end_call(struct rpc_client_call *call, struct rpc_reply *ret_reply)
{
    memset(ret_reply, 0, sizeof *ret_reply);
    read_response(call, ret_reply);
    read_status(call, ret_reply);
    ret_reply->session_resumed = is_resumed(call);
    grpc_byte_buffer_destroy(call->request);
    grpc_byte_buffer_destroy(call->response);
    grpc_metadata_array_destroy(&call->initial_metadata);
    grpc_metadata_array_destroy(&call->trailing_metadata);
    grpc_slice_unref(call->message);
    grpc_call_unref(call->call);
    free(call);
}

void rpc_client_finish(struct rpc_client_call *call, struct rpc_reply *ret_reply)
{
    await_tag(call, call);
    end_call(call, ret_reply);
}

void rpc_client_call(struct rpc_client *client, const struct rpc_request *request,
                     struct rpc_reply *ret_reply)
{
    rpc_client_finish(rpc_client_start(client, request), ret_reply);
}

/* A stream: its end, what begins it, and each message are batches of their own. */
struct rpc_reader {
    struct rpc_client_call *call;
    char begun;
    char received;
};

struct rpc_reader *reader_start(struct rpc_client *client, const struct rpc_request *request)
{
    struct rpc_reader *reader = calloc(1, sizeof *reader);
    reader->call = call_new(client, request);
    grpc_op ops[CLIENT_OPS_MAX], begin[CLIENT_OPS_MAX] = {{0}};
    size_t begin_count = 0;
    size_t op_count = fill_ops(reader->call, ops);
    for (size_t i = 0; i < op_count - 1; i++) {
        if (ops[i].op != GRPC_OP_RECV_MESSAGE)
            begin[begin_count++] = ops[i];
    }
    start_batch(reader->call->call, begin, begin_count, &reader->begun);
    start_batch(reader->call->call, &ops[op_count - 1], 1, reader->call);
    return reader;
}

bool reader_next(struct rpc_reader *reader)
{
    struct rpc_client_call *call = reader->call;
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &call->response;
    grpc_byte_buffer_destroy(call->response);
    call->response = NULL;
    start_batch(call->call, &op, 1, &reader->received);
    await_tag(call, &reader->received);
    return call->response != NULL;
}

void reader_message(struct rpc_reader *reader, struct rpc_reply *ret_reply)
{
    read_response(reader->call, ret_reply);
}

int reader_drain(struct rpc_reader *reader)
{
    int count = 0;
    while (reader_next(reader))
        count++;
    return count;
}

void reader_cancel(struct rpc_reader *reader)
{
    grpc_call_cancel(reader->call->call, NULL);
}

void reader_finish(struct rpc_reader *reader, struct rpc_reply *ret_reply)
{
    await_tag(reader->call, &reader->begun);
    await_tag(reader->call, reader->call);
    end_call(reader->call, ret_reply);
    free(reader);
}
