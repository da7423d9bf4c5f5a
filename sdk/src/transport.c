/* SPDX-License-Identifier: Apache-2.0 */
#include "transport.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pem.h"
#include "wire/error.h"

#define DETAILS_KEY "grpc-status-details-bin"
#define RECONNECT_FIRST_MS 200
#define RECONNECT_MAX_MS 5000
#define METADATA_BYTES_MAX (16 * 1024)
#define SEND_OPS 3
#define RECEIVE_OPS 3

struct transport {
    grpc_channel *channel;
    char *address;
};

/* All that gRPC hands over during one attempt. */
struct attempt {
    grpc_completion_queue *queue;
    grpc_call *call;
    grpc_byte_buffer *request;
    grpc_byte_buffer *response;
    grpc_metadata_array headers;
    grpc_metadata_array trailers;
    grpc_status_code status;
    grpc_slice message;
    bool is_sent;
};

static void *const SENT = (void *)1;
static void *const RECEIVED = (void *)2;

static grpc_arg integer_arg(const char *key, int value)
{
    grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value};
    return arg;
}

static grpc_arg string_arg(const char *key, const char *value)
{
    grpc_arg arg = {.type = GRPC_ARG_STRING, .key = (char *)key, .value.string = (char *)value};
    return arg;
}

static grpc_channel *open_channel(const struct cpts_client_options *options,
                                  grpc_channel_credentials *credentials)
{
    char agent[32];
    snprintf(agent, sizeof agent, "libcpts/%s", cpts_version());
    grpc_arg args[] = {
        integer_arg(GRPC_ARG_ENABLE_RETRIES, 0),
        integer_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        integer_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
        integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, TRANSPORT_REPLY_BYTES_MAX),
        integer_arg(GRPC_ARG_MAX_METADATA_SIZE, METADATA_BYTES_MAX),
        integer_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, RECONNECT_FIRST_MS),
        integer_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, RECONNECT_MAX_MS),
        string_arg(GRPC_ARG_PRIMARY_USER_AGENT_STRING, agent),
        string_arg(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, options->server_name),
    };
    size_t count = sizeof args / sizeof args[0];
    if (options->server_name == NULL)
        count--;
    grpc_channel_args list = {.num_args = count, .args = args};
    return grpc_channel_create(options->address, credentials, &list);
}

/* A process that shows gRPC's messages has asked for them; a library is silent. */
static void silence_grpc(void)
{
    if (getenv("GRPC_VERBOSITY") == NULL)
        gpr_set_log_verbosity((gpr_log_severity)(GPR_LOG_SEVERITY_ERROR + 1));
}

static cpts_status open_with(struct transport *transport, const struct cpts_client_options *options,
                             const struct pem_files *pem, struct cpts_error *err)
{
    transport->address = strdup(options->address);
    if (transport->address == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a client");
    grpc_ssl_pem_key_cert_pair pair = {.private_key = pem->key, .cert_chain = pem->certificate};
    grpc_channel_credentials *credentials = grpc_ssl_credentials_create(pem->ca, &pair, NULL, NULL);
    if (credentials == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the certificates in %s, %s and %s cannot be used together",
                         options->ca_file, options->certificate_file, options->key_file);
    transport->channel = open_channel(options, credentials);
    grpc_channel_credentials_release(credentials);
    return transport->channel != NULL ? CPTS_OK
                                      : error_set(err, REASON_CONFIGURATION_INVALID,
                                                  "no channel can be made to %s", options->address);
}

cpts_status cpts_transport__open(const struct cpts_client_options *options,
                                 struct transport **ret_transport, struct cpts_error *err)
{
    struct pem_files pem = {0};
    cpts_status status = cpts_pem__read(options, &pem, err);
    if (status != CPTS_OK)
        return status;
    struct transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL) {
        cpts_pem__done(&pem);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a client");
    }
    silence_grpc();
    grpc_init();
    status = open_with(transport, options, &pem, err);
    cpts_pem__done(&pem);
    if (status == CPTS_OK)
        *ret_transport = transport;
    else
        cpts_transport__close(transport);
    return status;
}

void cpts_transport__close(struct transport *transport)
{
    if (transport == NULL)
        return;
    if (transport->channel != NULL)
        grpc_channel_destroy(transport->channel);
    free(transport->address);
    free(transport);
    grpc_shutdown();
}

static grpc_byte_buffer *pack(const ProtobufCMessage *message)
{
    grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(message));
    protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

static void attempt_begin(struct attempt *attempt, struct transport *transport,
                          const struct transport_call *call)
{
    memset(attempt, 0, sizeof *attempt);
    grpc_metadata_array_init(&attempt->headers);
    grpc_metadata_array_init(&attempt->trailers);
    attempt->message = grpc_empty_slice();
    attempt->request = pack(call->request);
    attempt->queue = grpc_completion_queue_create_for_pluck(NULL);
    gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                         gpr_time_from_millis(call->timeout_ms, GPR_TIMESPAN));
    attempt->call =
        grpc_channel_create_call(transport->channel, NULL, GRPC_PROPAGATE_DEFAULTS, attempt->queue,
                                 grpc_slice_from_static_string(call->method), NULL, deadline, NULL);
}

/* Two batches, because only the first one's own result tells whether the
 * request left. */
static bool attempt_start(struct attempt *attempt)
{
    grpc_op send[SEND_OPS] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                              {.op = GRPC_OP_SEND_MESSAGE},
                              {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}};
    send[1].data.send_message.send_message = attempt->request;
    grpc_op receive[RECEIVE_OPS] = {{.op = GRPC_OP_RECV_INITIAL_METADATA},
                                    {.op = GRPC_OP_RECV_MESSAGE},
                                    {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    receive[0].data.recv_initial_metadata.recv_initial_metadata = &attempt->headers;
    receive[1].data.recv_message.recv_message = &attempt->response;
    receive[2].data.recv_status_on_client.trailing_metadata = &attempt->trailers;
    receive[2].data.recv_status_on_client.status = &attempt->status;
    receive[2].data.recv_status_on_client.status_details = &attempt->message;
    if (grpc_call_start_batch(attempt->call, send, SEND_OPS, SENT, NULL) != GRPC_CALL_OK)
        return false;
    if (grpc_call_start_batch(attempt->call, receive, RECEIVE_OPS, RECEIVED, NULL) == GRPC_CALL_OK)
        return true;
    grpc_call_cancel(attempt->call, NULL);
    grpc_completion_queue_pluck(attempt->queue, SENT, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    return false;
}

/* Returns when nothing of the call is outstanding; the call's own deadline
 * bounds the wait. */
static void attempt_wait(struct attempt *attempt)
{
    gpr_timespec forever = gpr_inf_future(GPR_CLOCK_MONOTONIC);
    grpc_event sent = grpc_completion_queue_pluck(attempt->queue, SENT, forever, NULL);
    attempt->is_sent = sent.type == GRPC_OP_COMPLETE && sent.success;
    grpc_completion_queue_pluck(attempt->queue, RECEIVED, forever, NULL);
}

static void attempt_done(struct attempt *attempt)
{
    grpc_metadata_array_destroy(&attempt->headers);
    grpc_metadata_array_destroy(&attempt->trailers);
    grpc_slice_unref(attempt->message);
    grpc_byte_buffer_destroy(attempt->request);
    if (attempt->response != NULL)
        grpc_byte_buffer_destroy(attempt->response);
    grpc_call_unref(attempt->call);
    grpc_completion_queue_shutdown(attempt->queue);
    grpc_completion_queue_pluck(attempt->queue, NULL, gpr_inf_past(GPR_CLOCK_MONOTONIC), NULL);
    grpc_completion_queue_destroy(attempt->queue);
}

static bool copy_response(grpc_byte_buffer *response, struct transport_reply *reply)
{
    grpc_byte_buffer_reader reader;
    if (response == NULL || !grpc_byte_buffer_reader_init(&reader, response))
        return false;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    size_t byte_count = GRPC_SLICE_LENGTH(slice);
    reply->bytes = malloc(byte_count + 1);
    if (reply->bytes != NULL) {
        memcpy(reply->bytes, GRPC_SLICE_START_PTR(slice), byte_count);
        reply->byte_count = byte_count;
    }
    grpc_slice_unref(slice);
    return reply->bytes != NULL;
}

static const grpc_slice *find_details(const grpc_metadata_array *trailers)
{
    for (size_t i = 0; i < trailers->count; i++) {
        if (grpc_slice_str_cmp(trailers->metadata[i].key, DETAILS_KEY) == 0)
            return &trailers->metadata[i].value;
    }
    return NULL;
}

/* The transport's own failures have no details; their reason is this side's. */
static cpts_status own_failure(const struct transport *transport, cpts_status status,
                               const char *message, struct cpts_error *err)
{
    if (status == CPTS_UNAVAILABLE)
        return error_set(err, REASON_CONNECTION_FAILED, "no connection to %s: %s",
                         transport->address, message);
    if (status == CPTS_DEADLINE_EXCEEDED)
        return error_set(err, REASON_DEADLINE_PASSED, "%s did not answer in time",
                         transport->address);
    error_unpack(err, status, message, NULL, 0);
    if (err != NULL && status == CPTS_UNIMPLEMENTED)
        snprintf(err->reason, sizeof err->reason, "%s", "UNKNOWN_METHOD");
    else if (err != NULL)
        snprintf(err->reason, sizeof err->reason, "%s", cpts_status_name(status));
    return status;
}

static cpts_status read_failure(const struct transport *transport, const struct attempt *attempt,
                                struct transport_reply *reply, struct cpts_error *err)
{
    cpts_status status = (cpts_status)attempt->status;
    if (attempt->status < 0 || attempt->status > GRPC_STATUS_UNAUTHENTICATED)
        status = CPTS_UNKNOWN;
    char *message = grpc_slice_to_c_string(attempt->message);
    const grpc_slice *details = find_details(&attempt->trailers);
    if (details == NULL) {
        status = own_failure(transport, status, message, err);
    } else {
        reply->is_verdict = true;
        error_unpack(err, status, message, GRPC_SLICE_START_PTR(*details),
                     GRPC_SLICE_LENGTH(*details));
    }
    gpr_free(message);
    return status;
}

cpts_status cpts_transport__call(struct transport *transport, const struct transport_call *call,
                                 struct transport_reply *ret_reply, struct cpts_error *err)
{
    struct attempt attempt;
    memset(ret_reply, 0, sizeof *ret_reply);
    attempt_begin(&attempt, transport, call);
    cpts_status status = CPTS_OK;
    if (!attempt_start(&attempt)) {
        attempt_done(&attempt);
        return error_set(err, REASON_INTERNAL_ERROR, "a call could not be started");
    }
    attempt_wait(&attempt);
    ret_reply->is_sent = attempt.is_sent;
    if (attempt.status != GRPC_STATUS_OK)
        status = read_failure(transport, &attempt, ret_reply, err);
    else if (!copy_response(attempt.response, ret_reply))
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    attempt_done(&attempt);
    return status;
}
