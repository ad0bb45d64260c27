/* Answers over HTTP: JSON with a head as short as hyper's for the same. */
#define _GNU_SOURCE
#include "floor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The date line is written once a second, as every HTTP server does. */
const char *http_date(void)
{
    static char line[64];
    static uint64_t second;
    if (second != round_second) {
        second = round_second;
        time_t now = (time_t)second;
        struct tm parts;
        strftime(line, sizeof line, "date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&now, &parts));
    }
    return line;
}

static int json_head(char *head, size_t room_for, const char *status, size_t len)
{
    return snprintf(head, room_for,
                    "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n%s\r\n",
                    status, len, http_date());
}

void answer_json(struct conn *c, const char *status, const char *json, size_t len)
{
    char answer[1024];
    int head = json_head(answer, sizeof answer - 512, status, len);
    memcpy(answer + head, json, len); /* our own texts only: all under 512 bytes */
    conn_send(c, answer, (size_t)head + len);
}

static size_t batch_len(struct room *room, uint64_t from, size_t around)
{
    size_t len = around + (from < room->head ? room->head - from - 1 : 0); /* commas */
    for (uint64_t seq = from + 1; seq <= room->head; seq++)
        len += room_event(room, seq)->json.len;
    return len;
}

static void build(struct room *room, uint64_t place)
{
#ifdef FLOOR_URING
    uring_flush(); /* what is overwritten here may not have been sent */
#endif
    if (room->answer.room_for > (1 << 20))
        bytes_free(&room->answer); /* one reader's whole log is not worth keeping */
    uint64_t oldest = room_oldest(room);
    uint64_t from = place + 1 < oldest ? oldest - 1 : place;
    char head[512], end[96];
    int end_len = snprintf(end, sizeof end, "],\"next\":%llu,\"missed\":%llu}",
                           (unsigned long long)room->head, (unsigned long long)(from - place));
    size_t len = batch_len(room, from, strlen("{\"events\":[") + (size_t)end_len);
    int head_len = json_head(head, sizeof head, "200 OK", len);
    struct bytes *out = &room->answer;
    out->len = 0;
    bytes_add(out, head, (size_t)head_len);
    bytes_add(out, "{\"events\":[", strlen("{\"events\":["));
    for (uint64_t seq = from + 1; seq <= room->head; seq++) {
        struct span json = room_event(room, seq)->json;
        bytes_add(out, json.at, json.len);
        if (seq < room->head)
            bytes_add(out, ",", 1);
    }
    bytes_add(out, end, (size_t)end_len);
    room->answer_place = place;
    room->answer_head = room->head;
    room->answer_second = round_second;
}

/* Everything after `place`. Pollers follow the head, so nearly all of them ask
 * from the same place: the whole answer is made once and shared, like the
 * frames of the streams. It holds until the next call. */
struct span answer_for(struct room *room, uint64_t place)
{
    if (!room->answer.len || room->answer_place != place || room->answer_head != room->head ||
        room->answer_second != round_second)
        build(room, place);
    return (struct span){room->answer.at, room->answer.len};
}

void answer_batch(struct conn *c, struct room *room, uint64_t place)
{
    struct span answer = answer_for(room, place);
    conn_send(c, answer.at, answer.len);
}
