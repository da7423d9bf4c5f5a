/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the registry, change by change, from where the last run ended: the
 * place is kept in a file, once what it stands for was dealt with.
 *
 *   watch HOST:PORT CA.pem CERTIFICATE.pem KEY.pem FILE
 */
#include <cpts/watch.h>
#include <stdio.h>
#include <stdlib.h>

static long long read_place(const char *path)
{
    char line[32] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    fclose(file);
    return strtoll(line, NULL, 10);
}

/* Whole or not at all: a new file takes the old one's name. */
static int keep_place(const char *path, long long place)
{
    char fresh[4096];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *file = fopen(fresh, "w");
    if (file == NULL || fprintf(file, "%lld\n", place) < 0)
        return -1;
    return fclose(file) != 0 || rename(fresh, path) != 0 ? -1 : 0;
}

/* Tells of every change until there are no more. */
static cpts_status follow(cpts_watch *watch, const char *path, struct cpts_error *err)
{
    struct cpts_watch_event *event = NULL;
    int is_caught_up = 0;
    cpts_status status = CPTS_OK;
    while (!is_caught_up && (status = cpts_watch_next(watch, -1, &event, err)) == CPTS_OK) {
        if (event->kind == CPTS_WATCH_CHANGE)
            printf("%lld %s %s version %d\n", (long long)event->log_position, event->change,
                   event->id, event->version);
        is_caught_up = event->kind == CPTS_WATCH_BOOKMARK; /* a service would go on */
        if (event->kind != CPTS_WATCH_INTERRUPTION && keep_place(path, event->log_position) != 0)
            perror(path);
        cpts_watch_event_free(event);
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: watch HOST:PORT CA CERTIFICATE KEY FILE\n");
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4]};
    struct cpts_watch_options what = {.size = sizeof what, .after_position = read_place(argv[5])};
    struct cpts_error err;
    cpts_client *client = NULL;
    cpts_watch *watch = NULL;
    cpts_status status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK)
        status = cpts_watch_open(client, &what, &watch, &err);
    if (status == CPTS_OK)
        status = follow(watch, argv[5], &err);
    if (status != CPTS_OK)
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
    cpts_watch_close(watch);
    cpts_client_close(client, 1000);
    return status == CPTS_OK ? 0 : 1;
}
