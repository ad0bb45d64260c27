/* HTTP/1.1: the requests of the wire contract that carry the measured
 * exchanges. Of the headers only those that change an answer are read. */
#define _GNU_SOURCE
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_HOLD_MS 25000

struct request {
    struct span method, path, query, key, last_event_id, body;
    bool closes, upgrades, chunked;
};

static bool is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static bool is_any_case(struct span span, const char *text)
{
    return span.len == strlen(text) && strncasecmp(span.at, text, span.len) == 0;
}

/* What stands before `end`, leaving in `rest` what stands behind it. */
static struct span cut(struct span *rest, char end)
{
    char *at = memchr(rest->at, end, rest->len);
    struct span before = {rest->at, at ? (size_t)(at - rest->at) : rest->len};
    size_t taken = before.len + (at ? 1 : 0);
    *rest = (struct span){rest->at + taken, rest->len - taken};
    return before;
}

static struct span trimmed(struct span span)
{
    while (span.len && strchr(" \t\r", span.at[0]) && span.at[0])
        span.at++, span.len--;
    while (span.len && strchr(" \t\r", span.at[span.len - 1]) && span.at[span.len - 1])
        span.len--;
    return span;
}

static bool number(struct span span, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < span.len; i++) {
        if (span.at[i] < '0' || span.at[i] > '9' || i == 18)
            return false;
        *value = *value * 10 + (uint64_t)(span.at[i] - '0');
    }
    return span.len > 0;
}

static void mistake(struct conn *c, const char *status, const char *text)
{
    char json[400];
    int len = snprintf(json, sizeof json, "{\"error\":\"%s\"}", text);
    answer_json(c, status, json, (size_t)len);
}

/* After a mistake in the framing itself nothing that follows can be trusted. */
static size_t refuse(struct conn *c, const char *status, const char *text, size_t len)
{
    mistake(c, status, text);
    conn_end(c);
    return len;
}

static bool read_header(struct request *request, struct span line)
{
    struct span name = cut(&line, ':'), value = trimmed(line);
    uint64_t length;
    if (is_any_case(name, "content-length")) {
        if (!number(value, &length))
            return false;
        request->body.len = length;
    } else if (is_any_case(name, "connection")) {
        request->closes = is_any_case(value, "close");
    } else if (is_any_case(name, "upgrade")) {
        request->upgrades = is_any_case(value, "websocket");
    } else if (is_any_case(name, "sec-websocket-key")) {
        request->key = value;
    } else if (is_any_case(name, "last-event-id")) {
        request->last_event_id = value;
    } else if (is_any_case(name, "transfer-encoding")) {
        request->chunked = true;
    }
    return true;
}

static bool read_head(struct request *request, struct span head)
{
    struct span line = trimmed(cut(&head, '\n'));
    request->method = cut(&line, ' ');
    struct span target = cut(&line, ' ');
    request->path = cut(&target, '?');
    request->query = target;
    if (!is(line, "HTTP/1.1") && !is(line, "HTTP/1.0"))
        return false;
    while (head.len)
        if (!read_header(request, cut(&head, '\n')))
            return false;
    return true;
}

/* The value of a query parameter; `at` is NULL when it is not there. */
static struct span parameter(const struct request *request, const char *name)
{
    struct span rest = request->query;
    while (rest.len) {
        struct span value = cut(&rest, '&'), key = cut(&value, '=');
        if (is(key, name))
            return value;
    }
    return (struct span){0};
}

/* False when `after` is neither a number nor `latest`. A place beyond the head
 * is taken for the head. */
static bool read_place(const struct request *request, const struct room *room, uint64_t *place)
{
    struct span after = parameter(request, "after");
    if (!after.at && request->last_event_id.at)
        after = request->last_event_id;
    *place = 0;
    if (after.at && is(after, "latest"))
        *place = room->head;
    else if (after.at && !number(after, place))
        return false;
    if (*place > room->head)
        *place = room->head;
    return true;
}

/* Seconds, with a fraction if need be. */
static uint64_t read_hold_ms(const struct request *request)
{
    struct span hold = parameter(request, "hold");
    char text[24] = {0};
    if (!hold.at || hold.len >= sizeof text)
        return DEFAULT_HOLD_MS;
    memcpy(text, hold.at, hold.len);
    double seconds = strtod(text, NULL);
    return seconds > 0 ? (uint64_t)((seconds < 120 ? seconds : 120) * 1000) : 0;
}

static void say(struct conn *c, struct room *room, const struct request *request)
{
    struct draft draft;
    const char *wrong = draft_read(request->body, &draft);
    if (wrong) {
        mistake(c, "400 Bad Request", wrong);
        return;
    }
    char json[40];
    int len = sprintf(json, "{\"seq\":%llu}", (unsigned long long)room_say(room, &draft));
    answer_json(c, "201 Created", json, (size_t)len);
}

static void long_poll(struct conn *c, struct room *room, const struct request *request)
{
    uint64_t hold_ms = read_hold_ms(request);
    if (c->place < room->head || hold_ms == 0) {
        answer_batch(c, room, c->place);
        return;
    }
    c->kind = PARKED;
    room_join(room, &room->parked, c);
    hold_begin(c, hold_ms);
}

static void open_stream(struct conn *c, struct room *room, uint8_t kind)
{
    char head[256];
    int len = sprintf(head, "HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n%s\r\n",
                      kind == SSE ? "text/event-stream" : "application/x-ndjson", http_date());
    c->kind = kind;
    room_join(room, &room->readers, c);
    conn_send(c, head, (size_t)len);
    reader_advance(c);
}

static void upgrade(struct conn *c, struct room *room, const struct request *request)
{
    char head[256], accept[WS_ACCEPT_LEN + 1];
    if (!request->upgrades || request->key.len != 24) {
        mistake(c, "426 Upgrade Required", "ask for an upgrade to websocket, with a key");
        return;
    }
    ws_accept_key(request->key, accept);
    int len = sprintf(head,
                      "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
                      "sec-websocket-accept: %s\r\n%s\r\n",
                      accept, http_date());
    struct span acks = parameter(request, "ack");
    c->acks = acks.at && is(acks, "1");
    c->kind = WS;
    room_join(room, &room->readers, c);
    conn_send(c, head, (size_t)len);
    reader_advance(c);
}

static void read_room(struct conn *c, struct room *room, const struct request *request, struct span verb)
{
    if (!read_place(request, room, &c->place))
        mistake(c, "400 Bad Request", "\\\"after\\\" is no seq; send a number or latest");
    else if (is(verb, "poll"))
        answer_batch(c, room, c->place);
    else if (is(verb, "long-poll"))
        long_poll(c, room, request);
    else if (is(verb, "stream"))
        open_stream(c, room, NDJSON);
    else if (is(verb, "sse"))
        open_stream(c, room, SSE);
    else if (is(verb, "ws"))
        upgrade(c, room, request);
    else
        mistake(c, "404 Not Found", "no such way to read; see the wire contract");
}

static bool room_name_is_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!letter && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-')
            return false;
    }
    return name.len >= 1 && name.len <= LONGEST_ROOM_NAME;
}

static void route(struct conn *c, const struct request *request)
{
    struct span rest = request->path;
    if (is(rest, "/healthz")) {
        answer_json(c, "200 OK", "{}", 2);
        return;
    }
    bool rooted = is(cut(&rest, '/'), "") && is(cut(&rest, '/'), "rooms");
    struct span name = cut(&rest, '/');
    if (!rooted || !room_name_is_valid(name)) {
        mistake(c, "404 Not Found", "no such path, or no room's name");
        return;
    }
    struct room *room = room_named(name);
    if (!room)
        mistake(c, "503 Service Unavailable", "too many rooms; use one that is there");
    else if (is(rest, "messages") && is(request->method, "POST"))
        say(c, room, request);
    else if (is(request->method, "GET"))
        read_room(c, room, request, rest);
    else
        mistake(c, "405 Method Not Allowed", "GET to read, POST to messages");
}

size_t http_take(struct conn *c, char *data, size_t len)
{
    struct request request = {0};
    char *end = memmem(data, len, "\r\n\r\n", 4);
    size_t head = end ? (size_t)(end - data) + 4 : len;
    if (head > LONGEST_HEAD)
        return refuse(c, "431 Request Header Fields Too Large", "shorten the head", len);
    if (!end)
        return 0;
    if (!read_head(&request, (struct span){data, head - 2}))
        return refuse(c, "400 Bad Request", "not an HTTP/1.1 request", len);
    if (request.chunked)
        return refuse(c, "411 Length Required", "send content-length", len);
    if (request.body.len > LONGEST_DRAFT)
        return refuse(c, "413 Content Too Large", "send a shorter draft", len);
    if (len < head + request.body.len)
        return 0;
    request.body.at = data + head;
    route(c, &request);
    if (request.closes && c->kind == HTTP)
        conn_end(c);
    return head + request.body.len;
}
