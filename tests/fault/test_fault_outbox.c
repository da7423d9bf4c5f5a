/* SPDX-License-Identifier: Apache-2.0 */
/* A client with an outbox is killed (SIGKILL) at each place between keeping a command
 * and having its answer kept: the command is never lost once anything left the
 * machine, and what is sent again is the same bytes. */
#include <cpts/outbox.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

extern char **environ;

/* What is found after a death. */
struct death {
    const char *failpoint;
    /** UNSPECIFIED: the command is not in the box, and was not sent. */
    enum cpts_outbox_state state;
    int sent_count;
};

/* clang-format off */
static const struct death DEATHS[] = {
    {"outbox/keeping",  CPTS_OUTBOX_UNSPECIFIED,       0},
    {"outbox/kept",     CPTS_OUTBOX_POSSIBLY_ACCEPTED, 0},
    {"outbox/answered", CPTS_OUTBOX_POSSIBLY_ACCEPTED, 1},
    {"outbox/settling", CPTS_OUTBOX_POSSIBLY_ACCEPTED, 1},
    {"outbox/settled",  CPTS_OUTBOX_ACCEPTED,          1},
};
/* clang-format on */

static struct peer peer;
static char path[64];

/* Runs the victim. @return how it ended, as waitpid() says. */
static int run_victim(const char *failpoint)
{
    pid_t pid = 0;
    int ending = -1;
    struct cpts_client_options options = peer_options(peer.address);
    char *const arguments[] = {VICTIM,
                               peer.address,
                               path,
                               (char *)failpoint,
                               (char *)options.ca_file,
                               (char *)options.certificate_file,
                               (char *)options.key_file,
                               NULL};
    CU_ASSERT_EQUAL_FATAL(posix_spawn(&pid, VICTIM, NULL, NULL, arguments, environ), 0);
    CU_ASSERT_EQUAL_FATAL(waitpid(pid, &ending, 0), pid);
    return ending;
}

static enum cpts_outbox_state state_of(cpts_outbox *outbox)
{
    size_t count = 0;
    struct cpts_error error;
    struct cpts_outbox_entry entry = {0};
    CU_ASSERT_EQUAL_FATAL(
        cpts_outbox_list(outbox, CPTS_OUTBOX_UNSPECIFIED, 0, 1, &entry, &count, &error), CPTS_OK);
    return count == 0 ? CPTS_OUTBOX_UNSPECIFIED : entry.state;
}

/* All that the peer was sent is one command. */
static void check_same_bytes(void)
{
    struct peer_memory memory;
    peer_recall(&memory);
    for (int i = 1; i < memory.submission_count; i++)
        CU_ASSERT_EQUAL(
            memcmp(memory.submissions[0], memory.submissions[i], sizeof memory.submissions[0]), 0);
}

static void send_rest(cpts_outbox *outbox)
{
    struct cpts_error error;
    struct cpts_client_options options = peer_options(peer.address);
    cpts_client *client = peer_client(&options);
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, 0, NULL, NULL, NULL, &error), CPTS_OK);
    cpts_client_close(client, 0);
}

static void die_and_recover(const struct death *death)
{
    struct peer_memory memory;
    struct cpts_error error;
    cpts_outbox *outbox = NULL;
    struct cpts_outbox_options options = {.size = sizeof options, .path = path};
    peer_forget(false);
    int ending = run_victim(death->failpoint);
    CU_ASSERT_TRUE(WIFSIGNALED(ending) && WTERMSIG(ending) == SIGKILL);
    peer_recall(&memory);
    CU_ASSERT_EQUAL(memory.submission_count, death->sent_count);
    CU_ASSERT_EQUAL_FATAL(cpts_outbox_open(&options, &outbox, &error), CPTS_OK);
    CU_ASSERT_EQUAL(state_of(outbox), death->state);
    send_rest(outbox);
    if (death->state != CPTS_OUTBOX_UNSPECIFIED)
        CU_ASSERT_EQUAL(state_of(outbox), CPTS_OUTBOX_ACCEPTED);
    peer_recall(&memory);
    CU_ASSERT_EQUAL(memory.submission_count > 0, death->state != CPTS_OUTBOX_UNSPECIFIED);
    check_same_bytes();
    cpts_outbox_close(outbox);
}

static void test_outbox__survives_being_killed_anywhere(void)
{
    char folder[] = "/tmp/outboxXXXXXX";
    char command[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    peer_open(&peer, 1);
    for (size_t i = 0; i < sizeof DEATHS / sizeof DEATHS[0]; i++) {
        snprintf(path, sizeof path, "%s/%zu", folder, i);
        die_and_recover(&DEATHS[i]);
    }
    snprintf(path, sizeof path, "%s/alive", folder);
    CU_ASSERT_EQUAL(run_victim("none"), 0);
    peer_close(&peer);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_outbox__survives_being_killed_anywhere),
};

UNIT_MAIN("fault_outbox")
