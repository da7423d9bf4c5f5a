/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "integration/rpc_fixture.h"
#include "rpc/peer_certificate.h"
#include "support/unit.h"

static struct rpc_reply reply;

/* Calls Echo with that certificate; the server must be alive afterwards. */
static void call_as(const char *certificate)
{
    struct fixture fixture;
    struct rpc_reply alive;
    fixture_open(&fixture);
    struct rpc_client *client = fixture_client(&fixture, certificate);
    fixture_call(client, METHOD_ECHO, "who am I", &reply);
    rpc_client_close(client);
    client = fixture_client(&fixture, "national");
    fixture_call(client, METHOD_ECHO, "alive", &alive);
    CU_ASSERT_TRUE(fixture_is_echo(&alive, "alive"));
    rpc_client_close(client);
    fixture_close(&fixture);
}

static void assert_refused(const char *certificate, cpts_status status, const char *reason)
{
    call_as(certificate);
    CU_ASSERT_EQUAL(reply.status, status);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, reason);
    CU_ASSERT_EQUAL(reply.byte_count, 0);
}

/* In the handshake: the peer learns nothing but that it failed. */
static void assert_shut_out(const char *certificate)
{
    assert_refused(certificate, CPTS_UNAVAILABLE, "");
}

static void test_rpc_identity__knows_a_region(void)
{
    struct fixture fixture;
    struct fixture_seen seen;
    fixture_open(&fixture);
    struct rpc_client *client = fixture_client(&fixture, "region");
    fixture_call(client, METHOD_ECHO, "hello", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "hello"));
    fixture_seen(&seen);
    CU_ASSERT_STRING_EQUAL(seen.principal.uri, "spiffe://cpts.test/node/region/11");
    rpc_client_close(client);
    fixture_close(&fixture);
}

static void test_rpc_identity__shuts_out_a_client_without_certificate(void)
{
    assert_shut_out(NULL);
}

static void test_rpc_identity__shuts_out_a_foreign_ca(void)
{
    assert_shut_out("foreign");
}

static void test_rpc_identity__shuts_out_an_expired_certificate(void)
{
    assert_shut_out("expired");
}

static void test_rpc_identity__refuses_two_uris(void)
{
    assert_refused("two-uris", CPTS_UNAUTHENTICATED, "IDENTITY_NOT_UNIQUE");
}

static void test_rpc_identity__refuses_a_certificate_without_uri(void)
{
    assert_refused("no-uri", CPTS_UNAUTHENTICATED, "NO_IDENTITY");
}

static void test_rpc_identity__refuses_another_trust_domain(void)
{
    assert_refused("other-domain", CPTS_UNAUTHENTICATED, "IDENTITY_MALFORMED");
}

static void test_rpc_identity__refuses_an_identity_without_role(void)
{
    assert_refused("user", CPTS_PERMISSION_DENIED, "UNKNOWN_IDENTITY");
}

static void test_rpc_identity__shuts_out_plain_text(void)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct rpc_client_options options = {.port = rpc_server_port(fixture.server)};
    struct rpc_client *client = rpc_client_open(&options);
    fixture_call(client, METHOD_ECHO, "hello", &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_UNAVAILABLE);
    rpc_client_close(client);
    fixture_close(&fixture);
}

static void test_rpc_identity__knows_the_peer_of_a_resumed_session(void)
{
    struct fixture fixture;
    fixture_open(&fixture);
    grpc_ssl_session_cache *sessions = grpc_ssl_session_cache_create_lru(8);
    for (int i = 0; i < 2; i++) {
        struct rpc_client *client = fixture_client_resuming(&fixture, "region", sessions);
        fixture_call(client, METHOD_ECHO, "again", &reply);
        CU_ASSERT_TRUE(fixture_is_echo(&reply, "again"));
        CU_ASSERT_EQUAL(reply.session_resumed, i == 1);
        rpc_client_close(client);
    }
    struct fixture_seen seen;
    fixture_seen(&seen);
    CU_ASSERT_STRING_EQUAL(seen.principal.uri, "spiffe://cpts.test/node/region/11");
    grpc_ssl_session_cache_destroy(sessions);
    fixture_close(&fixture);
}

static size_t read_pem(const char *file, char *ret_pem, size_t pem_bytes)
{
    char path[FIXTURE_PATH_BYTES];
    fixture_path(file, path);
    FILE *stream = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    size_t read_bytes = fread(ret_pem, 1, pem_bytes, stream);
    fclose(stream);
    return read_bytes;
}

static void test_rpc_identity__a_certificate_is_read_and_remembered(void)
{
    char pem[4096];
    size_t pem_bytes = read_pem("national.pem", pem, sizeof pem);
    struct peer_certificates *certificates = peer_certificates_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(certificates);
    const struct peer_certificate *first = peer_certificates_find(certificates, pem, pem_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    time_t now = time(NULL);
    CU_ASSERT_TRUE(first->not_before <= now && now < first->not_after);
    CU_ASSERT_NOT_EQUAL(first->serial[0], '\0');
    CU_ASSERT_PTR_EQUAL(peer_certificates_find(certificates, pem, pem_bytes), first);
    pem_bytes = read_pem("expired.pem", pem, sizeof pem);
    CU_ASSERT_TRUE(peer_certificates_find(certificates, pem, pem_bytes)->not_after < now);
    pem_bytes = read_pem("national.key", pem, sizeof pem);
    CU_ASSERT_PTR_NULL(peer_certificates_find(certificates, pem, pem_bytes));
    peer_certificates_free(certificates);
}

static int count_lines(FILE *file)
{
    int count = 0;
    rewind(file);
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        count += c == '\n';
    return count;
}

/* Thirty failing handshakes. */
static void fail_handshakes(void)
{
    struct fixture fixture;
    fixture_open(&fixture);
    for (int i = 0; i < 30; i++) {
        struct rpc_client *client = fixture_client(&fixture, "foreign");
        fixture_call(client, METHOD_ECHO, "x", &reply);
        rpc_client_close(client);
    }
    fixture_close(&fixture);
}

static void test_rpc_identity__failed_handshakes_do_not_flood_the_log(void)
{
    FILE *log = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    dup2(fileno(log), STDERR_FILENO);
    int64_t begun_ns = clock_monotonic_ns();
    fail_handshakes();
    int64_t duration_s = (clock_monotonic_ns() - begun_ns) / 1000000000;
    dup2(kept, STDERR_FILENO);
    close(kept);
    CU_ASSERT_TRUE(count_lines(log) <= 10 + duration_s);
    fclose(log);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_identity__knows_a_region),
    UNIT_TEST(test_rpc_identity__shuts_out_a_client_without_certificate),
    UNIT_TEST(test_rpc_identity__shuts_out_a_foreign_ca),
    UNIT_TEST(test_rpc_identity__shuts_out_an_expired_certificate),
    UNIT_TEST(test_rpc_identity__refuses_two_uris),
    UNIT_TEST(test_rpc_identity__refuses_a_certificate_without_uri),
    UNIT_TEST(test_rpc_identity__refuses_another_trust_domain),
    UNIT_TEST(test_rpc_identity__refuses_an_identity_without_role),
    UNIT_TEST(test_rpc_identity__shuts_out_plain_text),
    UNIT_TEST(test_rpc_identity__knows_the_peer_of_a_resumed_session),
    UNIT_TEST(test_rpc_identity__a_certificate_is_read_and_remembered),
    UNIT_TEST(test_rpc_identity__failed_handshakes_do_not_flood_the_log),
};

UNIT_MAIN("rpc_identity")
