/* SPDX-License-Identifier: Apache-2.0 */
#include "testing_link.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ticks.h"
#include "wire/error.h"

struct letter {
    struct letter *next;
    size_t byte_count;
    uint8_t bytes[];
};

/* What waits for one end. */
struct wire_end {
    struct testing_wire *wire;
    int number;
    struct letter *first;
    struct letter *last;
    /* Sent by this end and held back. */
    struct letter *held;
    bool is_woken;
    pthread_cond_t moved;
};

struct testing_wire {
    pthread_mutex_t lock;
    struct wire_end ends[2];
    bool is_cut;
    testing_filter *filter;
    void *data;
};

static void init_end(struct testing_wire *wire, int number)
{
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    wire->ends[number].wire = wire;
    wire->ends[number].number = number;
    pthread_cond_init(&wire->ends[number].moved, &clock);
    pthread_condattr_destroy(&clock);
}

struct testing_wire *cpts_testing_wire__new(testing_filter *filter, void *data)
{
    struct testing_wire *wire = calloc(1, sizeof *wire);
    if (wire == NULL)
        return NULL;
    pthread_mutex_init(&wire->lock, NULL);
    init_end(wire, 0);
    init_end(wire, 1);
    wire->filter = filter;
    wire->data = data;
    return wire;
}

static void free_letters(struct letter *letter)
{
    while (letter != NULL) {
        struct letter *next = letter->next;
        free(letter);
        letter = next;
    }
}

void cpts_testing_wire__free(struct testing_wire *wire)
{
    if (wire == NULL)
        return;
    for (int i = 0; i < 2; i++) {
        free_letters(wire->ends[i].first);
        free(wire->ends[i].held);
        pthread_cond_destroy(&wire->ends[i].moved);
    }
    pthread_mutex_destroy(&wire->lock);
    free(wire);
}

/* Locked. */
static void cut(struct testing_wire *wire)
{
    wire->is_cut = true;
    pthread_cond_broadcast(&wire->ends[0].moved);
    pthread_cond_broadcast(&wire->ends[1].moved);
}

void cpts_testing_wire__cut(struct testing_wire *wire)
{
    pthread_mutex_lock(&wire->lock);
    cut(wire);
    pthread_mutex_unlock(&wire->lock);
}

static struct letter *write_letter(const uint8_t *bytes, size_t byte_count)
{
    struct letter *letter = malloc(sizeof *letter + byte_count);
    if (letter == NULL)
        return NULL;
    letter->next = NULL;
    letter->byte_count = byte_count;
    memcpy(letter->bytes, bytes, byte_count);
    return letter;
}

/* Locked; NULL is fine. */
static void deliver(struct wire_end *to, struct letter *letter)
{
    if (letter == NULL)
        return;
    if (to->last == NULL)
        to->first = letter;
    else
        to->last->next = letter;
    to->last = letter;
    pthread_cond_broadcast(&to->moved);
}

/* Locked. */
static void pass(struct wire_end *from, const uint8_t *bytes, size_t byte_count)
{
    struct testing_wire *wire = from->wire;
    struct wire_end *to = &wire->ends[1 - from->number];
    enum testing_deed deed = wire->filter == NULL
                                 ? TESTING_DELIVER
                                 : wire->filter(wire->data, from->number, bytes, byte_count);
    if (deed == TESTING_CUT)
        cut(wire);
    if (deed == TESTING_CUT || deed == TESTING_DROP)
        return;
    if (deed == TESTING_LATER && from->held == NULL) {
        from->held = write_letter(bytes, byte_count);
        return;
    }
    deliver(to, write_letter(bytes, byte_count));
    if (deed == TESTING_TWICE)
        deliver(to, write_letter(bytes, byte_count));
    deliver(to, from->held);
    from->held = NULL;
}

static cpts_status send_frame(void *link, const uint8_t *bytes, size_t byte_count,
                              struct cpts_error *err)
{
    struct wire_end *end = link;
    pthread_mutex_lock(&end->wire->lock);
    bool is_cut = end->wire->is_cut;
    if (!is_cut)
        pass(end, bytes, byte_count);
    pthread_mutex_unlock(&end->wire->lock);
    return is_cut ? error_set(err, REASON_CONNECTION_FAILED, "the wire is cut") : CPTS_OK;
}

/* Locked; waits for a letter, the cut, a wake-up, or the time. */
static struct letter *await(struct wire_end *end, int32_t timeout_ms)
{
    struct timespec until = cpts_ticks__in_ms(timeout_ms);
    while (end->first == NULL && !end->is_woken && !end->wire->is_cut) {
        if (pthread_cond_timedwait(&end->moved, &end->wire->lock, &until) != 0)
            break;
    }
    struct letter *letter = end->first;
    if (letter == NULL && timeout_ms > 0) /* else whoever woke it has not been heard */
        end->is_woken = false;
    if (letter == NULL)
        return NULL;
    end->first = letter->next;
    if (end->first == NULL)
        end->last = NULL;
    return letter;
}

static cpts_status receive_frame(void *link, int32_t timeout_ms, uint8_t **ret_bytes,
                                 size_t *ret_byte_count, struct cpts_error *err)
{
    struct wire_end *end = link;
    pthread_mutex_lock(&end->wire->lock);
    struct letter *letter = await(end, timeout_ms);
    bool is_cut = end->wire->is_cut;
    pthread_mutex_unlock(&end->wire->lock);
    *ret_bytes = NULL;
    if (letter == NULL && is_cut)
        return error_set(err, REASON_CONNECTION_FAILED, "the wire is cut");
    if (letter == NULL)
        return CPTS_OK;
    *ret_bytes = malloc(letter->byte_count + 1);
    if (*ret_bytes != NULL)
        memcpy(*ret_bytes, letter->bytes, letter->byte_count);
    *ret_byte_count = letter->byte_count;
    free(letter);
    return *ret_bytes != NULL ? CPTS_OK
                              : error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
}

static void close_end(void *link, const struct cpts_error *why)
{
    struct wire_end *end = link;
    (void)why;
    cpts_testing_wire__cut(end->wire);
}

static void wake_end(void *link)
{
    struct wire_end *end = link;
    pthread_mutex_lock(&end->wire->lock);
    end->is_woken = true;
    pthread_cond_broadcast(&end->moved);
    pthread_mutex_unlock(&end->wire->lock);
}

struct cpts_sync_link cpts_testing_wire__end(struct testing_wire *wire, int end)
{
    return (struct cpts_sync_link){.link = &wire->ends[end],
                                   .send = send_frame,
                                   .receive = receive_frame,
                                   .close = close_end,
                                   .wake = wake_end};
}
