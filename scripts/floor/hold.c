/* Holds: connections that something must happen to at a time of their own.
 *
 * All holds of one length form one queue, and a queue of equal waits is in
 * order of its deadlines without sorting: to begin and to cancel cost O(1). */
#include "floor.h"

#define STEP_MS 100
#define LONGEST_MS 120000
#define QUEUES (LONGEST_MS / STEP_MS + 1)

static struct {
    struct conn *first, *last;
} queues[QUEUES];

/* Never later than the earliest deadline; cancelling leaves it as it is, which
 * costs one empty round at worst. */
static uint64_t next_ms = UINT64_MAX;

void hold_begin(struct conn *c, uint64_t ms)
{
    uint64_t steps = (ms + STEP_MS - 1) / STEP_MS;
    c->queue = steps < QUEUES ? (uint16_t)steps : QUEUES - 1;
    c->deadline_ms = round_ms + c->queue * STEP_MS;
    c->earlier = queues[c->queue].last;
    c->later = NULL;
    *(c->earlier ? &c->earlier->later : &queues[c->queue].first) = c;
    queues[c->queue].last = c;
    if (c->deadline_ms < next_ms)
        next_ms = c->deadline_ms;
}

void hold_cancel(struct conn *c)
{
    if (c->deadline_ms == 0)
        return;
    *(c->earlier ? &c->earlier->later : &queues[c->queue].first) = c->later;
    *(c->later ? &c->later->earlier : &queues[c->queue].last) = c->earlier;
    c->deadline_ms = 0;
}

static void fire(struct conn *c)
{
    hold_cancel(c);
    if (c->kind != PARKED || c->dead) {
        conn_die(c); /* lingered long enough */
        return;
    }
    struct room *room = c->room;
    room_leave(c);
    c->kind = HTTP;
    answer_batch(c, room, c->place);
    conn_resume_later(c);
}

void holds_fire(void)
{
    if (round_ms < next_ms)
        return;
    next_ms = UINT64_MAX;
    for (int queue = 0; queue < QUEUES; queue++) {
        struct conn *c;
        while ((c = queues[queue].first) && c->deadline_ms <= round_ms)
            fire(c);
        if (c && c->deadline_ms < next_ms)
            next_ms = c->deadline_ms;
    }
}

/* For epoll_wait: -1 when nobody waits. */
int holds_timeout(void)
{
    if (next_ms == UINT64_MAX)
        return -1;
    return next_ms > round_ms ? (int)(next_ms - round_ms) : 0;
}
