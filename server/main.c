/* SPDX-License-Identifier: Apache-2.0 */
/* cptsd: arguments → configuration → app. */
#include <getopt.h>
#include <stdio.h>

#include "app/app.h"
#include "base/config.h"

#ifndef CPTS_VERSION
#error "CPTS_VERSION comes from the build"
#endif

static const char HELP[] =
    "cptsd - a node of the CPTS federation\n"
    "\n"
    "  cptsd --config FILE                 run until SIGTERM\n"
    "  cptsd --config FILE --check-config  say whether the file is usable\n"
    "\n"
    "Examples\n"
    "  cptsd --config /etc/cpts/cptsd.conf\n"
    "  cptsd --config FILE --role regional --upstream cpts.example:4430\n"
    "  kill -HUP PID     read the certificates again\n"
    "  kill -TERM PID    answer the calls inside, then stop\n"
    "\n"
    "Options\n"
    "  -c, --config FILE   configuration, see server/base/config.h\n"
    "      --check-config  read it, report, do not run\n"
    "      --role ROLE     national or regional; must fit the node's name\n"
    "      --upstream H:P  a regional node dials the national one there;\n"
    "                      in place of [federation] upstream\n"
    "      --insecure      benchmarks only: no TLS, every caller may do everything\n"
    "      --no-scope      benchmarks only: no scope is set before statements\n"
    "  -V, --version       print the version\n"
    "  -h, --help          print this\n"
    "\n"
    "Logs are JSON lines on standard error. Exit status: 0 stopped when asked,\n"
    "1 could not start, 2 the command line is wrong.\n";

enum option_value { CHECK_CONFIG = 256, INSECURE, NO_SCOPE, ROLE, UPSTREAM };

static const struct option OPTIONS[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, CHECK_CONFIG},
    {"role", required_argument, NULL, ROLE},
    {"upstream", required_argument, NULL, UPSTREAM},
    {"insecure", no_argument, NULL, INSECURE},
    {"no-scope", no_argument, NULL, NO_SCOPE},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct arguments {
    const char *config_path;
    struct config_arguments instead;
    bool check_only;
    bool insecure;
    bool without_scope;
};

/* Reads the command line. @return -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
    int option = 0;
    while ((option = getopt_long(argc, argv, "c:Vh", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'c':
            arguments->config_path = optarg;
            break;
        case CHECK_CONFIG:
            arguments->check_only = true;
            break;
        case ROLE:
            arguments->instead.role = optarg;
            break;
        case UPSTREAM:
            arguments->instead.upstream = optarg;
            break;
        case INSECURE:
            arguments->insecure = true;
            break;
        case NO_SCOPE:
            arguments->without_scope = true;
            break;
        case 'V':
            puts("cptsd " CPTS_VERSION);
            return 0;
        case 'h':
            fputs(HELP, stdout);
            return 0;
        default:
            return 2;
        }
    }
    if (optind < argc || arguments->config_path == NULL) {
        fputs("cptsd: --config FILE is needed, see --help\n", stderr);
        return 2;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    int done = read_arguments(argc, argv, &arguments);
    if (done >= 0)
        return done;
    struct config config;
    struct cpts_error err = {0};
    cpts_status status = config_read(arguments.config_path, &arguments.instead, &config, &err);
    if (status == CPTS_OK && arguments.check_only) {
        puts("the configuration is usable");
        return 0;
    }
    if (status == CPTS_OK) {
        config.insecure = arguments.insecure;
        config.without_scope = arguments.without_scope;
        status = app_run(&config, &err);
    }
    if (status == CPTS_OK)
        return 0;
    fprintf(stderr, "cptsd: %s: %s\n", err.reason, err.message);
    return 1;
}
