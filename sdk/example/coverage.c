/* SPDX-License-Identifier: Apache-2.0 */
/* How far from 1000 CPTS? One question, one answer.
 *
 *   coverage HOST:PORT CA.pem CERTIFICATE.pem KEY.pem [YYYY-MM-DD]
 */
#include <cpts/client.h>
#include <cpts/coverage.h>
#include <stdio.h>

static void print(const struct cpts_coverage *coverage)
{
    printf("%s: %d CPTS of %d\n", coverage->as_of, coverage->project_count, coverage->target_count);
    for (size_t i = 0; i < coverage->stage_count; i++)
        printf("  %-18s %5d\n", cpts_stage_name(coverage->stages[i].stage),
               coverage->stages[i].count);
    printf("  %d of %d inhabitants covered\n", coverage->population_covered,
           coverage->population_total);
    if (coverage->synthetic)
        printf("  (synthetic data)\n");
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: coverage HOST:PORT CA CERTIFICATE KEY [DATE]\n");
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4]};
    struct cpts_coverage_query query = {.size = sizeof query, .as_of = argc > 5 ? argv[5] : NULL};
    struct cpts_error err;
    struct cpts_coverage *coverage = NULL;
    cpts_client *client = NULL;
    cpts_status status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK)
        status = cpts_coverage_get(client, &query, 0, &coverage, &err);
    if (status == CPTS_OK)
        print(coverage);
    else
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
    cpts_coverage_free(coverage);
    cpts_client_close(client, 0);
    return status == CPTS_OK ? 0 : 1;
}
