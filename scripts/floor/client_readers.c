/* The readers: connected, read, and asked again where a poll is over. */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static struct reader *readers;
static char scratch[262144];
static uint32_t open_readers;
static uint64_t polls_from, polls_asked; /* the schedule of short polls */

/* Path and query of the next question. */
static int write_target(char *text, size_t room_for, const struct reader *reader)
{
    static const char *const verbs[] = {"ws", "stream", "sse", "long-poll", "poll"};
    char place[32], room[256];
    if (options.path)
        return snprintf(text, room_for, "%s", options.path);
    snprintf(place, sizeof place, "%s", options.after);
    if (reader->after != UINT64_MAX)
        sprintf(place, "%llu", (unsigned long long)reader->after);
    write_room(room, sizeof room, (uint32_t)(reader - readers) % options.rooms);
    int len = snprintf(text, room_for, "/rooms/%s/%s?after=%s", room, verbs[options.transport], place);
    if (options.transport == LONG_POLL)
        len += snprintf(text + len, room_for - (size_t)len, "&hold=%u", options.hold);
    return len;
}

static void ask(struct reader *reader)
{
    char text[1024];
    int len = sprintf(text, "GET ");
    len += write_target(text + len, 512, reader);
    len += snprintf(text + len, sizeof text - (size_t)len, " HTTP/1.1\r\nhost: %s\r\n%s%s%s%s\r\n", options.address,
                    options.header ? options.header : "", options.header ? "\r\n" : "",
                    reader->place ? reader->place : "",
                    options.transport == WEBSOCKET
                        ? "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
                          "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                        : "");
    if (wire_send(&reader->wire, text, (size_t)len) != len)
        give_up("cannot ask");
    reader->waits = true;
}

void readers_connect(int epoll)
{
    readers = calloc(options.readers, sizeof *readers);
    if (!readers)
        give_up("no memory for the readers");
    for (uint32_t i = 0; i < options.readers; i++) {
        struct reader *reader = &readers[i];
        wire_open(&reader->wire, i % options.sources);
        reader->after = UINT64_MAX;
        ask(reader);
        wire_never_waits(&reader->wire);
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = reader};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, reader->wire.fd, &event) < 0)
            give_up("cannot watch a reader");
    }
    /* A first long poll waits for the first event: it cannot be seen to begin. */
    open_readers = options.transport == LONG_POLL ? options.readers : 0;
    polls_from = now_ns();
}

uint32_t readers_open(void) { return open_readers; }

bool reader_is_one(const void *tag)
{
    return (const struct reader *)tag >= readers && (const struct reader *)tag < readers + options.readers;
}

static bool asks_at_once(void)
{
    return options.transport == LONG_POLL || (options.transport == SHORT_POLL && options.interval <= 0);
}

static void take(struct reader *reader, char *data, size_t len, uint64_t now)
{
    bool was_open = reader->open;
    size_t used = 0, taken;
    while (used < len && (taken = parse(reader, data + used, len - used, now)) > 0)
        used += taken;
    if (reader->open && !was_open && options.transport != LONG_POLL)
        open_readers++;
    if (data == reader->kept.at) {
        memmove(data, data + used, len - used);
        reader->kept.len = (uint32_t)(len - used);
        if (used == len)
            bytes_free(&reader->kept);
    } else if (used < len) {
        bytes_add(&reader->kept, data + used, len - used);
    }
    if (!reader->waits && asks_at_once())
        ask(reader);
}

void reader_receive(struct reader *reader)
{
    ssize_t got;
    do {
        got = wire_receive(&reader->wire, scratch, sizeof scratch);
        if (got == 0)
            give_up("the server ended a connection");
        if (got < 0 && errno != EAGAIN)
            give_up("cannot read");
        if (got <= 0)
            return;
        uint64_t now = now_ns();
        if (reader->kept.len) {
            bytes_add(&reader->kept, scratch, (size_t)got);
            take(reader, reader->kept.at, reader->kept.len, now);
        } else {
            take(reader, scratch, (size_t)got, now);
        }
    } while (!SHORT_IS_ALL || got == sizeof scratch);
}

static bool polls_by_schedule(void) { return options.transport == SHORT_POLL && options.interval > 0; }

/* Reader i of N asks i/N of an interval after the first one: no herd. */
uint64_t readers_next_due(void)
{
    if (!polls_by_schedule())
        return UINT64_MAX;
    return polls_from + (uint64_t)((double)polls_asked * options.interval * 1e9 / options.readers);
}

void readers_ask_due(uint64_t now)
{
    while (readers_next_due() <= now) {
        struct reader *reader = &readers[polls_asked++ % options.readers];
        if (!reader->waits) /* else its last answer is late: it skips a turn */
            ask(reader);
    }
}
