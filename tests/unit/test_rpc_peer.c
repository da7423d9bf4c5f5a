/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "rpc/peer.h"
#include "support/unit.h"

#define UUID "01890a5d-ac96-774b-bcce-b302099a8057"

static cpts_status check(const char *uri)
{
    struct cpts_error error = {.status = CPTS_OK};
    cpts_status status = peer_uri_check(uri, strlen(uri), "cpts.test", &error);
    CU_ASSERT_STRING_EQUAL(error.reason, status == CPTS_OK ? "" : "IDENTITY_MALFORMED");
    return status;
}

static void test_rpc_peer__accepts_the_four_forms(void)
{
    CU_ASSERT_EQUAL(check("spiffe://cpts.test/node/national"), CPTS_OK);
    CU_ASSERT_EQUAL(check("spiffe://cpts.test/node/region/11"), CPTS_OK);
    CU_ASSERT_EQUAL(check("spiffe://cpts.test/cpts/" UUID), CPTS_OK);
    CU_ASSERT_EQUAL(check("spiffe://cpts.test/user/" UUID), CPTS_OK);
}

static void test_rpc_peer__refuses_every_other_form(void)
{
    static const char *const URIS[] = {
        "",
        "spiffe://",
        "spiffe://cpts.test",
        "spiffe://cpts.test/",
        "spiffe://cpts.test/node",
        "spiffe://cpts.test/node/",
        "spiffe://cpts.test/node/nationale",
        "spiffe://cpts.test/node/national/",
        "spiffe://cpts.test//node/national",
        "spiffe://cpts.test/node/region/",
        "spiffe://cpts.test/node/region/1",
        "spiffe://cpts.test/node/region/111",
        "spiffe://cpts.test/node/region/1a",
        "spiffe://cpts.test/node/region/11?x",
        "spiffe://cpts.test/cpts/",
        "spiffe://cpts.test/cpts/01890A5D-AC96-774B-BCCE-B302099A8057",
        "spiffe://cpts.test/user/" UUID "0",
        "spiffe://cpts.test/user/01890a5dac96774bbcceb302099a8057",
        "spiffe://cpts.test/other/" UUID,
        "spiffe://cpts.test.example/node/national",
        "spiffe://cpts.tes/node/national",
        "spiffe://CPTS.test/node/national",
        "SPIFFE://cpts.test/node/national",
        "https://cpts.test/node/national",
        " spiffe://cpts.test/node/national",
    };
    for (size_t i = 0; i < sizeof URIS / sizeof URIS[0]; i++)
        CU_ASSERT_EQUAL(check(URIS[i]), CPTS_UNAUTHENTICATED);
}

static void test_rpc_peer__reads_no_further_than_the_length(void)
{
    static const char TEXT[] = "spiffe://cpts.test/node/national/more";
    CU_ASSERT_EQUAL(
        peer_uri_check(TEXT, strlen("spiffe://cpts.test/node/national"), "cpts.test", NULL),
        CPTS_OK);
}

static void test_rpc_peer__refuses_a_nul_inside(void)
{
    static const char TEXT[] = "spiffe://cpts.test/node/national\0";
    CU_ASSERT_EQUAL(peer_uri_check(TEXT, sizeof TEXT - 1, "cpts.test", NULL), CPTS_UNAUTHENTICATED);
}

static void test_rpc_peer__refuses_what_does_not_fit_a_principal(void)
{
    char domain[PRINCIPAL_URI_BYTES];
    char uri[2 * PRINCIPAL_URI_BYTES] = "spiffe://";
    memset(domain, 'a', sizeof domain - 1);
    domain[sizeof domain - 1] = '\0';
    strcat(uri, domain);
    strcat(uri, "/node/national");
    CU_ASSERT_EQUAL(peer_uri_check(uri, strlen(uri), domain, NULL), CPTS_UNAUTHENTICATED);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_peer__accepts_the_four_forms),
    UNIT_TEST(test_rpc_peer__refuses_every_other_form),
    UNIT_TEST(test_rpc_peer__reads_no_further_than_the_length),
    UNIT_TEST(test_rpc_peer__refuses_a_nul_inside),
    UNIT_TEST(test_rpc_peer__refuses_what_does_not_fit_a_principal),
};

UNIT_MAIN("rpc_peer")
