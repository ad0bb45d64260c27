/* An event's bytes: encoded once, framed once for each transport, shared by all. */
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *put(char *at, const void *data, size_t len)
{
    return (char *)memcpy(at, data, len) + len;
}

static size_t event_json(char *json, uint64_t seq, const struct draft *draft)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char *at = json + sprintf(json, "{\"seq\":%llu,\"kind\":\"message\",\"from\":\"",
                              (unsigned long long)seq);
    at = put(at, draft->from.at, draft->from.len);
    at = put(at, "\",\"text\":\"", 10);
    at = put(at, draft->text.at, draft->text.len);
    if (draft->tag.at) {
        at = put(at, "\",\"tag\":\"", 9);
        at = put(at, draft->tag.at, draft->tag.len);
    }
    at += sprintf(at, "\",\"at\":%llu}",
                  (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_nsec / 1000000);
    return (size_t)(at - json);
}

static struct span chunk_around(char *at, const char *before, struct span json, const char *after)
{
    size_t len = strlen(before) + json.len + strlen(after);
    char *end = at + sprintf(at, "%zX\r\n", len);
    end = put(end, before, strlen(before));
    end = put(end, json.at, json.len);
    end = put(end, after, strlen(after));
    end = put(end, "\r\n", 2);
    return (struct span){at, (size_t)(end - at)};
}

struct event *event_new(uint64_t seq, const struct draft *draft)
{
    static char json[LONGEST_DRAFT];
    char head[10], id[40];
    size_t len = event_json(json, seq, draft), head_len = ws_head(head, 1, len);
    struct event *event = malloc(sizeof *event + FRAMINGS * (len + 80));
    if (!event)
        abort();
    event->seq = seq;
    char *end = put(event->text, head, head_len);
    event->json = (struct span){end, len};
    end = put(end, json, len);
    event->frame[WS] = (struct span){event->text, head_len + len};
    event->frame[NDJSON] = chunk_around(end, "", event->json, "\n");
    end += event->frame[NDJSON].len + 1; /* sprintf writes a NUL behind */
    sprintf(id, "id: %llu\ndata: ", (unsigned long long)seq);
    event->frame[SSE] = chunk_around(end, id, event->json, "\n\n");
    return event;
}

/* Only for readers that the log has moved past, so made anew for each. */
size_t event_gap(char frame[GAP_LEN], uint8_t kind, uint64_t missed, uint64_t next)
{
    char json[128], id[40] = "";
    struct span gap = {json, (size_t)sprintf(json, "{\"kind\":\"gap\",\"missed\":%llu,\"next\":%llu}",
                                             (unsigned long long)missed, (unsigned long long)next)};
    if (kind == WS) {
        size_t head = ws_head(frame, 1, gap.len);
        memcpy(frame + head, json, gap.len);
        return head + gap.len;
    }
    if (kind == SSE)
        sprintf(id, "id: %llu\ndata: ", (unsigned long long)next);
    return chunk_around(frame, id, gap, kind == SSE ? "\n\n" : "\n").len;
}
