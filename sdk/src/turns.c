/* SPDX-License-Identifier: Apache-2.0 */
#include "turns.h"

#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool cpts_turns__init(struct turns *turns, bool with_descriptor)
{
    turns->first = NULL;
    turns->last = &turns->first;
    turns->event_fd = with_descriptor ? eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) : -1;
    return !with_descriptor || turns->event_fd >= 0;
}

void cpts_turns__done(struct turns *turns)
{
    if (turns->event_fd >= 0)
        close(turns->event_fd);
    turns->event_fd = -1;
}

/* Writing and reading neither block nor fail. */
void cpts_turns__push(struct turns *turns, struct turn *turn)
{
    if (turns->first == NULL && turns->event_fd >= 0)
        (void)!eventfd_write(turns->event_fd, 1);
    turn->next = NULL;
    *turns->last = turn;
    turns->last = &turn->next;
}

struct turn *cpts_turns__pop(struct turns *turns)
{
    eventfd_t ignored;
    struct turn *turn = turns->first;
    if (turn == NULL)
        return NULL;
    turns->first = turn->next;
    if (turns->first != NULL)
        return turn;
    turns->last = &turns->first;
    if (turns->event_fd >= 0)
        (void)!eventfd_read(turns->event_fd, &ignored);
    return turn;
}
