/* Bytes into deliveries, as little as will do.
 *
 * Streams are read as lines and their chunk heads skipped as lines that begin
 * like no event: right as long as a chunk holds whole lines, as it does with
 * every server that sends an event at a time. */
#define _GNU_SOURCE
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The end of the head behind its blank line, or 0. */
static size_t head_len(const char *data, size_t len)
{
    char *end = memmem(data, len, "\r\n\r\n", 4);
    return end ? (size_t)(end - data) + 4 : 0;
}

static bool has_status(const char *data, size_t len, const char *wanted)
{
    return len > 12 && memcmp(data + 9, wanted, 3) == 0;
}

static void check_status(const char *data, size_t len, const char *wanted)
{
    if (has_status(data, len, wanted))
        return;
    fprintf(stderr, "the server answered: %.*s\n", (int)(len < 200 ? len : 200), data);
    exit(1);
}

static size_t parse_opening(struct reader *reader, char *data, size_t len)
{
    size_t head = head_len(data, len);
    if (head) {
        check_status(data, head, options.transport == WEBSOCKET ? "101" : "200");
        reader->open = true;
    }
    return head;
}

static size_t parse_frame(char *data, size_t len, uint64_t now)
{
    const uint8_t *byte = (const uint8_t *)data;
    if (len < 2)
        return 0;
    size_t size = byte[1] & 0x7F, extra = size < 126 ? 0 : size == 126 ? 2 : 8;
    if (len < 2 + extra)
        return 0;
    if (extra)
        size = 0;
    for (size_t i = 0; i < extra; i++)
        size = size << 8 | byte[2 + i];
    if (len < 2 + extra + size)
        return 0;
    if ((byte[0] & 0x0F) == 1)
        count_heard(data + 2 + extra, size, now);
    return 2 + extra + size;
}

static size_t parse_line(char *data, size_t len, uint64_t now)
{
    static const char field[] = "data: ";
    char *end = memchr(data, '\n', len);
    if (!end)
        return 0;
    size_t line = (size_t)(end - data), skip = 0;
    if (options.transport == SSE_STREAM && line > 6 && memcmp(data, field, 6) == 0)
        skip = 6;
    if (line > skip && data[skip] == '{')
        count_heard(data + skip, line - skip, now);
    return line + 1;
}

/* What stands behind a field's name (lower case, line end before, colon behind), or NULL. */
static const char *field(const char *data, size_t head, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = data; (at = memchr(at, '\n', head - (size_t)(at - data))); at++)
        if (head - (size_t)(at - data) > len && strncasecmp(at, name, len) == 0)
            return at + len;
    return NULL;
}

static size_t content_length(const char *data, size_t head)
{
    const char *value = field(data, head, "\ncontent-length:");
    if (!value)
        give_up("a poll's answer has no content-length");
    return strtoul(value, NULL, 10);
}

/* Keeps the place that a head tells, as the lines of the next question. A
 * head that does not tell all of it leaves it as it was. */
static void note_place(struct reader *reader, const char *data, size_t head)
{
    const char *modified = field(data, head, "\nlast-modified:"), *tag = field(data, head, "\netag:");
    if (!modified || !tag)
        return;
    if (!reader->place && !(reader->place = malloc(128)))
        give_up("no memory for a place");
    snprintf(reader->place, 128, "if-modified-since:%.*s\r\nif-none-match:%.*s\r\n",
             (int)strcspn(modified, "\r\n"), modified, (int)strcspn(tag, "\r\n"), tag);
}

static void count_batch(const char *body, size_t len, uint64_t now)
{
    const char *begin = options.drafts ? "{\"from\":" : "{\"seq\":";
    size_t begin_len = strlen(begin);
    uint64_t before = counts.deliveries;
    const char *end = body + len, *at = memmem(body, len, begin, begin_len);
    while (at) {
        const char *next = memmem(at + 1, (size_t)(end - at - 1), begin, begin_len);
        count_heard(at, (size_t)((next ? next : end) - at), now);
        at = next;
    }
    counts.exchanges++;
    counts.empty_exchanges += counts.deliveries == before;
}

/* The place to go on from stands behind the events, within the last bytes. */
static uint64_t next_place(const char *body, size_t len)
{
    const char *tail = len > 64 ? body + len - 64 : body;
    const char *at = memmem(tail, (size_t)(body + len - tail), "\"next\":", 7);
    if (!at)
        give_up("a batch has no next");
    return strtoull(at + 7, NULL, 10);
}

static size_t parse_answer(struct reader *reader, char *data, size_t len, uint64_t now)
{
    size_t head = head_len(data, len);
    if (!head)
        return 0;
    size_t size = content_length(data, head);
    if (len < head + size)
        return 0;
    if (!options.place_in_head || !(has_status(data, head, "304") || has_status(data, head, "408")))
        check_status(data, head, "200");
    count_batch(data + head, size, now);
    if (options.place_in_head)
        note_place(reader, data, head);
    else
        reader->after = next_place(data + head, size);
    reader->waits = false;
    reader->open = true;
    return head + size;
}

size_t parse(struct reader *reader, char *data, size_t len, uint64_t now)
{
    if (options.transport == LONG_POLL || options.transport == SHORT_POLL)
        return parse_answer(reader, data, len, now);
    if (!reader->open)
        return parse_opening(reader, data, len);
    if (options.transport == WEBSOCKET)
        return parse_frame(data, len, now);
    return parse_line(data, len, now);
}
