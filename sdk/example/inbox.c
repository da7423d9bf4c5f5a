/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the referrals of one's CPTS, step by step, and says what may be done next.
 *
 *   inbox HOST:PORT CA CERTIFICATE KEY
 */
#include <cpts/referral_watch.h>
#include <stdio.h>

static const struct cpts_actor ACTOR = {
    .size = sizeof ACTOR, .function = "coordination", .purpose = CPTS_PURPOSE_COORDINATION};

/* An event says that something happened; the referral says the rest. */
static void tell(cpts_client *client, const struct cpts_referral_news *news)
{
    struct cpts_error err;
    struct cpts_referral *referral = NULL;
    printf("%s %s", news->referral_id, cpts_referral_event_name(news->event));
    if (cpts_referral_get(client, news->referral_id, &ACTOR, 0, &referral, &err) == CPTS_OK) {
        const struct cpts_assignment *one = cpts_referral_assignment(referral, NULL);
        for (size_t i = 0; one != NULL && i < one->allowed_count; i++)
            printf("%s%s", i == 0 ? "; next " : ", ", cpts_referral_event_name(one->allowed[i]));
        cpts_referral_free(referral);
    }
    putchar('\n');
}

static cpts_status follow(cpts_client *client, cpts_watch *watch, struct cpts_error *err)
{
    struct cpts_referral_news *news = NULL;
    int is_caught_up = 0;
    cpts_status status = CPTS_OK;
    while (!is_caught_up && (status = cpts_referral_watch_next(watch, -1, &news, err)) == CPTS_OK) {
        if (news->kind == CPTS_WATCH_CHANGE)
            tell(client, news);
        is_caught_up = news->kind == CPTS_WATCH_BOOKMARK; /* a service would go on */
        cpts_referral_news_free(news);
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: inbox HOST:PORT CA CERTIFICATE KEY\n", stderr);
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4]};
    struct cpts_referral_watch_options wish = {.size = sizeof wish, .actor = &ACTOR};
    struct cpts_error err = {0};
    cpts_client *client = NULL;
    cpts_watch *watch = NULL;
    cpts_status status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK)
        status = cpts_referral_watch_open(client, &wish, &watch, &err);
    if (status == CPTS_OK)
        status = follow(client, watch, &err);
    if (status != CPTS_OK)
        fprintf(stderr, "inbox: %s: %s\n", err.reason, err.message);
    cpts_watch_close(watch);
    cpts_client_close(client, 0);
    return status == CPTS_OK ? 0 : 1;
}
