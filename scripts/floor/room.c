/* Rooms: a bounded log of events each, and who reads it. */
#include "floor.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024
#define MOST_ROOMS 10000

static struct room *buckets[BUCKETS];
static unsigned rooms;

struct room *room_named(struct span name)
{
    uint32_t hash = 2166136261; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.at[i]) * 16777619;
    struct room **bucket = &buckets[hash % BUCKETS];
    for (struct room *room = *bucket; room; room = room->next)
        if (strncmp(room->name, name.at, name.len) == 0 && !room->name[name.len])
            return room;
    struct room *room = rooms < MOST_ROOMS ? calloc(1, sizeof *room) : NULL;
    if (!room || !(room->log = calloc(settings.log_events, sizeof *room->log))) {
        free(room);
        return NULL;
    }
    memcpy(room->name, name.at, name.len);
    room->next = *bucket;
    rooms++;
    return *bucket = room;
}

struct event *room_event(const struct room *room, uint64_t seq)
{
    return room->log[seq % settings.log_events];
}

uint64_t room_oldest(const struct room *room)
{
    return room->head < settings.log_events ? 1 : room->head - settings.log_events + 1;
}

void room_join(struct room *room, struct people *people, struct conn *c)
{
    if (people->len == people->room_for) {
        people->room_for = people->room_for ? 2 * people->room_for : 16;
        people->at = realloc(people->at, people->room_for * sizeof *people->at);
        if (!people->at)
            abort();
    }
    c->room = room;
    c->index = people->len;
    people->at[people->len++] = c;
}

/* The last one takes the empty seat; never called within a sweep. */
void room_leave(struct conn *c)
{
    if (!c->room)
        return;
    struct people *people = c->kind == PARKED ? &c->room->parked : &c->room->readers;
    struct conn *moved = people->at[--people->len];
    people->at[c->index] = moved;
    moved->index = c->index;
    c->room = NULL;
}

/* The event falls out of the log that was said a whole log ago: nobody else
 * holds it, since a half-written frame is the connection's own. */
uint64_t room_say(struct room *room, const struct draft *draft)
{
    struct event *event = event_new(room->head + 1, draft);
    struct event **seat = &room->log[event->seq % settings.log_events];
    free(*seat);
    *seat = event;
    room->head = event->seq;
    sweep_soon(room);
    return event->seq;
}

/* WebSocket close 1001 and streams' last chunks; long polls hear their batch. */
void rooms_goodbye(void)
{
    for (int i = 0; i < BUCKETS; i++)
        for (struct room *room = buckets[i]; room; room = room->next)
            sweep_goodbye(room);
}
