/* SPDX-License-Identifier: Apache-2.0 */
/* A box that several hands have open: sendings, calls, handles, processes. */
#include "outbox_ticket.h"

#include <cpts/outbox.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "operation.h"
#include "support/unit.h"
#include "wire/error.h"

#define FIRST "0193f1a2-5a7e-7000-8000-2f3b5c1d9e01"
/* Of a settling: the node carried it out. */
#define ACCEPTED REASON_COUNT
#define SECOND "0193f1a2-5a7e-7000-8000-2f3b5c1d9e02"

static char folder[32];
static char path[64];
static cpts_outbox *outbox;
static struct cpts_error error;

static cpts_outbox *open_box(void)
{
    struct cpts_outbox_options options = {.size = sizeof options, .path = path};
    cpts_outbox *opened = NULL;
    CU_ASSERT_EQUAL_FATAL(cpts_outbox_open(&options, &opened, &error), CPTS_OK);
    return opened;
}

static void set_up(void)
{
    strcpy(folder, "/tmp/outboxXXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/box", folder);
    outbox = open_box();
}

static void tear_down(void)
{
    char command[64];
    cpts_outbox_close(outbox);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

/* A call keeps a command, to send it. */
static cpts_status keep(const char *command_id, struct outbox_ticket *ret_ticket)
{
    const struct cpts_bytes request = {(const uint8_t *)"x", 1};
    error_clear(&error);
    return cpts_outbox__keep(outbox, OPERATION_REGISTRY_UPDATE, command_id, request, ret_ticket,
                             &error);
}

/* A sending takes the oldest command after a place. */
static struct outbox_ticket take_after(cpts_outbox *box, int64_t place)
{
    enum operation operation;
    struct cpts_bytes request = {0};
    struct outbox_ticket ticket = {0};
    error_clear(&error);
    CU_ASSERT_EQUAL_FATAL(cpts_outbox__take(box, place, &ticket, &operation, &request, &error),
                          CPTS_OK);
    free((void *)(uintptr_t)request.bytes);
    return ticket;
}

static void settle(const struct outbox_ticket *ticket, enum reason reason)
{
    struct cpts_error failure = {0};
    cpts_status status = reason == ACCEPTED ? CPTS_OK : error_set(&failure, reason, "no");
    (void)cpts_outbox__settle(ticket, status, NULL, &failure);
}

static struct cpts_outbox_entry entry_of(const char *command_id)
{
    struct cpts_outbox_entry entry;
    CU_ASSERT_EQUAL_FATAL(cpts_outbox_get(outbox, command_id, &entry, &error), CPTS_OK);
    return entry;
}

/* A command that certainly was not sent. */
static struct cpts_outbox_entry one_waits(void)
{
    struct outbox_ticket ticket;
    CU_ASSERT_EQUAL_FATAL(keep(FIRST, &ticket), CPTS_OK);
    settle(&ticket, REASON_CONNECTION_FAILED);
    CU_ASSERT_EQUAL(entry_of(FIRST).state, CPTS_OUTBOX_NOT_SENT);
    return entry_of(FIRST);
}

static void test_ticket__a_doubt_of_one_process_is_one_of_all(void)
{
    set_up();
    (void)one_waits();
    cpts_outbox *other = open_box();
    struct outbox_ticket own = take_after(outbox, 0), others = take_after(other, 0);
    CU_ASSERT_EQUAL(own.place, others.place);
    settle(&own, REASON_CONNECTION_FAILED);
    CU_ASSERT_EQUAL(entry_of(FIRST).state, CPTS_OUTBOX_POSSIBLY_ACCEPTED);
    settle(&others, REASON_CONNECTION_FAILED);
    CU_ASSERT_EQUAL(entry_of(FIRST).state, CPTS_OUTBOX_POSSIBLY_ACCEPTED);
    cpts_outbox_close(other);
    tear_down();
}

static void test_ticket__what_one_process_was_told_no_other_one_takes_back(void)
{
    set_up();
    (void)one_waits();
    cpts_outbox *other = open_box();
    struct outbox_ticket own = take_after(outbox, 0), others = take_after(other, 0);
    settle(&own, ACCEPTED);
    settle(&others, REASON_CONNECTION_FAILED);
    struct cpts_outbox_entry entry = entry_of(FIRST);
    CU_ASSERT_EQUAL(entry.state, CPTS_OUTBOX_ACCEPTED);
    CU_ASSERT_EQUAL(entry.byte_count, 0);
    CU_ASSERT_EQUAL(entry.error.status, CPTS_OK);
    cpts_outbox_close(other);
    tear_down();
}

static void test_ticket__what_was_refused_and_is_repeated_waits_again(void)
{
    struct outbox_ticket ticket;
    set_up();
    struct cpts_outbox_entry first = one_waits();
    CU_ASSERT_EQUAL(keep(SECOND, &ticket), CPTS_UNAVAILABLE);
    ticket = take_after(outbox, first.place);
    settle(&ticket, REASON_CPTS_NOT_FOUND);
    CU_ASSERT_EQUAL(entry_of(SECOND).state, CPTS_OUTBOX_REJECTED);
    CU_ASSERT_EQUAL(keep(SECOND, &ticket), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    CU_ASSERT_STRING_EQUAL(error.detail, "NOT_SENT");
    CU_ASSERT_EQUAL(entry_of(SECOND).state, CPTS_OUTBOX_NOT_SENT);
    tear_down();
}

static void test_ticket__what_was_accepted_and_is_repeated_is_asked_at_once(void)
{
    struct outbox_ticket ticket;
    set_up();
    struct cpts_outbox_entry first = one_waits();
    CU_ASSERT_EQUAL(keep(SECOND, &ticket), CPTS_UNAVAILABLE);
    ticket = take_after(outbox, first.place);
    settle(&ticket, ACCEPTED);
    CU_ASSERT_EQUAL(keep(SECOND, &ticket), CPTS_OK);
    settle(&ticket, REASON_CONNECTION_FAILED);
    CU_ASSERT_EQUAL(entry_of(SECOND).state, CPTS_OUTBOX_ACCEPTED);
    tear_down();
}

static void test_ticket__nothing_passes_what_had_waited(void)
{
    struct outbox_ticket ticket;
    set_up();
    (void)one_waits();
    struct outbox_ticket sent = take_after(outbox, 0);
    CU_ASSERT_EQUAL(keep(SECOND, &ticket), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    settle(&sent, ACCEPTED);
    CU_ASSERT_EQUAL(take_after(outbox, sent.place).place, entry_of(SECOND).place);
    tear_down();
}

/* Opens the box twice, closes one, keeps a command once told to, and is killed. */
static void keep_and_die(int ready, int go)
{
    char byte = 'x';
    struct outbox_ticket ticket;
    outbox = open_box();
    cpts_outbox_close(open_box());
    bool is_kept =
        write(ready, &byte, 1) == 1 && read(go, &byte, 1) == 1 && keep(FIRST, &ticket) == CPTS_OK;
    kill(getpid(), is_kept ? SIGKILL : SIGABRT);
}

/* To close one handle of a process does not let go of what the other one keeps. */
static void test_ticket__opened_twice_it_keeps_all_the_same(void)
{
    int ready[2], go[2], status = 0;
    char byte = 'x';
    set_up();
    cpts_outbox_close(outbox);
    CU_ASSERT_EQUAL_FATAL(pipe(ready) | pipe(go), 0);
    pid_t child = fork();
    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0)
        keep_and_die(ready[1], go[0]);
    CU_ASSERT_EQUAL_FATAL(read(ready[0], &byte, 1), 1);
    cpts_outbox_close(open_box());
    CU_ASSERT_EQUAL_FATAL(write(go[1], &byte, 1), 1);
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    outbox = open_box();
    CU_ASSERT_EQUAL(entry_of(FIRST).state, CPTS_OUTBOX_POSSIBLY_ACCEPTED);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
    tear_down();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_ticket__a_doubt_of_one_process_is_one_of_all),
    UNIT_TEST(test_ticket__what_one_process_was_told_no_other_one_takes_back),
    UNIT_TEST(test_ticket__what_was_refused_and_is_repeated_waits_again),
    UNIT_TEST(test_ticket__what_was_accepted_and_is_repeated_is_asked_at_once),
    UNIT_TEST(test_ticket__nothing_passes_what_had_waited),
    UNIT_TEST(test_ticket__opened_twice_it_keeps_all_the_same),
};

UNIT_MAIN("outbox_ticket")
