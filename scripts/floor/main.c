/* The floor: the least that a single-threaded server can do for each exchange
 * of the wire contract. See README.md for what it is for.
 *
 * One round: wait for readiness, take what came, sweep, free the dead. */
#define _GNU_SOURCE
#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 4096
#define READY_AT_ONCE 1024

struct settings settings = {.log_events = 200};
uint64_t round_ms, round_second;

static struct sockaddr_in address = {.sin_family = AF_INET};
static bool until_stdin_closes;
static int epoll, listener, signals;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void read_address(const char *text)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host) {
        fprintf(stderr, "no address: %s; give one such as 127.0.0.1:0\n", text);
        exit(2);
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = 0;
    address.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "no IPv4 address: %s\n", host);
        exit(2);
    }
}

/* Flags of `wirebench serve` that mean nothing here are taken and ignored, so
 * that whoever starts that can start this. */
static bool is_ignored(const char *flag)
{
    static const char *const flags[] = {
        "--threads", "--text-limit", "--hold-cap", "--heartbeat", "--allow-origin",
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(flag, flags[i]) == 0)
            return true;
    return false;
}

static void read_arguments(int count, char **argument)
{
    read_address("127.0.0.1:0");
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? argument[i + 1] : NULL;
        if (i == 1 && strcmp(argument[i], "serve") == 0)
            continue;
        if (strcmp(argument[i], "--coalesce") == 0)
            settings.coalesce = true;
        else if (strcmp(argument[i], "--until-stdin-closes") == 0)
            until_stdin_closes = true;
        else if (value && strcmp(argument[i], "--listen") == 0)
            read_address(argument[++i]);
        else if (value && strcmp(argument[i], "--log") == 0 && atoi(value) > 0)
            settings.log_events = (uint32_t)atoi(argument[++i]);
        else if (value && strcmp(argument[i], "--tls-cert") == 0)
            settings.certificate = argument[++i];
        else if (value && strcmp(argument[i], "--tls-key") == 0)
            settings.key = argument[++i];
        else if (value && is_ignored(argument[i]))
            i++;
        else {
            fprintf(stderr, "cannot read %s\nusage: %s [serve] [--listen ADDRESS] [--log N] "
                            "[--coalesce] [--until-stdin-closes]\n", argument[i], argument[0]);
            exit(2);
        }
    }
}

/* A floor is of one kind: sealed or in the clear. */
static void check_kind(const char *program)
{
#ifdef FLOOR_TLS
    if (!settings.certificate || !settings.key || settings.coalesce) {
        fprintf(stderr, "%s takes --tls-cert FILE and --tls-key FILE, and no --coalesce\n", program);
        exit(2);
    }
    tls_open(settings.certificate, settings.key);
#else
    if (settings.certificate || settings.key) {
        fprintf(stderr, "%s has no TLS; floor-tls has it (make tls)\n", program);
        exit(2);
    }
#endif
}

static void listen_there(void)
{
    int on = 1;
    socklen_t len = sizeof address;
    char host[INET_ADDRSTRLEN];
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, BACKLOG) < 0)
        die("cannot listen");
    getsockname(listener, (struct sockaddr *)&address, &len);
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    printf("listening on %s://%s:%u\n", settings.key ? "https" : "http", host, ntohs(address.sin_port));
    fflush(stdout);
}

static int watch_signals(void)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    return signalfd(-1, &stop, SFD_CLOEXEC);
}

/* Level-triggered; the tag tells what it is, as a connection's pointer would. */
static bool watch(int fd, void *tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void look_at_clocks(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    round_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    round_second = (uint64_t)now.tv_sec;
}

static bool stdin_is_open(void)
{
    char bytes[64];
    return read(STDIN_FILENO, bytes, sizeof bytes) > 0;
}

/* False when it is time to go. */
static bool serve_round(void)
{
    static struct epoll_event ready[READY_AT_ONCE];
    bool go_on = true;
    int count = epoll_wait(epoll, ready, READY_AT_ONCE, holds_timeout());
    look_at_clocks();
    for (int i = 0; i < count; i++) {
        void *tag = ready[i].data.ptr;
        if (tag == &listener)
            net_accept();
        else if (tag == &signals)
            go_on = false;
        else if (tag == &until_stdin_closes)
            go_on = stdin_is_open() && go_on;
        else
            conn_ready(tag, ready[i].events);
    }
    holds_fire();
    while (sweep_dirty() | conn_resume_all())
        ;
    conn_reap();
    return go_on;
}

int main(int count, char **argument)
{
    struct rlimit files;
    read_arguments(count, argument);
    check_kind(argument[0]);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    signals = watch_signals();
    listen_there();
    net_open(epoll, listener);
    watch(listener, &listener);
    watch(signals, &signals);
    /* What epoll cannot watch, such as /dev/null, is not going to close. */
    if (until_stdin_closes)
        watch(STDIN_FILENO, &until_stdin_closes);
    while (serve_round())
        ;
    rooms_goodbye();
    return 0;
}
