/* SPDX-License-Identifier: Apache-2.0 */
/* bench_load: one measurement, as one JSON object on standard output. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/load.h"

static const char HELP[] =
    "bench_load WORK --target HOST:PORT - one measurement of a server\n"
    "\n"
    "WORK is health, get, stage, put (a key into etcd), call (any request, again and\n"
    "again) or each (any request, once).\n"
    "  --ca FILE --cert FILE --key FILE   mutual TLS; none without them\n"
    "  --channels N    connections (4)         --calls N    calls in flight on each (32)\n"
    "  --seconds S     measured time (3)       --warmup S   time before it (0.5)\n"
    "  --ids FILE      get: ids, one a line\n"
    "  --method NAME --requests FILE   call: \"/cpts.v1.RegistryService/GetCpts\", and packed\n"
    "                  requests in hexadecimal, one a line, taken at random\n"
    "                  (call) or each once, in order (each)\n"
    "  --bytes N       put: bytes of the value (160)\n"
    "  --first N --count N   stage: numbers of the CPTS to work on\n"
    "  --from N        number of the first request (0); the next is printed\n"
    "\n"
    "Example\n"
    "  bench_load health --target 127.0.0.1:50051\n";

enum option_value {
    CHANNELS = 256,
    CALLS,
    SECONDS,
    WARMUP,
    IDS,
    METHOD,
    REQUESTS,
    FIRST,
    COUNT,
    VALUE_BYTES,
    FROM,
    HELP_OPTION,
};

static const struct option OPTIONS[] = {
    {"target", required_argument, NULL, 't'},
    {"ca", required_argument, NULL, 'a'},
    {"cert", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"channels", required_argument, NULL, CHANNELS},
    {"calls", required_argument, NULL, CALLS},
    {"seconds", required_argument, NULL, SECONDS},
    {"warmup", required_argument, NULL, WARMUP},
    {"ids", required_argument, NULL, IDS},
    {"method", required_argument, NULL, METHOD},
    {"requests", required_argument, NULL, REQUESTS},
    {"first", required_argument, NULL, FIRST},
    {"count", required_argument, NULL, COUNT},
    {"from", required_argument, NULL, FROM},
    {"bytes", required_argument, NULL, VALUE_BYTES},
    {"help", no_argument, NULL, HELP_OPTION},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct load_options load;
    struct work work;
    const char *ids;
    bool wants_help;
};

static bool read_option(int option, struct arguments *arguments)
{
    switch (option) {
    case CHANNELS:
        arguments->load.channel_count = atoi(optarg);
        return true;
    case CALLS:
        arguments->load.calls_per_channel = atoi(optarg);
        return true;
    case SECONDS:
        arguments->load.duration_s = atof(optarg);
        return true;
    case WARMUP:
        arguments->load.warmup_s = atof(optarg);
        return true;
    case IDS:
        return work_read_ids(&arguments->work, optarg);
    case METHOD:
        arguments->work.method = optarg;
        return true;
    case REQUESTS:
        return work_read_requests(&arguments->work, optarg);
    case FIRST:
        arguments->work.first_cpts = atoll(optarg);
        return true;
    case COUNT:
        arguments->work.cpts_count = atoll(optarg);
        return true;
    case VALUE_BYTES:
        arguments->work.value_bytes = atoi(optarg);
        return arguments->work.value_bytes > 0 &&
               arguments->work.value_bytes <= WORK_VALUE_BYTES_MAX;
    case FROM:
        arguments->load.first_number = atoll(optarg);
        return true;
    case HELP_OPTION:
        arguments->wants_help = true;
        return true;
    default:
        return endpoint_read_option(&arguments->load.endpoint, option, optarg);
    }
}

static bool are_complete(const struct arguments *arguments)
{
    const struct load_options *load = &arguments->load;
    return load->endpoint.target != NULL && load->channel_count > 0 &&
           load->calls_per_channel > 0 && load->duration_s > 0 &&
           load->duration_s <= LOAD_SECONDS_MAX && work_is_complete(&arguments->work);
}

static void print_result(const struct load_result *result)
{
    const struct histogram *latency = &result->latency;
    printf("{\"calls\": %lld, \"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
           "\"longest_us\": %.1f, \"failed\": %lld, \"next\": %lld, \"ran_out\": %s, ",
           (long long)latency->total_count, (double)latency->total_count / result->duration_s,
           histogram_quantile_us(latency, 0.5), histogram_quantile_us(latency, 0.99),
           (double)latency->longest_ns / 1000, (long long)result->failed_count,
           (long long)result->next_number, result->ran_out ? "true" : "false");
    printf("\"per_second\": [");
    for (int i = 0; i < (int)result->duration_s; i++)
        printf("%s%lld", i == 0 ? "" : ", ", (long long)result->per_second[i]);
    puts("]}");
    if (result->failed_count > 0)
        fprintf(stderr, "bench_load: %s\n", result->first_failure);
}

int main(int argc, char **argv)
{
    static struct load_result result;
    struct arguments arguments = {
        .load = {.channel_count = 4, .calls_per_channel = 32, .warmup_s = 0.5, .duration_s = 3},
    };
    bool has_work = argc > 1 && work_find(argv[1], &arguments.work);
    int option = 0;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (!read_option(option, &arguments))
            return 2;
    }
    if (arguments.wants_help) {
        fputs(HELP, stdout);
        return 0;
    }
    if (!has_work || !are_complete(&arguments)) {
        fputs(HELP, stderr);
        return 2;
    }
    if (!load_run(&arguments.load, &arguments.work, &result)) {
        fprintf(stderr, "bench_load: no connection to %s\n", arguments.load.endpoint.target);
        return 1;
    }
    print_result(&result);
    work_done(&arguments.work);
    return 0;
}
