/* SPDX-License-Identifier: Apache-2.0 */
/* Software that works without the node: what it commands is kept in the file BOX first, and
 * sent when the node is there, once, in its order. Killed at any place, run it again.
 *
 *   outbox HOST:PORT CA.pem CERTIFICATE.pem KEY.pem BOX [ID VERSION STAGE YYYY-MM-DD]
 */
#include <cpts/command.h>
#include <cpts/outbox.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each command gets an id of its own: it is the same one when the box sends it again. */
static void command(cpts_client *client, char **argv)
{
    struct cpts_stage_change change = {.size = sizeof change,
                                       .id = argv[0],
                                       .expected_version = (int32_t)strtol(argv[1], NULL, 10),
                                       .effective_on = argv[3]};
    struct cpts_outcome *outcome = NULL;
    struct cpts_error err;
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    char id[CPTS_UUID_TEXT_BYTES];
    if (!cpts_stage_parse(argv[2], &change.stage))
        fprintf(stderr, "%s is not a stage; the node will say so too\n", argv[2]);
    cpts_status status = cpts_registry_record_stage(client, &change, command_id, 0, &outcome, &err);
    cpts_uuid_format(command_id, id);
    if (status == CPTS_OK)
        printf("%s done\n", id);
    else /* COMMAND_KEPT: it waits; OUTBOX_FULL: it was not even kept; others: the node's no */
        printf("%s %s\n", id, err.reason);
    cpts_outcome_free(outcome);
}

/* Sends what waits, then tells of everything that is in the box. */
static cpts_status look(cpts_outbox *box, cpts_client *client, struct cpts_error *err)
{
    struct cpts_outbox_report report = {.size = sizeof report};
    struct cpts_outbox_entry entry = {.place = 0};
    size_t count = 0;
    cpts_status status = cpts_outbox_send(box, client, 0, NULL, NULL, &report, err);
    if (status != CPTS_OK) /* the node is away: what is left waits on */
        printf("%d wait: %s\n", report.left_count, err->reason);
    while ((status = cpts_outbox_list(box, CPTS_OUTBOX_UNSPECIFIED, entry.place, 1, &entry, &count,
                                      err)) == CPTS_OK &&
           count == 1)
        printf("%s %s %s\n", entry.command_id, cpts_outbox_state_name(entry.state),
               entry.error.reason);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 6 && argc != 10) {
        fprintf(stderr, "usage: outbox HOST:PORT CA CERTIFICATE KEY BOX [ID VERSION STAGE DATE]\n");
        return 2;
    }
    struct cpts_outbox_options place = {.size = sizeof place, .path = argv[5]};
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4]};
    struct cpts_error err;
    cpts_client *client = NULL;
    cpts_status status = cpts_outbox_open(&place, &options.outbox, &err);
    if (status == CPTS_OK)
        status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK && argc == 10)
        command(client, argv + 6);
    if (status == CPTS_OK)
        status = look(options.outbox, client, &err);
    if (status != CPTS_OK)
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
    cpts_client_close(client, 0); /* before its box */
    cpts_outbox_close(options.outbox);
    return status == CPTS_OK ? 0 : 1;
}
