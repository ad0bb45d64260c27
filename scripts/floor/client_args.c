/* The bare client's command line. */
#include "client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {
    .room = "floor", .rooms = 1, .after = "latest", .transport_name = "websocket", .readers = 100, .rate = 20, .burst = 1,
    .payload = 128, .seconds = 5, .warm_up = 1, .interval = 1, .hold = 25,
};

static const char usage[] =
    "usage: floor-client --server ADDRESS [options]\n"
    "  --transport T      websocket (ws), ndjson, sse, long_poll, short_poll\n"
    "  --readers N        how many readers [100]\n"
    "  --room NAME        whose room; with several, NAME-0, NAME-1 and so on [floor]\n"
    "  --rooms N          how many rooms the readers are spread over, each with a speaker [1]\n"
    "  --path PATH        what readers ask for, if it is not our contract's\n"
    "  --publish-path P   where drafts are posted, likewise\n"
    "  --header LINE      one more header line of each reader's question\n"
    "  --after PLACE      where polls and streams of our contract begin [latest]\n"
    "  --messages WHAT    event: with kind and seq; draft: as published [event]\n"
    "  --place WHERE      of a poll's answer: batch (next), or head (Last-Modified, Etag) [batch]\n"
    "  --sources K        connect from K addresses 127.0.0.x [one per 5,000 readers]\n"
    "  --rate R           drafts a second in each room; 0: nobody speaks [20]\n"
    "  --burst B          drafts sent together, B at a time [1]\n"
    "  --in-flight W      instead of a rate: keep W drafts in each room that not all there have heard\n"
    "  --payload BYTES    length of the text [128]\n"
    "  --speak HOW        post or ws [post]\n"
    "  --seconds S        measured time [5]\n"
    "  --warm-up S        time before it, not counted [1]\n"
    "  --interval S       of short polls; 0: back to back [1]\n"
    "  --hold S           of long polls [25]\n"
    "  --server-pid PID   also report the server's CPU and memory\n"
    "  --csv              a header and a row instead of a text\n";

static void refuse(const char *argument)
{
    fprintf(stderr, "cannot read %s\n%s", argument, usage);
    exit(2);
}

static void read_server(const char *text)
{
    char host[64];
#ifdef FLOOR_TLS
    static const char scheme[] = "https://";
#else
    static const char scheme[] = "http://";
#endif
    if (strncmp(text, scheme, strlen(scheme)) == 0)
        text += strlen(scheme);
    const char *colon = strrchr(text, ':');
    if (!colon || strlen(text) >= sizeof host)
        refuse(text);
    strcpy(options.address, text);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = 0;
    options.server.sin_family = AF_INET;
    options.server.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &options.server.sin_addr) != 1)
        refuse(text);
}

static void read_transport(const char *name)
{
    static const char *const names[] = {"websocket", "ndjson", "sse", "long_poll", "short_poll"};
    if (strcmp(name, "ws") == 0)
        name = names[WEBSOCKET];
    for (int i = 0; i < 5; i++) {
        if (strcmp(name, names[i]) == 0) {
            options.transport = (enum transport)i;
            options.transport_name = names[i];
            return;
        }
    }
    refuse(name);
}

/* A server with a contract of its own. */
static bool read_contract(const char *flag, const char *value)
{
    if (strcmp(flag, "--path") == 0) options.path = value;
    else if (strcmp(flag, "--publish-path") == 0) options.publish_path = value;
    else if (strcmp(flag, "--header") == 0) options.header = value;
    else if (strcmp(flag, "--after") == 0) options.after = value;
    else if (strcmp(flag, "--messages") == 0) options.drafts = strcmp(value, "draft") == 0;
    else if (strcmp(flag, "--place") == 0) options.place_in_head = strcmp(value, "head") == 0;
    else return false;
    return true;
}

static void read_pair(const char *flag, const char *value)
{
    uint32_t number = (uint32_t)atoi(value);
    if (read_contract(flag, value))
        return;
    if (strcmp(flag, "--server") == 0) read_server(value);
    else if (strcmp(flag, "--transport") == 0) read_transport(value);
    else if (strcmp(flag, "--readers") == 0) options.readers = number;
    else if (strcmp(flag, "--room") == 0) options.room = value;
    else if (strcmp(flag, "--rooms") == 0) options.rooms = number;
    else if (strcmp(flag, "--sources") == 0) options.sources = number;
    else if (strcmp(flag, "--rate") == 0) options.rate = atof(value);
    else if (strcmp(flag, "--burst") == 0) options.burst = number;
    else if (strcmp(flag, "--in-flight") == 0) options.in_flight = number;
    else if (strcmp(flag, "--payload") == 0) options.payload = number;
    else if (strcmp(flag, "--speak") == 0) options.speaks_ws = strcmp(value, "ws") == 0;
    else if (strcmp(flag, "--seconds") == 0) options.seconds = atof(value);
    else if (strcmp(flag, "--warm-up") == 0) options.warm_up = atof(value);
    else if (strcmp(flag, "--interval") == 0) options.interval = atof(value);
    else if (strcmp(flag, "--hold") == 0) options.hold = number;
    else if (strcmp(flag, "--server-pid") == 0) options.server_pid = (int)number;
    else refuse(flag);
}

void read_arguments(int count, char **argument)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(argument[i], "--csv") == 0) {
            options.csv = true;
        } else if (i + 1 < count) {
            read_pair(argument[i], argument[i + 1]);
            i++;
        } else {
            refuse(argument[i]);
        }
    }
    if (!options.server.sin_port)
        refuse("no --server");
    if (options.readers < 1 || options.burst < 1 || options.payload < 1 || options.payload > 65536)
        refuse("a number: readers, burst and payload (to 65536) are at least 1");
    if (options.rooms < 1 || options.rooms > options.readers)
        refuse("--rooms: at least 1, and a reader for each");
    if (options.rooms > 1 && (options.path || options.publish_path))
        refuse("--rooms: a path of its own names one room");
    if (!options.sources)
        options.sources = 1 + (options.readers - 1) / 5000;
    if (options.sources > 250)
        options.sources = 250;
}

/* The name of a room. */
void write_room(char *text, size_t room_for, uint32_t room)
{
    if (options.rooms == 1)
        snprintf(text, room_for, "%s", options.room);
    else
        snprintf(text, room_for, "%s-%u", options.room, room);
}

/* How many readers hear what is said in a room. */
uint32_t readers_in(uint32_t room)
{
    return options.readers / options.rooms + (room < options.readers % options.rooms);
}
