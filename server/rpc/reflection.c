/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/reflection.h"

#include <grpc/reflection/v1/reflection.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/packet.h"
#include "rpc/reflection_index.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define INDEX_ARENA_BYTES ((size_t)4 * 1024 * 1024)
#define ANSWER_ARENA_BYTES ((size_t)1024 * 1024)

#define QUESTION(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name

struct reflection {
    struct arena *arena;
    struct reflection_index index;
};

/* One client's stream. */
struct conversation {
    const struct reflection *reflection;
    struct packet *answer; /* to be sent next */
};

typedef Grpc__Reflection__V1__ServerReflectionRequest request_type;
typedef Grpc__Reflection__V1__ServerReflectionResponse response_type;

cpts_status reflection_new(struct reflection **ret_reflection, struct cpts_error *err)
{
    struct reflection *reflection = calloc(1, sizeof *reflection);
    if (reflection != NULL)
        reflection->arena = arena_new(INDEX_ARENA_BYTES);
    if (reflection == NULL || reflection->arena == NULL ||
        !reflection_index_init(&reflection->index, reflection->arena)) {
        reflection_free(reflection);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the descriptors");
    }
    *ret_reflection = reflection;
    return CPTS_OK;
}

void reflection_free(struct reflection *reflection)
{
    if (reflection != NULL)
        arena_free(reflection->arena);
    free(reflection);
}

cpts_status reflection_begin(void *context, struct call *call)
{
    struct conversation *conversation = calloc(1, sizeof *conversation);
    if (conversation == NULL)
        return error_set(&call->error, REASON_OUT_OF_MEMORY, "no memory for reflection");
    conversation->reflection = context;
    call->state = conversation;
    return CPTS_OK;
}

/* The parts of an answer; false when the arena is full. */

static bool answer_error(struct arena *arena, response_type *response, cpts_status status,
                         const char *sentence)
{
    Grpc__Reflection__V1__ErrorResponse *error = arena_alloc(arena, sizeof *error);
    if (error == NULL)
        return false;
    grpc__reflection__v1__error_response__init(error);
    error->error_code = status;
    error->error_message = (char *)(uintptr_t)sentence;
    response->message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
    response->error_response = error;
    return true;
}

static bool answer_file(const struct reflection_index *index, struct arena *arena,
                        response_type *response, int file)
{
    if (file < 0)
        return answer_error(arena, response, CPTS_NOT_FOUND, "no such file or symbol here");
    bool *marks = arena_alloc(arena, index->file_count * sizeof *marks);
    Grpc__Reflection__V1__FileDescriptorResponse *files = arena_alloc(arena, sizeof *files);
    ProtobufCBinaryData *list = arena_alloc(arena, index->file_count * sizeof *list);
    if (marks == NULL || files == NULL || list == NULL)
        return false;
    grpc__reflection__v1__file_descriptor_response__init(files);
    files->file_descriptor_proto = list;
    reflection_index_closure(index, file, marks);
    list[files->n_file_descriptor_proto++] = index->files[file]; /* the one asked for is first */
    for (size_t i = 0; i < index->file_count; i++) {
        if (marks[i] && i != (size_t)file)
            list[files->n_file_descriptor_proto++] = index->files[i];
    }
    response->message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
    response->file_descriptor_response = files;
    return true;
}

static bool add_service(struct arena *arena, Grpc__Reflection__V1__ListServiceResponse *list,
                        const char *package, const char *name)
{
    Grpc__Reflection__V1__ServiceResponse *service = arena_alloc(arena, sizeof *service);
    if (service == NULL)
        return false;
    grpc__reflection__v1__service_response__init(service);
    service->name = arena_printf(arena, "%s.%s", package, name);
    list->service[list->n_service++] = service;
    return service->name != NULL;
}

static bool answer_services(const struct reflection_index *index, struct arena *arena,
                            response_type *response)
{
    size_t service_count = 0;
    for (size_t i = 0; i < index->file_count; i++)
        service_count += index->set->file[i]->n_service;
    Grpc__Reflection__V1__ListServiceResponse *list = arena_alloc(arena, sizeof *list);
    if (list == NULL)
        return false;
    grpc__reflection__v1__list_service_response__init(list);
    list->service =
        arena_alloc(arena, service_count * sizeof(Grpc__Reflection__V1__ServiceResponse *));
    bool is_done = list->service != NULL;
    for (size_t i = 0; i < index->file_count && is_done; i++) {
        const Google__Protobuf__FileDescriptorProto *file = index->set->file[i];
        for (size_t j = 0; j < file->n_service && is_done; j++)
            is_done = add_service(arena, list, file->package, file->service[j]->name);
    }
    response->message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
    response->list_services_response = list;
    return is_done;
}

static bool answer(const struct reflection_index *index, struct arena *arena,
                   const request_type *request, response_type *response)
{
    switch (request->message_request_case) {
    case QUESTION(FILE_BY_FILENAME):
        return answer_file(index, arena, response,
                           reflection_index_file(index, request->file_by_filename));
    case QUESTION(FILE_CONTAINING_SYMBOL):
        return answer_file(index, arena, response,
                           reflection_index_symbol(index, request->file_containing_symbol));
    case QUESTION(LIST_SERVICES):
        return answer_services(index, arena, response);
    case QUESTION(FILE_CONTAINING_EXTENSION):
    case QUESTION(ALL_EXTENSION_NUMBERS_OF_TYPE):
        return answer_error(arena, response, CPTS_NOT_FOUND, "there are no extensions here");
    default:
        return answer_error(arena, response, CPTS_INVALID_ARGUMENT, "an unknown question");
    }
}

static struct packet *pack_answer(const struct reflection_index *index, struct arena *arena,
                                  request_type *request)
{
    response_type response = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
    response.valid_host = request->host;
    response.original_request = request;
    if (!answer(index, arena, request, &response))
        return NULL;
    struct packet *packet = packet_new(protobuf_c_message_get_packed_size(&response.base));
    if (packet != NULL)
        protobuf_c_message_pack(&response.base, packet->bytes);
    return packet;
}

static cpts_status receive(struct stream *stream, const uint8_t *bytes, size_t byte_count,
                           struct cpts_error *err)
{
    struct conversation *conversation = stream->state;
    ProtobufCMessage *message = NULL;
    struct arena *arena = arena_new(ANSWER_ARENA_BYTES);
    cpts_status status = CPTS_OK;
    if (arena == NULL)
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for an answer");
    if (status == CPTS_OK)
        status = wire_unpack(&grpc__reflection__v1__server_reflection_request__descriptor, bytes,
                             byte_count, arena, &message, err);
    if (status == CPTS_OK) {
        conversation->answer =
            pack_answer(&conversation->reflection->index, arena, (request_type *)message);
        if (conversation->answer == NULL)
            status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for an answer");
    }
    arena_free(arena);
    return status;
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    struct conversation *conversation = stream->state;
    (void)err;
    if (conversation->answer == NULL)
        return STREAM_RECEIVE;
    ret_message->packet = conversation->answer;
    conversation->answer = NULL;
    return STREAM_SEND;
}

/* It never waits but for its client. */
static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    (void)stream;
    (void)why;
    return false;
}

static void end(struct stream *stream)
{
    struct conversation *conversation = stream->state;
    packet_unref(conversation->answer);
    free(conversation);
}

const struct stream_handler reflection_stream = {
    .next = next, .receive = receive, .withdraw = withdraw, .end = end};
