/* What was heard, when, and what it cost both sides. */
#define _GNU_SOURCE
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct counts counts;

/* Log-linear: 64 steps to each doubling, so a figure is within 1.6 %. */
#define STEPS 64
#define BINS (STEPS * 40)
struct histogram {
    uint64_t bin[BINS], total, max;
};

static struct said {
    uint64_t sent, first;
    uint32_t heard, room;
} *drafts;
static uint32_t said, room_for, heard_by_all, measured_from = UINT32_MAX;
static uint64_t expected; /* deliveries of what was said in the measured time */
static uint32_t *unheard; /* of each room: drafts that not all there have heard */

static struct histogram latency, spread;
static struct sample {
    uint64_t at;
    double server_cpu, client_cpu;
    long server_kib, client_kib;
    struct counts counts;
} idle, begin, end;

static unsigned bin_of(uint64_t ns)
{
    if (ns < STEPS)
        return (unsigned)ns;
    unsigned doubling = 63 - (unsigned)__builtin_clzll(ns) - 6;
    unsigned bin = (doubling + 1) * STEPS + (unsigned)(ns >> doubling) - STEPS;
    return bin < BINS ? bin : BINS - 1;
}

static uint64_t value_of(unsigned bin)
{
    if (bin < STEPS)
        return bin;
    return (uint64_t)(STEPS + bin % STEPS) << (bin / STEPS - 1);
}

static void record(struct histogram *histogram, uint64_t ns)
{
    histogram->bin[bin_of(ns)]++;
    histogram->total++;
    if (ns > histogram->max)
        histogram->max = ns;
}

static double quantile_us(const struct histogram *histogram, double quantile)
{
    uint64_t wanted = (uint64_t)((double)histogram->total * quantile), seen = 0;
    for (unsigned bin = 0; bin < BINS; bin++)
        if ((seen += histogram->bin[bin]) > wanted)
            return (double)value_of(bin) / 1e3;
    return (double)histogram->max / 1e3;
}

void count_prepare(void)
{
    unheard = calloc(options.rooms, sizeof *unheard);
    if (!unheard)
        give_up("no memory for the rooms");
}

void count_said(uint32_t room, uint64_t now)
{
    if (said == room_for) {
        room_for = room_for ? 2 * room_for : 1024;
        drafts = realloc(drafts, room_for * sizeof *drafts);
        if (!drafts)
            give_up("no memory for the drafts");
    }
    drafts[said++] = (struct said){.sent = now, .room = room};
    unheard[room]++;
    expected += readers_in(room);
}

uint32_t count_unheard(uint32_t room) { return unheard[room]; }

/* A draft counts when it was sent in the measured time, whenever it is heard. */
static void count_draft(uint32_t number, uint64_t now)
{
    struct said *draft = &drafts[number];
    bool measured = number >= measured_from;
    if (draft->heard++ == 0)
        draft->first = now;
    if (measured)
        record(&latency, now - draft->sent);
    if (draft->heard != readers_in(draft->room))
        return;
    heard_by_all++;
    unheard[draft->room]--;
    if (measured)
        record(&spread, now - draft->first);
}

/* Anything that is no message (a gap, an answer, somebody's coming) is passed
 * over; somebody else's message is a delivery without a latency. */
void count_heard(const char *json, size_t len, uint64_t now)
{
    static const char kind[] = "\"kind\":\"message\"", mark[] = "\"tag\":\"";
    if (!options.drafts && !memmem(json, len, kind, sizeof kind - 1))
        return;
    counts.deliveries++;
    const char *tag = memmem(json, len, mark, sizeof mark - 1);
    if (!tag || (size_t)(json + len - tag) < sizeof mark + TAG_LEN)
        return;
    unsigned long number = strtoul(tag + sizeof mark - 1, NULL, 16);
    if (number < said)
        count_draft((uint32_t)number, now);
}

bool count_is_complete(void) { return heard_by_all == said; }

static double seconds_of(clockid_t clock)
{
    struct timespec time;
    return clock_gettime(clock, &time) < 0 ? 0 : (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static long resident_kib(int pid)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, pid ? "/proc/%d/statm" : "/proc/self/statm", pid);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct sample sample_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    struct sample sample = {
        .at = now_ns(),
        .client_cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                      (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
        .client_kib = resident_kib(0),
        .counts = counts,
    };
    clockid_t clock;
    if (options.server_pid && clock_getcpuclockid(options.server_pid, &clock) == 0) {
        sample.server_cpu = seconds_of(clock);
        sample.server_kib = resident_kib(options.server_pid);
    }
    return sample;
}

/* Before anybody has connected: what both programs weigh without readers. */
void measure_idle(void) { idle = sample_now(); }

void measure_begin(void)
{
    begin = sample_now();
    measured_from = said;
    expected = 0;
}

/* After the drain: what was said in time and heard late has its cost in it, too. */
void measure_end(void) { end = sample_now(); }

static double per(double amount, uint64_t count) { return count ? amount / (double)count : 0; }

void report(void)
{
    uint64_t deliveries = end.counts.deliveries - begin.counts.deliveries;
    uint64_t exchanges = end.counts.exchanges - begin.counts.exchanges;
    uint32_t sent = said - measured_from;
    uint64_t missing = expected - latency.total;
    double server_us = (end.server_cpu - begin.server_cpu) * 1e6;
    double client_us = (end.client_cpu - begin.client_cpu) * 1e6;
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"readers", options.readers},
        {"rooms", options.rooms},
        {"rate_per_s", options.in_flight ? 0 : options.rate},
        {"in_flight", options.in_flight},
        {"payload_bytes", options.payload},
        {"sent", sent},
        {"deliveries", (double)deliveries},
        {"deliveries_per_s", per((double)deliveries * 1e9, end.at - begin.at)},
        {"missing", (double)missing},
        {"exchanges", (double)exchanges},
        {"empty_exchanges", (double)(end.counts.empty_exchanges - begin.counts.empty_exchanges)},
        {"server_cpu_us_per_delivery", per(server_us, deliveries)},
        {"server_cpu_us_per_exchange", per(server_us, exchanges)},
        {"server_rss_kib_per_reader", per((double)(end.server_kib - idle.server_kib), options.readers)},
        {"client_cpu_us_per_delivery", per(client_us, deliveries)},
        {"client_cpu_us_per_exchange", per(client_us, exchanges)},
        {"client_rss_kib_per_reader", per((double)(end.client_kib - idle.client_kib), options.readers)},
        {"p50_us", quantile_us(&latency, 0.50)},
        {"p99_us", quantile_us(&latency, 0.99)},
        {"max_us", (double)latency.max / 1e3},
        {"spread_p50_us", quantile_us(&spread, 0.50)},
        {"spread_p99_us", quantile_us(&spread, 0.99)},
        {"from_s", (double)begin.at / 1e9}, /* of the monotonic clock, for who watches the server meanwhile */
        {"to_s", (double)end.at / 1e9},
    };
    size_t count = sizeof figures / sizeof *figures;
    if (!options.csv) {
        printf("%s\n", options.transport_name);
        for (size_t i = 0; i < count; i++)
            printf("%28s  %.10g\n", figures[i].name, figures[i].value);
        return;
    }
    printf("transport");
    for (size_t i = 0; i < count; i++)
        printf(",%s", figures[i].name);
    printf("\n%s", options.transport_name);
    for (size_t i = 0; i < count; i++)
        printf(",%.10g", figures[i].value);
    printf("\n");
}
