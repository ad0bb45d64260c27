/* The bare client: what it costs to hear everything and do nothing with it.
 *
 * Phases: connect, settle, warm up, measure, drain. */
#define _GNU_SOURCE
#include "client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#define READY_AT_ONCE 1024
#define SETTLE_NS 500000000ull
#define PATIENCE_NS 20000000000ull

static int epoll;

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t earlier(uint64_t one, uint64_t other) { return one < other ? one : other; }

/* One turn of the loop, back at `until` at the latest. Nanoseconds, since a
 * draft that is a millisecond late at 20 a second would be measured as such. */
static void turn(uint64_t until)
{
    static struct epoll_event ready[READY_AT_ONCE];
    uint64_t now = now_ns();
    speakers_speak_due(now);
    readers_ask_due(now);
    uint64_t wake = earlier(until, earlier(speakers_next_due(), readers_next_due()));
    now = now_ns();
    uint64_t wait = wake > now ? wake - now : 0;
    struct timespec timeout = {(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
    int count = epoll_pwait2(epoll, ready, READY_AT_ONCE, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        if (reader_is_one(ready[i].data.ptr))
            reader_receive(ready[i].data.ptr);
        else
            speaker_receive(ready[i].data.ptr);
    }
}

static void turn_for(uint64_t ns)
{
    uint64_t until = now_ns() + ns;
    while (now_ns() < until)
        turn(until);
}

static void open_all(void)
{
    uint64_t until = now_ns() + PATIENCE_NS;
    readers_connect(epoll);
    while (readers_open() < options.readers) {
        if (now_ns() > until)
            give_up("not every reader was answered");
        turn(until);
    }
    speakers_connect(epoll);
    turn_for(SETTLE_NS);
}

static void drain(void)
{
    uint64_t until = now_ns() + PATIENCE_NS / 4;
    while (!count_is_complete() && now_ns() < until)
        turn(until);
}

int main(int count, char **argument)
{
    struct rlimit files;
    read_arguments(count, argument);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    count_prepare();
    measure_idle();
    open_all();
    speakers_begin(now_ns());
    turn_for((uint64_t)(options.warm_up * 1e9));
    measure_begin();
    turn_for((uint64_t)(options.seconds * 1e9));
    speakers_stop();
    drain();
    measure_end();
    report();
    return 0;
}
