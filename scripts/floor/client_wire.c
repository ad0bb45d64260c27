/* The client's connections: plain sockets, or TLS 1.3 on them in floor-client-tls.
 *
 * Under TLS there is one cipher, so that every server seals in the same way, and
 * no certificate is checked: the server is this machine's own. */
#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Connects while blocking: on loopback that takes as long as the handshake,
 * and nothing is measured yet. */
static int connect_from(uint32_t source)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000001 + source)};
    /* The port is chosen when connecting, so that only the four-tuple must be new. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bool loopback = ntohl(options.server.sin_addr.s_addr) >> 24 == 127;
    if (fd < 0 || (loopback && bind(fd, (struct sockaddr *)&from, sizeof from) < 0))
        give_up("cannot bind");
    if (connect(fd, (struct sockaddr *)&options.server, sizeof options.server) < 0)
        give_up("cannot connect");
    return fd;
}

void wire_never_waits(struct wire *wire)
{
    fcntl(wire->fd, F_SETFL, O_NONBLOCK);
}

#ifdef FLOOR_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>

#define PATIENCE_MS 10000

static SSL_CTX *context;

static void fail(const char *what)
{
    fprintf(stderr, "%s: ", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void prepare(void)
{
    signal(SIGPIPE, SIG_IGN); /* SSL_write knows no MSG_NOSIGNAL */
    context = SSL_CTX_new(TLS_client_method());
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") != 1)
        fail("no TLS 1.3");
    SSL_CTX_set_read_ahead(context, 1);
}

void wire_open(struct wire *wire, uint32_t source)
{
    if (!context)
        prepare();
    wire->fd = connect_from(source);
    wire->tls = SSL_new(context);
    if (!wire->tls || SSL_set_fd(wire->tls, wire->fd) != 1 || SSL_connect(wire->tls) != 1)
        fail("no handshake");
}

/* What does not go out at once is waited for: a part of it may be sealed. */
ssize_t wire_send(struct wire *wire, const void *data, size_t len)
{
    for (;;) {
        int done = SSL_write(wire->tls, data, (int)len);
        if (done > 0)
            return done;
        int why = SSL_get_error(wire->tls, done);
        struct pollfd socket = {.fd = wire->fd, .events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT};
        if ((why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) || poll(&socket, 1, PATIENCE_MS) < 1) {
            errno = ECONNRESET;
            return -1;
        }
    }
}

ssize_t wire_receive(struct wire *wire, void *data, size_t len)
{
    int done = SSL_read(wire->tls, data, (int)len);
    if (done > 0)
        return done;
    int why = SSL_get_error(wire->tls, done);
    if (why == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    ERR_clear_error();
    return -1;
}
#else
void wire_open(struct wire *wire, uint32_t source)
{
    wire->fd = connect_from(source);
}

ssize_t wire_send(struct wire *wire, const void *data, size_t len)
{
    return send(wire->fd, data, len, MSG_NOSIGNAL);
}

ssize_t wire_receive(struct wire *wire, void *data, size_t len)
{
    return recv(wire->fd, data, len, 0);
}
#endif
