/* The sweep: every reader of a room is carried from its place to the head.
 *
 * It costs one system call per reader and event (with --coalesce: per reader)
 * and touches nothing but that reader's place. There are no queues: who is
 * blocked keeps its place, and goes on from there when its socket has room. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define MOST_PIECES 256 /* of one vectored write: a whole log by default */

static struct room *dirty;

/* What a vectored write did not take of a frame goes with the connection: the
 * log may drop the event before the socket has room again. If it took nothing,
 * one frame does so, too, which is what marks the reader as blocked. */
static void account_for(struct conn *c, const struct iovec *piece, int count, size_t sent)
{
    while (count && sent >= piece->iov_len) {
        sent -= piece->iov_len;
        piece++, count--;
        c->place++;
    }
    if (count) {
        conn_keep_unsent(c, (char *)piece->iov_base + sent, piece->iov_len - sent);
        c->place++;
    }
}

static void send_many(struct conn *c)
{
    struct iovec pieces[MOST_PIECES];
    struct msghdr message = {.msg_iov = pieces};
    int count = 0;
    for (uint64_t seq = c->place + 1; seq <= c->room->head && count < MOST_PIECES; seq++) {
        struct span frame = room_event(c->room, seq)->frame[c->kind];
        pieces[count++] = (struct iovec){frame.at, frame.len};
    }
    message.msg_iovlen = (size_t)count;
    ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        conn_die(c);
    else
        account_for(c, pieces, count, sent < 0 ? 0 : (size_t)sent);
}

static void send_one(struct conn *c)
{
    struct span frame = room_event(c->room, ++c->place)->frame[c->kind];
    conn_send(c, frame.at, frame.len);
}

/* On from its place to the head, or until its socket is full. */
void reader_advance(struct conn *c)
{
    uint64_t oldest = room_oldest(c->room);
    if (c->place + 1 < oldest && !conn_blocked(c)) {
        char gap[GAP_LEN];
        size_t len = event_gap(gap, c->kind, oldest - 1 - c->place, oldest - 1);
        c->place = oldest - 1;
        conn_send(c, gap, len);
    }
    while (c->place < c->room->head && !conn_blocked(c) && !c->dead) {
        if (settings.coalesce && c->place + 1 < c->room->head)
            send_many(c);
        else
            send_one(c);
    }
}

/* The one place where the two floors differ: the plain one writes now, the
 * other with all of the sweep (sweep_uring.c). */
static void send_in_sweep(struct conn *c, struct span data)
{
#ifdef FLOOR_URING
    uring_send(c, data);
#else
    conn_send(c, data.at, data.len);
#endif
}

static void sweep_is_over(void)
{
#ifdef FLOOR_URING
    uring_flush();
#endif
}

static void sweep_reader(struct conn *c)
{
    if (c->place + 1 != c->room->head) {
        reader_advance(c);
    } else if (!c->dead && !conn_blocked(c)) {
        c->place++;
        send_in_sweep(c, room_event(c->room, c->place)->frame[c->kind]);
    }
}

static void answer_parked(struct room *room, uint32_t begin)
{
    struct people *parked = &room->parked;
    for (uint32_t i = 0; i < parked->len; i++) {
        struct conn *c = parked->at[(begin + i) % parked->len];
        if (c->dead)
            continue; /* reap will take it from its list */
        hold_cancel(c);
        send_in_sweep(c, answer_for(room, c->place));
    }
    sweep_is_over();
    /* All of them are free again, the dead at their end. */
    uint32_t count = parked->len;
    parked->len = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct conn *c = parked->at[i];
        c->kind = HTTP;
        c->room = NULL;
        conn_resume_later(c);
    }
}

/* Each sweep begins one seat further on, so that nobody is always last. */
static void sweep(struct room *room)
{
    struct people *readers = &room->readers;
    uint32_t turn = room->turn++;
    uint32_t begin = readers->len ? turn % readers->len : 0;
    for (uint32_t i = begin; i < readers->len; i++)
        sweep_reader(readers->at[i]);
    for (uint32_t i = 0; i < begin; i++)
        sweep_reader(readers->at[i]);
    sweep_is_over();
    if (room->parked.len)
        answer_parked(room, turn % room->parked.len);
}

/* At once, or once at the end of the round when writes are to be coalesced. */
void sweep_soon(struct room *room)
{
    if (!settings.coalesce) {
        sweep(room);
    } else if (!room->dirty) {
        room->dirty = true;
        room->next_dirty = dirty;
        dirty = room;
    }
}

/* False when there was nothing to do. */
bool sweep_dirty(void)
{
    bool any = dirty != NULL;
    while (dirty) {
        struct room *room = dirty;
        dirty = room->next_dirty;
        room->dirty = false;
        sweep(room);
    }
    return any;
}

void sweep_goodbye(struct room *room)
{
    answer_parked(room, 0);
    while (room->readers.len) {
        struct conn *c = room->readers.at[room->readers.len - 1];
        bool whole = !conn_blocked(c) && !c->dead; /* else it would be inside a frame */
        if (whole && c->kind == WS)
            conn_send(c, "\x88\x02\x03\xE9", 4); /* close, 1001 */
        else if (whole)
            conn_send(c, "0\r\n\r\n", 5);
        room_leave(c);
    }
}
