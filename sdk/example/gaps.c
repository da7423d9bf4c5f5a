/* SPDX-License-Identifier: Apache-2.0 */
/* Where nobody is covered and who is near, without waiting for either:
 *
 *     gaps ADDRESS CA CERTIFICATE KEY COMMUNE
 */
#include <cpts/territory_async.h>
#include <stdio.h>

/* Runs when the answer is there, in cpts_client_events_run() below. */
static void print_gaps(cpts_status status, struct cpts_gaps *gaps, const struct cpts_error *err,
                       void *data)
{
    int *failures = data;
    if (status != CPTS_OK) {
        fprintf(stderr, "gaps: %s: %s\n", err->reason, err->message);
        (*failures)++;
        return;
    }
    printf("%d inhabitants not covered on %s\n", gaps->uncovered_count, gaps->as_of);
    for (size_t i = 0; i < gaps->gap_count; i++)
        printf("  %s %s: %d\n", gaps->gaps[i].code, gaps->gaps[i].name,
               gaps->gaps[i].uncovered_count);
    cpts_gaps_free(gaps);
}

static void print_neighbours(cpts_status status, struct cpts_neighbours *found,
                             const struct cpts_error *err, void *data)
{
    int *failures = data;
    if (status != CPTS_OK) {
        fprintf(stderr, "neighbours: %s: %s\n", err->reason, err->message);
        (*failures)++;
        return;
    }
    for (size_t i = 0; i < found->neighbour_count; i++)
        printf("  %.1f km %s\n", found->neighbours[i].distance_km, found->neighbours[i].name);
    cpts_neighbours_free(found);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: gaps ADDRESS CA CERTIFICATE KEY COMMUNE\n", stderr);
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4],
                                          .delivery = CPTS_DELIVERY_DESCRIPTOR};
    struct cpts_gaps_query gaps = {.size = sizeof gaps, .level = CPTS_GAP_REGION, .page_size = 3};
    struct cpts_neighbours_query near = {.size = sizeof near, .commune = argv[5], .limit = 3};
    cpts_client *client = NULL;
    struct cpts_error err;
    int failures = 0;
    struct cpts_async async = {.size = sizeof async, .data = &failures};
    if (cpts_client_open(&options, &client, &err) != CPTS_OK ||
        cpts_territory_gaps_start(client, &gaps, &async, print_gaps, NULL, &err) != CPTS_OK ||
        cpts_neighbours_list_start(client, &near, &async, print_neighbours, NULL, &err) !=
            CPTS_OK) {
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
        cpts_client_close(client, 0);
        return 1;
    }
    for (int done = 0; done < 2;)
        done += cpts_client_events_run(client, 2, -1);
    cpts_client_close(client, 5000);
    return failures == 0 ? 0 : 1;
}
