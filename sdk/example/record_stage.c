/* SPDX-License-Identifier: Apache-2.0 */
/* Records that a CPTS entered a stage: read it, then command on the version
 * that was read. Whoever was faster makes the command fail with STALE_VERSION.
 *
 *   record_stage HOST:PORT CA.pem CERTIFICATE.pem KEY.pem ID STAGE YYYY-MM-DD
 */
#include <cpts/client.h>
#include <cpts/command.h>
#include <stdio.h>

static cpts_status record(cpts_client *client, const char *id, const char *stage, const char *date,
                          struct cpts_error *err)
{
    struct cpts_stage_change change = {.size = sizeof change, .id = id, .effective_on = date};
    struct cpts_record *cpts = NULL;
    struct cpts_outcome *outcome = NULL;
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    char command_text[CPTS_UUID_TEXT_BYTES];
    if (!cpts_stage_parse(stage, &change.stage))
        fprintf(stderr, "%s is not a stage; the node will say so too\n", stage);
    cpts_status status = cpts_registry_get(client, id, NULL, 0, &cpts, err);
    if (status == CPTS_OK) {
        change.expected_version = cpts->version;
        status = cpts_registry_record_stage(client, &change, command_id, 0, &outcome, err);
    }
    cpts_uuid_format(command_id, command_text);
    if (status == CPTS_OK)
        printf("%s is at %s, version %d\n", cpts->name, cpts_stage_name(change.stage),
               outcome->version);
    else if (status == CPTS_UNKNOWN) /* repeat with this id: it takes effect once */
        fprintf(stderr, "no answer; the command was %s\n", command_text);
    cpts_outcome_free(outcome);
    cpts_record_free(cpts);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: record_stage HOST:PORT CA CERTIFICATE KEY ID STAGE DATE\n");
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4]};
    struct cpts_error err;
    cpts_client *client = NULL;
    cpts_status status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK)
        status = record(client, argv[5], argv[6], argv[7], &err);
    if (status != CPTS_OK)
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
    cpts_client_close(client, 0);
    return status == CPTS_OK ? 0 : 1;
}
