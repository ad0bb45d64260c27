/* The bare client's own types: many readers, a speaker for each room, one epoll, counts.
 *
 * Reading order: client.h, client.c (phases), client_wire.c (connections),
 * client_readers.c (who reads), client_parse.c (bytes into deliveries), client_speak.c, client_count.c. */
#ifndef FLOOR_CLIENT_H
#define FLOOR_CLIENT_H

#include "bytes.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

#define TAG_LEN 8 /* hex digits: the number of the draft, from 0 */

enum transport { WEBSOCKET, NDJSON_STREAM, SSE_STREAM, LONG_POLL, SHORT_POLL };

struct options {
    struct sockaddr_in server;
    char address[64]; /* for the Host header */
    const char *room; /* with several rooms: what their names begin with */
    uint32_t rooms;   /* reader i is in room i % rooms */
    const char *path, *publish_path; /* NULL: our contract's */
    const char *header; /* of each reader's question, or NULL */
    const char *after; /* the place to begin at */
    bool drafts; /* messages come as they were published, not as events */
    bool place_in_head; /* of a poll's answer, as HTTP caches have it */
    enum transport transport;
    const char *transport_name;
    uint32_t readers;
    uint32_t sources; /* how many of 127.0.0.x to connect from */
    double rate;      /* drafts a second in each room; 0: nobody speaks */
    uint32_t burst;   /* drafts sent together */
    uint32_t in_flight; /* not 0: instead of a rate, this many unheard drafts in each room */
    uint32_t payload; /* bytes of text */
    double seconds, warm_up, interval;
    uint32_t hold; /* seconds */
    bool speaks_ws;
    int server_pid;
    bool csv;
};
extern struct options options;

/* A connection to the server; sealed in floor-client-tls. */
struct wire {
    int fd;
#ifdef FLOOR_TLS
    struct ssl_st *tls;
#endif
};

/* Whether a read that came back short has emptied the socket. Under TLS it has
 * only emptied a record. */
#ifdef FLOOR_TLS
#define SHORT_IS_ALL false
#else
#define SHORT_IS_ALL true
#endif

/* 40 bytes, and what is kept of a message that has not come whole. */
struct reader {
    struct wire wire;
    bool open; /* its handshake or first answer is over */
    bool waits; /* a poll is on its way */
    uint64_t after; /* UINT64_MAX: where it begins */
    char *place; /* with --place head: the lines of the next question */
    struct bytes kept;
};

struct counts {
    uint64_t deliveries, exchanges, empty_exchanges;
};
extern struct counts counts;

uint64_t now_ns(void);
void give_up(const char *what);

/* client_args.c */
void read_arguments(int count, char **argument);
void write_room(char *text, size_t room_for, uint32_t room);
uint32_t readers_in(uint32_t room);

/* client_wire.c: as connect, send and recv are. */
void wire_open(struct wire *wire, uint32_t source);
void wire_never_waits(struct wire *wire);
ssize_t wire_send(struct wire *wire, const void *data, size_t len);
ssize_t wire_receive(struct wire *wire, void *data, size_t len);

/* client_readers.c */
void readers_connect(int epoll);
void reader_receive(struct reader *reader);
void readers_ask_due(uint64_t now);
uint64_t readers_next_due(void);
uint32_t readers_open(void);
bool reader_is_one(const void *tag);

/* client_parse.c: bytes used, 0 when the rest has not come. */
size_t parse(struct reader *reader, char *data, size_t len, uint64_t now);

/* client_speak.c */
struct speaker;
void speakers_connect(int epoll);
void speakers_begin(uint64_t now);
void speakers_speak_due(uint64_t now);
uint64_t speakers_next_due(void);
void speaker_receive(struct speaker *speaker);
void speakers_stop(void);

/* client_count.c */
void count_prepare(void);
void count_said(uint32_t room, uint64_t now);
uint32_t count_unheard(uint32_t room);
void count_heard(const char *json, size_t len, uint64_t now);
bool count_is_complete(void);
void measure_idle(void);
void measure_begin(void);
void measure_end(void);
void report(void);

#endif
