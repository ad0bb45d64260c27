/* Sockets: what comes in goes to http.c or ws.c, what does not fit waits here.
 *
 * Edge-triggered with both directions registered once, so that a connection
 * costs one epoll_ctl in its life and no readiness is looked at twice. A read
 * that comes back short has emptied the socket: the edge of the next byte
 * will be told, so the read that would say EAGAIN is saved. Under TLS (floor-tls)
 * it has only emptied a record, so there the socket is read until EAGAIN. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_MS 2000
#ifdef FLOOR_TLS
#define SHORT_IS_ALL false
#else
#define SHORT_IS_ALL true
#endif

static int epoll, listener, spare;
static struct conn *dead, *resuming;
static char scratch[65536]; /* one thread reads one socket at a time */

void net_open(int the_epoll, int the_listener)
{
    epoll = the_epoll;
    listener = the_listener;
    spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* The two places where bytes cross a socket, and its beginning and end. */
static ssize_t socket_receive(struct conn *c, void *data, size_t len)
{
#ifdef FLOOR_TLS
    return tls_receive(c, data, len);
#else
    return recv(c->fd, data, len, 0);
#endif
}

static ssize_t socket_send(struct conn *c, const void *data, size_t len)
{
#ifdef FLOOR_TLS
    return tls_send(c, data, len);
#else
    return send(c->fd, data, len, MSG_NOSIGNAL);
#endif
}

static bool socket_open(struct conn *c)
{
#ifdef FLOOR_TLS
    return tls_accept(c);
#else
    return c->fd >= 0;
#endif
}

static void socket_end(struct conn *c)
{
#ifdef FLOOR_TLS
    tls_end(c);
#endif
    shutdown(c->fd, SHUT_WR);
}

static void socket_close(struct conn *c)
{
#ifdef FLOOR_TLS
    tls_free(c);
#endif
    close(c->fd);
}

static void take_on(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    c->kind = HTTP;
    if (!socket_open(c)) {
        close(fd);
        free(c);
        return;
    }
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.ptr = c,
    };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        conn_die(c);
}

void net_accept(void)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_on(fd);
        } else if (errno == EMFILE || errno == ENFILE) {
            /* Out of descriptors: turn this one away with the spare one, or it
             * would stay in the backlog and wake us for ever. */
            close(spare);
            close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
            spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

/* The connection may be in the middle of a sweep or of its own request, and
 * epoll may already have told of it: it is only marked, and freed by reap. */
void conn_die(struct conn *c)
{
    if (c->dead)
        return;
    c->dead = true;
    if (!c->resuming) {
        c->next = dead;
        dead = c;
    }
}

void conn_reap(void)
{
    while (dead) {
        struct conn *c = dead;
        dead = c->next;
        hold_cancel(c);
        room_leave(c);
        socket_close(c);
        bytes_free(&c->in);
        bytes_free(&c->out);
        free(c);
    }
}

void conn_resume_later(struct conn *c)
{
    if (c->dead || c->resuming || !(c->unread || c->in.len))
        return;
    c->resuming = true;
    c->next = resuming;
    resuming = c;
}

/* Ends the connection after what is on its way out. Closing at once would
 * reset it while input is unread and take the answer along, so it lingers. */
void conn_end(struct conn *c)
{
    if (conn_blocked(c)) {
        c->last = true;
        return;
    }
    socket_end(c);
    room_leave(c);
    hold_cancel(c);
    c->kind = LINGER;
    hold_begin(c, LINGER_MS);
}

/* At most the rest of one frame or answer is kept: whoever sends asks
 * conn_blocked first, and input is not taken while output waits. */
void conn_keep_unsent(struct conn *c, const char *data, size_t len)
{
    bytes_add(&c->out, data, len);
}

/* What is not written now is kept and goes out when the socket has room. */
void conn_send(struct conn *c, const char *data, size_t len)
{
    if (c->dead)
        return;
    ssize_t sent = 0;
    if (!conn_blocked(c)) {
        sent = socket_send(c, data, len);
        if (sent == (ssize_t)len)
            return;
        if (sent < 0 && errno != EAGAIN) {
            conn_die(c);
            return;
        }
        sent = sent < 0 ? 0 : sent;
    }
    conn_keep_unsent(c, data + sent, len - (size_t)sent);
}

/* A slow reader stops being heard, too: what it asks could only wait. */
static bool stalled(const struct conn *c)
{
    return c->dead || c->last || c->kind == PARKED || conn_blocked(c);
}

static size_t take(struct conn *c, char *data, size_t len)
{
    size_t used = 0;
    while (used < len && !stalled(c)) {
        size_t taken = len - used; /* a stream's reader has nothing to say */
        if (c->kind == HTTP)
            taken = http_take(c, data + used, len - used);
        else if (c->kind == WS)
            taken = ws_take(c, data + used, len - used);
        if (taken == 0)
            break;
        used += taken;
    }
    return used;
}

static void take_with_kept(struct conn *c, char *data, size_t len)
{
    if (c->in.len == 0) {
        size_t used = take(c, data, len);
        if (used < len)
            bytes_add(&c->in, data + used, len - used);
        return;
    }
    bytes_add(&c->in, data, len);
    size_t used = take(c, c->in.at, c->in.len);
    c->in.len -= used;
    if (c->in.len == 0)
        bytes_free(&c->in);
    else
        memmove(c->in.at, c->in.at + used, c->in.len);
}

static void receive(struct conn *c, bool to_the_end)
{
    c->unread = false;
    for (;;) {
        if (stalled(c)) {
            c->unread = true;
            return;
        }
        ssize_t got = socket_receive(c, scratch, sizeof scratch);
        if (got <= 0) {
            if (got == 0 || errno != EAGAIN)
                conn_die(c);
            return;
        }
        take_with_kept(c, scratch, (size_t)got);
        if (SHORT_IS_ALL && got < (ssize_t)sizeof scratch && !to_the_end)
            return;
    }
}

static void flush(struct conn *c)
{
    ssize_t sent = socket_send(c, c->out.at + c->sent, c->out.len - c->sent);
    if (sent < 0) {
        if (errno != EAGAIN)
            conn_die(c);
        return;
    }
    c->sent += (uint32_t)sent;
    if (c->sent < c->out.len)
        return;
    bytes_free(&c->out);
    c->sent = 0;
    if (c->last) {
        c->last = false;
        conn_end(c);
        return;
    }
    if (c->kind < FRAMINGS)
        reader_advance(c);
    if (!conn_blocked(c))
        conn_resume_later(c);
}

void conn_ready(struct conn *c, uint32_t events)
{
    if (c->dead)
        return;
    bool gone = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (events & (EPOLLHUP | EPOLLERR) || (gone && c->kind == PARKED)) {
        conn_die(c);
        return;
    }
    if (events & EPOLLOUT && conn_blocked(c))
        flush(c);
    if (events & (EPOLLIN | EPOLLRDHUP) && !c->dead)
        receive(c, gone);
}

/* Those who were parked or blocked when more came. False when there were none. */
bool conn_resume_all(void)
{
    struct conn *c = resuming;
    resuming = NULL;
    bool any = c != NULL;
    while (c) {
        struct conn *next = c->next;
        c->resuming = false;
        if (c->dead) {
            c->dead = false;
            conn_die(c); /* now into the list of the dead */
        } else {
            take_with_kept(c, scratch, 0);
            if (c->unread)
                receive(c, true);
        }
        c = next;
    }
    return any;
}
