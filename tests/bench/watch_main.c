/* SPDX-License-Identifier: Apache-2.0 */
/* bench_watch: how fast a stream is, or how soon all subscribers hear. One JSON
 * object on standard output. */
#include <getopt.h>
#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/audience.h"
#include "bench/histogram.h"
#include "bench/work.h"

#define NS_PER_S 1000000000LL
#define PATIENCE_S 60
#define BURST_MAX 256
#define OPS 6

static const char HELP[] =
    "bench_watch replay --target HOST:PORT - messages a second of server streams\n"
    "bench_watch fanout --target HOST:PORT --first N --count N - how soon all hear\n"
    "\n"
    "  --ca FILE --cert FILE --key FILE   mutual TLS; none without them\n"
    "  --method NAME      the stream (/cpts.v1.RegistryService/WatchCpts)\n"
    "  --request HEX      what each subscriber asks (nothing: from position 0)\n"
    "  --channels N       connections (1)       --subscribers N   streams in all (1)\n"
    "  --seconds S        replay: measured time (3), after half a second\n"
    "  --messages N       replay: a stream ends after N messages and begins anew (0 = never)\n"
    "\n"
    "fanout subscribes, prints {\"ready\": N}, waits for a line on standard input, and then\n"
    "records stages: --rounds N times (20) --burst M at once (1), each round when all\n"
    "subscribers have heard the one before.\n"
    "  --first N --count N   numbers of the CPTS to take one stage further\n"
    "\n"
    "Example\n"
    "  bench_watch replay --target 127.0.0.1:50051 --messages 100000\n";

enum option_value {
    METHOD = 256,
    REQUEST,
    CHANNELS,
    SUBSCRIBERS,
    SECONDS,
    MESSAGES,
    ROUNDS,
    BURST,
    FIRST,
    COUNT,
    HELP_OPTION,
};

static const struct option OPTIONS[] = {
    {"target", required_argument, NULL, 't'},
    {"ca", required_argument, NULL, 'a'},
    {"cert", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"method", required_argument, NULL, METHOD},
    {"request", required_argument, NULL, REQUEST},
    {"channels", required_argument, NULL, CHANNELS},
    {"subscribers", required_argument, NULL, SUBSCRIBERS},
    {"seconds", required_argument, NULL, SECONDS},
    {"messages", required_argument, NULL, MESSAGES},
    {"rounds", required_argument, NULL, ROUNDS},
    {"burst", required_argument, NULL, BURST},
    {"first", required_argument, NULL, FIRST},
    {"count", required_argument, NULL, COUNT},
    {"help", no_argument, NULL, HELP_OPTION},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct audience_options audience;
    struct work work;
    double duration_s;
    int round_count;
    int burst;
};

/* One command of a round. */
struct command {
    grpc_call *call;
    grpc_metadata_array initial_metadata;
    grpc_metadata_array trailing_metadata;
    grpc_byte_buffer *response;
    grpc_status_code status;
    grpc_slice sentence;
};

struct fanout {
    struct audience audience;
    const struct arguments *arguments;
    grpc_channel *channel;
    struct command commands[BURST_MAX];
    int answered_count;
    int failed_count;
    int64_t next_number;
    struct histogram each;     /* sent to heard by one subscriber */
    struct histogram last;     /* sent to heard by all */
    struct histogram answered; /* sent to answered */
    int64_t busy_ns;
};

static bool read_request(struct audience_options *options, const char *text)
{
    size_t length = strlen(text);
    if (length % 2 != 0 || length / 2 > sizeof options->request)
        return false;
    for (size_t i = 0; i < length / 2; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        options->request[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    options->request_bytes = length / 2;
    return true;
}

static bool read_number(int option, struct arguments *arguments)
{
    switch (option) {
    case CHANNELS:
        arguments->audience.channel_count = atoi(optarg);
        return true;
    case SUBSCRIBERS:
        arguments->audience.subscriber_count = atoi(optarg);
        return true;
    case SECONDS:
        arguments->duration_s = atof(optarg);
        return true;
    case MESSAGES:
        arguments->audience.messages_each = atoll(optarg);
        return true;
    case ROUNDS:
        arguments->round_count = atoi(optarg);
        return true;
    case BURST:
        arguments->burst = atoi(optarg);
        return true;
    case FIRST:
        arguments->work.first_cpts = atoll(optarg);
        return true;
    case COUNT:
        arguments->work.cpts_count = atoll(optarg);
        return true;
    default:
        return false;
    }
}

static bool read_option(int option, struct arguments *arguments)
{
    if (option == METHOD) {
        arguments->audience.method = optarg;
        return true;
    }
    if (option == REQUEST)
        return read_request(&arguments->audience, optarg);
    return read_number(option, arguments) ||
           endpoint_read_option(&arguments->audience.endpoint, option, optarg);
}

static bool are_complete(const struct arguments *arguments)
{
    const struct audience_options *audience = &arguments->audience;
    return audience->endpoint.target != NULL && audience->channel_count > 0 &&
           audience->subscriber_count > 0 && arguments->duration_s > 0 &&
           arguments->round_count > 0 && arguments->burst > 0 && arguments->burst <= BURST_MAX;
}

static int fail(const struct audience *audience, const char *what)
{
    fprintf(stderr, "bench_watch: %s%s%s\n", what, audience->first_end[0] == '\0' ? "" : ": ",
            audience->first_end);
    return 1;
}

static int run_replay(const struct arguments *arguments)
{
    struct audience audience;
    enum audience_news news = AUDIENCE_OTHER;
    void *other = NULL;
    if (!audience_init(&audience, &arguments->audience))
        return fail(&audience, "no connection");
    int64_t begin_ns = endpoint_now_ns() + NS_PER_S / 2;
    while (endpoint_now_ns() < begin_ns && audience.open_count > 0)
        audience_next(&audience, begin_ns, &news, &other);
    int64_t before = audience.change_count;
    int64_t bytes_before = audience.byte_count;
    begin_ns = endpoint_now_ns();
    int64_t end_ns = begin_ns + (int64_t)(arguments->duration_s * NS_PER_S);
    while (endpoint_now_ns() < end_ns && audience.open_count > 0)
        audience_next(&audience, end_ns, &news, &other);
    double duration_s = (double)(endpoint_now_ns() - begin_ns) / NS_PER_S;
    int64_t heard = audience.change_count - before;
    if (audience.ended_count > 0 || heard == 0)
        return fail(&audience, "the stream ended");
    printf("{\"calls\": %lld, \"rate\": %.1f, \"message_bytes\": %.1f}\n", (long long)heard,
           (double)heard / duration_s,
           (double)(audience.byte_count - bytes_before) / (double)heard);
    audience_done(&audience);
    return 0;
}

static void command_send(struct fanout *fanout, struct command *command)
{
    uint8_t bytes[WORK_REQUEST_BYTES];
    const struct work *work = &fanout->arguments->work;
    ptrdiff_t byte_count = work->pack(work, fanout->next_number++, bytes);
    grpc_slice slice =
        grpc_slice_from_copied_buffer((const char *)bytes, byte_count < 0 ? 0 : (size_t)byte_count);
    grpc_byte_buffer *request = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    command->call = grpc_channel_create_call(
        fanout->channel, NULL, GRPC_PROPAGATE_DEFAULTS, fanout->audience.queue,
        grpc_slice_from_static_string(work->method), NULL,
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(20, GPR_TIMESPAN)), NULL);
    grpc_op ops[OPS];
    memset(ops, 0, sizeof ops);
    ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    ops[1].op = GRPC_OP_SEND_MESSAGE;
    ops[1].data.send_message.send_message = request;
    ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
    ops[3].op = GRPC_OP_RECV_INITIAL_METADATA;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &command->initial_metadata;
    ops[4].op = GRPC_OP_RECV_MESSAGE;
    ops[4].data.recv_message.recv_message = &command->response;
    ops[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
    ops[5].data.recv_status_on_client.trailing_metadata = &command->trailing_metadata;
    ops[5].data.recv_status_on_client.status = &command->status;
    ops[5].data.recv_status_on_client.status_details = &command->sentence;
    if (grpc_call_start_batch(command->call, ops, OPS, command, NULL) != GRPC_CALL_OK)
        abort();
    grpc_byte_buffer_destroy(request);
}

static void command_end(struct fanout *fanout, struct command *command, int64_t duration_ns)
{
    fanout->answered_count++;
    fanout->failed_count += command->status != GRPC_STATUS_OK;
    histogram_add(&fanout->answered, duration_ns);
    grpc_byte_buffer_destroy(command->response);
    command->response = NULL;
    grpc_slice_unref(command->sentence);
    command->initial_metadata.count = 0;
    command->trailing_metadata.count = 0;
    grpc_call_unref(command->call);
}

/* Sends a burst and waits until it is answered and everybody has heard of it. */
static bool run_round(struct fanout *fanout)
{
    const struct arguments *arguments = fanout->arguments;
    struct audience *audience = &fanout->audience;
    int64_t heard_target =
        audience->change_count + (int64_t)arguments->burst * arguments->audience.subscriber_count;
    int64_t sent_ns = endpoint_now_ns();
    fanout->answered_count = 0;
    for (int i = 0; i < arguments->burst; i++)
        command_send(fanout, &fanout->commands[i]);
    int64_t heard_ns = sent_ns;
    while (fanout->answered_count < arguments->burst || audience->change_count < heard_target) {
        enum audience_news news = AUDIENCE_OTHER;
        void *other = NULL;
        if (!audience_next(audience, sent_ns + PATIENCE_S * NS_PER_S, &news, &other) ||
            audience->ended_count > 0 || fanout->failed_count > 0)
            return false;
        int64_t now_ns = endpoint_now_ns();
        if (other != NULL)
            command_end(fanout, other, now_ns - sent_ns);
        if (news != AUDIENCE_HEARD_CHANGE)
            continue;
        heard_ns = now_ns;
        histogram_add(&fanout->each, now_ns - sent_ns);
    }
    histogram_add(&fanout->last, heard_ns - sent_ns);
    fanout->busy_ns += endpoint_now_ns() - sent_ns;
    return true;
}

/* Says that all have subscribed (each is told a bookmark first), and waits. */
static bool wait_for_line(struct audience *audience)
{
    char line[16];
    enum audience_news news = AUDIENCE_OTHER;
    void *other = NULL;
    int64_t until_ns = endpoint_now_ns() + PATIENCE_S * NS_PER_S;
    while (audience->bookmark_count < audience->options->subscriber_count) {
        if (!audience_next(audience, until_ns, &news, &other) || audience->ended_count > 0)
            return false;
    }
    printf("{\"ready\": %d}\n", audience->options->subscriber_count);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) != NULL;
}

static void print_fanout(const struct fanout *fanout)
{
    double seconds = (double)fanout->busy_ns / NS_PER_S;
    printf("{\"calls\": %lld, \"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
           "\"each_p50_us\": %.1f, \"each_p99_us\": %.1f, \"answered_p50_us\": %.1f, "
           "\"answered_p99_us\": %.1f}\n",
           (long long)fanout->last.total_count, (double)fanout->each.total_count / seconds,
           histogram_quantile_us(&fanout->last, 0.5), histogram_quantile_us(&fanout->last, 0.99),
           histogram_quantile_us(&fanout->each, 0.5), histogram_quantile_us(&fanout->each, 0.99),
           histogram_quantile_us(&fanout->answered, 0.5),
           histogram_quantile_us(&fanout->answered, 0.99));
}

static int run_fanout(const struct arguments *arguments)
{
    static struct fanout fanout;
    fanout.arguments = arguments;
    fanout.channel = endpoint_connect(&arguments->audience.endpoint);
    if (fanout.channel == NULL || !audience_init(&fanout.audience, &arguments->audience))
        return fail(&fanout.audience, "no connection");
    if (!wait_for_line(&fanout.audience))
        return fail(&fanout.audience, "not everybody could subscribe");
    for (int i = 0; i < arguments->burst; i++) {
        grpc_metadata_array_init(&fanout.commands[i].initial_metadata);
        grpc_metadata_array_init(&fanout.commands[i].trailing_metadata);
    }
    for (int i = 0; i < arguments->round_count; i++) {
        if (!run_round(&fanout))
            return fail(&fanout.audience, "a round did not end");
    }
    print_fanout(&fanout);
    grpc_channel_destroy(fanout.channel);
    for (int i = 0; i < arguments->burst; i++) {
        grpc_metadata_array_destroy(&fanout.commands[i].initial_metadata);
        grpc_metadata_array_destroy(&fanout.commands[i].trailing_metadata);
    }
    audience_done(&fanout.audience);
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {
        .audience = {.method = "/cpts.v1.RegistryService/WatchCpts",
                     .channel_count = 1,
                     .subscriber_count = 1},
        .duration_s = 3,
        .round_count = 20,
        .burst = 1,
    };
    bool replays = argc > 1 && strcmp(argv[1], "replay") == 0;
    bool fans_out = argc > 1 && strcmp(argv[1], "fanout") == 0;
    int option = 0;
    work_find("stage", &arguments.work);
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (option == HELP_OPTION) {
            fputs(HELP, stdout);
            return 0;
        }
        if (!read_option(option, &arguments))
            return 2;
    }
    if (!are_complete(&arguments) ||
        !(replays || (fans_out && work_is_complete(&arguments.work)))) {
        fputs(HELP, stderr);
        return 2;
    }
    grpc_init();
    int status = replays ? run_replay(&arguments) : run_fanout(&arguments);
    grpc_shutdown();
    return status;
}
