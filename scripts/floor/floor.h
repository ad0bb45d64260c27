/* The floor server's own types: one room log, many places in it, one epoll.
 *
 * Reading order: floor.h, main.c (the round), net.c (bytes in and out of a
 * socket), http.c and ws.c (what the bytes ask), draft.c (what was said),
 * event.c (its bytes), room.c (the log), sweep.c (to every reader), answer.c
 * (what a poll hears), hold.c (long polls that wait), tls.c (floor-tls). */
#ifndef FLOOR_H
#define FLOOR_H

#include "bytes.h"

#include <stdbool.h>
#include <sys/types.h>

#define LONGEST_ROOM_NAME 64
#define LONGEST_HEAD 16384 /* bytes of one request's head */
#define LONGEST_TEXT 65536 /* bytes of a draft's text as it was sent */
#define LONGEST_DRAFT (LONGEST_TEXT + 4096)

/* What a connection is now. The first three index event.frame. */
enum kind { NDJSON, SSE, WS, HTTP, PARKED, LINGER };
#define FRAMINGS 3

/* One entry of a log: its JSON once, and once in each framing. */
struct event {
    uint64_t seq;
    struct span json; /* points into the WebSocket frame */
    struct span frame[FRAMINGS];
    char text[];
};

/* 120 bytes: all that an idle reader costs, the kernel's part aside. */
struct conn {
    int fd;
#ifdef FLOOR_TLS
    struct ssl_st *tls;
#endif
    uint8_t kind;
    bool dead;   /* to be freed at the end of the round, never within it */
    bool unread; /* the edge said readable, but it was not the time to read */
    bool acks;   /* ?ack=1 */
    bool last;   /* end after what is on its way out */
    bool resuming;
    uint16_t queue; /* which queue of holds */
    uint32_t sent;  /* of `out` */
    uint32_t index; /* in room.readers, or room.parked when PARKED */
    struct room *room;
    uint64_t place;
    struct bytes in, out; /* only a piece of a request; only what did not fit */
    uint64_t deadline_ms;          /* 0 when not in a queue of holds */
    struct conn *earlier, *later; /* in that queue */
    struct conn *next;            /* in the list of the dead, or of the resuming */
};

struct people {
    struct conn **at;
    uint32_t len, room_for;
};

struct room {
    char name[LONGEST_ROOM_NAME + 1];
    uint64_t head; /* the last seq; 0 before anything was said */
    struct event **log;
    struct people readers, parked;
    uint32_t turn; /* where the next sweep begins */
    bool dirty;
    struct room *next_dirty, *next;
    /* The last poll answer made: those who ask from one place share it. */
    struct bytes answer;
    uint64_t answer_place, answer_head, answer_second;
};

struct draft {
    struct span from, text, tag; /* still escaped as they came */
};

/* main.c: what one round agrees on, so that it is asked of the kernel once. */
extern struct settings {
    bool coalesce;
    uint32_t log_events;
    const char *certificate, *key; /* only in floor-tls */
} settings;
extern uint64_t round_ms;     /* monotonic */
extern uint64_t round_second; /* Unix time */

/* net.c */
void net_open(int epoll, int listener);
void net_accept(void);
void conn_ready(struct conn *c, uint32_t events);
void conn_send(struct conn *c, const char *data, size_t len);
void conn_keep_unsent(struct conn *c, const char *data, size_t len);
void conn_end(struct conn *c);
void conn_die(struct conn *c);
void conn_resume_later(struct conn *c);
bool conn_resume_all(void);
void conn_reap(void);
static inline bool conn_blocked(const struct conn *c) { return c->out.len != 0; }

/* http.c, ws.c: each takes one request or frame and gives back how many bytes
 * that was; 0 when the rest of it has not come yet. */
size_t http_take(struct conn *c, char *data, size_t len);
size_t ws_take(struct conn *c, char *data, size_t len);
#define WS_ACCEPT_LEN 28
void ws_accept_key(struct span key, char accept[WS_ACCEPT_LEN + 1]);
size_t ws_head(char head[10], uint8_t opcode, size_t len);
void ws_goodbye(struct conn *c, uint16_t code);

/* draft.c: NULL, or what is wrong with it. */
const char *draft_read(struct span json, struct draft *draft);

/* room.c */
struct room *room_named(struct span name);
uint64_t room_say(struct room *room, const struct draft *draft);
void room_join(struct room *room, struct people *people, struct conn *c);
void room_leave(struct conn *c);
uint64_t room_oldest(const struct room *room);
struct event *room_event(const struct room *room, uint64_t seq);
void rooms_goodbye(void);

/* event.c */
#define GAP_LEN 256
struct event *event_new(uint64_t seq, const struct draft *draft);
size_t event_gap(char frame[GAP_LEN], uint8_t kind, uint64_t missed, uint64_t next);

/* sweep.c */
void reader_advance(struct conn *c);
void sweep_soon(struct room *room);
bool sweep_dirty(void);
void sweep_goodbye(struct room *room);

/* sweep_uring.c: only in floor-uring */
void uring_send(struct conn *c, struct span data);
void uring_flush(void);

/* tls.c: only in floor-tls */
void tls_open(const char *certificate, const char *key);
bool tls_accept(struct conn *c);
ssize_t tls_receive(struct conn *c, void *data, size_t len);
ssize_t tls_send(struct conn *c, const void *data, size_t len);
void tls_end(struct conn *c);
void tls_free(struct conn *c);

/* answer.c */
const char *http_date(void);
struct span answer_for(struct room *room, uint64_t place);
void answer_batch(struct conn *c, struct room *room, uint64_t place);
void answer_json(struct conn *c, const char *status, const char *json, size_t len);

/* hold.c */
void hold_begin(struct conn *c, uint64_t ms);
void hold_cancel(struct conn *c);
void holds_fire(void);
int holds_timeout(void);

#endif
