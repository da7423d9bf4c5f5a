/* SPDX-License-Identifier: Apache-2.0 */
/* Reads every CPTS of a region, all at once, from one thread that polls.
 *
 *   read_many HOST:PORT CA.pem CERTIFICATE.pem KEY.pem REGION
 */
#include <cpts/async.h>
#include <poll.h>
#include <stdio.h>

/* What the callbacks share; they run in this thread, see main(). */
struct total {
    int left, failures;
    long units;
};

static void on_record(cpts_status status, struct cpts_record *record, const struct cpts_error *err,
                      void *data)
{
    struct total *total = data;
    total->left--;
    if (status == CPTS_OK) {
        total->units += (long)record->unit_count;
    } else {
        total->failures++;
        fprintf(stderr, "%s: %s\n", err->reason, err->message);
    }
    cpts_record_free(record);
}

static cpts_status read_all(cpts_client *client, const char *region, struct total *total,
                            struct cpts_error *err)
{
    struct cpts_list_query query = {.size = sizeof query, .region = region, .page_size = 500};
    struct cpts_async async = {.size = sizeof async, .data = total};
    struct cpts_page *page = NULL;
    cpts_status status = cpts_registry_list(client, &query, 0, &page, err);
    if (status != CPTS_OK)
        return status;
    for (size_t i = 0; i < page->record_count && status == CPTS_OK; i++) {
        status = cpts_registry_get_start(client, page->records[i].id, NULL, &async, on_record, NULL,
                                         err);
        total->left += status == CPTS_OK;
    }
    cpts_page_free(page);
    struct pollfd events = {.fd = cpts_client_event_fd(client), .events = POLLIN};
    while (total->left > 0 && poll(&events, 1, -1) > 0)
        cpts_client_events_run(client, 100, 0);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: read_many HOST:PORT CA CERTIFICATE KEY REGION\n");
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4],
                                          .delivery = CPTS_DELIVERY_DESCRIPTOR};
    struct total total = {0};
    struct cpts_error err;
    cpts_client *client = NULL;
    cpts_status status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK)
        status = read_all(client, argv[5], &total, &err);
    if (status == CPTS_OK)
        printf("region %s: %ld communes in its CPTS\n", argv[5], total.units);
    else
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
    cpts_client_close(client, 5000);
    return status == CPTS_OK && total.failures == 0 ? 0 : 1;
}
