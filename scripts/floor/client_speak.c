/* A speaker for each room: drafts on a schedule, the rooms in turn, or as many as are to be in flight in each. */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define PATIENCE_MS 10000

static struct speaker {
    struct wire wire;
    char *request; /* one draft, ready to send but for its tag */
    size_t request_len, tag_at;
    struct bytes out;
} *speakers; /* speaker i is in room i; NULL when nobody speaks */
static bool speaking;
static uint64_t began;
static uint32_t said;

static size_t draft_json(char *json, char *text)
{
    memset(text, 'x', options.payload);
    text[options.payload] = 0;
    return (size_t)sprintf(json, "{\"from\":\"floor\",\"text\":\"%s\",\"tag\":\"%08x\"}", text, 0);
}

/* A mask of zeros leaves the text as it is; the server unmasks all the same. */
static size_t frame_head(char *at, size_t len)
{
    size_t extra = len < 126 ? 0 : len < 65536 ? 2 : 8;
    at[0] = (char)0x81;
    at[1] = (char)(0x80 | (extra == 0 ? len : extra == 2 ? 126 : 127));
    for (size_t i = 0; i < extra; i++)
        at[2 + i] = (char)(len >> 8 * (extra - 1 - i));
    memset(at + 2 + extra, 0, 4);
    return 2 + extra + 4;
}

static const char *publish_path(const char *room)
{
    static char path[300];
    if (options.publish_path)
        return options.publish_path;
    snprintf(path, sizeof path, "/rooms/%s/messages", room);
    return path;
}

static void prepare(struct speaker *speaker, const char *room)
{
    char *text = malloc(options.payload + 1), *json = malloc(options.payload + 200);
    char *request = speaker->request = malloc(options.payload + 800);
    if (!text || !json || !request)
        give_up("no memory for a draft");
    size_t len = draft_json(json, text), head;
    if (options.speaks_ws)
        head = frame_head(request, len);
    else
        head = (size_t)sprintf(request,
                               "POST %s HTTP/1.1\r\nhost: %s\r\n"
                               "content-type: application/json\r\ncontent-length: %zu\r\n\r\n",
                               publish_path(room), options.address, len);
    memcpy(request + head, json, len);
    speaker->request_len = head + len;
    speaker->tag_at = speaker->request_len - TAG_LEN - 2;
    free(text);
    free(json);
}

static void upgrade(struct wire *wire, const char *room)
{
    char text[512];
    int len = snprintf(text, sizeof text,
                       "GET /rooms/%s/ws?after=latest HTTP/1.1\r\nhost: %s\r\nconnection: Upgrade\r\n"
                       "upgrade: websocket\r\nsec-websocket-version: 13\r\n"
                       "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                       room, options.address);
    if (wire_send(wire, text, (size_t)len) != len || wire_receive(wire, text, sizeof text) < 12)
        give_up("the speaker cannot upgrade");
    if (memcmp(text + 9, "101", 3) != 0)
        give_up("the speaker was not upgraded");
}

void speakers_connect(int epoll)
{
    char room[256];
    if (options.rate <= 0 && !options.in_flight)
        return;
    speakers = calloc(options.rooms, sizeof *speakers);
    if (!speakers)
        give_up("no memory for the speakers");
    for (uint32_t i = 0; i < options.rooms; i++) {
        struct speaker *speaker = &speakers[i];
        write_room(room, sizeof room, i);
        prepare(speaker, room);
        wire_open(&speaker->wire, 0);
        if (options.speaks_ws)
            upgrade(&speaker->wire, room);
        wire_never_waits(&speaker->wire);
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = speaker};
        epoll_ctl(epoll, EPOLL_CTL_ADD, speaker->wire.fd, &event);
    }
}

void speakers_begin(uint64_t now)
{
    speaking = speakers != NULL;
    began = now;
}

void speakers_stop(void) { speaking = false; }

/* Each room has its rate, so all together have `rooms` times as much. */
uint64_t speakers_next_due(void)
{
    if (!speaking || options.in_flight)
        return UINT64_MAX;
    return began + (uint64_t)((double)said / (options.rate * options.rooms) * 1e9);
}

static void add_draft(uint32_t room, uint64_t now)
{
    struct speaker *speaker = &speakers[room];
    char tag[TAG_LEN + 1];
    snprintf(tag, sizeof tag, "%08x", said++);
    memcpy(speaker->request + speaker->tag_at, tag, TAG_LEN);
    bytes_add(&speaker->out, speaker->request, speaker->request_len);
    count_said(room, now);
}

/* A full socket is waited for: a schedule that skips drafts would measure less. */
static void send_out(struct speaker *speaker)
{
    struct bytes *out = &speaker->out;
    size_t sent = 0;
    while (sent < out->len) {
        ssize_t done = wire_send(&speaker->wire, out->at + sent, out->len - sent);
        if (done > 0) {
            sent += (size_t)done;
            continue;
        }
        struct pollfd socket = {.fd = speaker->wire.fd, .events = POLLOUT};
        if (done == 0 || errno != EAGAIN || poll(&socket, 1, PATIENCE_MS) < 1)
            give_up("the speaker cannot speak");
    }
    out->len = 0;
}

/* What is due together goes out in one write. */
void speakers_speak_due(uint64_t now)
{
    if (!speaking)
        return;
    if (options.in_flight) {
        for (uint32_t room = 0; room < options.rooms; room++)
            while (count_unheard(room) < options.in_flight)
                add_draft(room, now);
    } else {
        while (speakers_next_due() <= now) {
            uint32_t room = said / options.burst % options.rooms;
            for (uint32_t i = 0; i < options.burst; i++)
                add_draft(room, now);
        }
    }
    for (uint32_t room = 0; room < options.rooms; room++)
        send_out(&speakers[room]);
}

/* Answers are thrown away, unless one of them says no. */
void speaker_receive(struct speaker *speaker)
{
    char text[65536];
    ssize_t got;
    do {
        got = wire_receive(&speaker->wire, text, sizeof text);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            give_up("the speaker was left");
        if (got > 0 && !options.speaks_ws && memmem(text, (size_t)got, "\"error\":", 8)) {
            fprintf(stderr, "a draft was refused: %.*s\n", (int)got, text);
            exit(1);
        }
    } while (!SHORT_IS_ALL && got > 0);
}
