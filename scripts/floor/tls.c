/* TLS on the floor's sockets (only in floor-tls), by OpenSSL: one record and
 * one write for each piece, nothing sealed by the kernel.
 *
 * What recv and send would say by EAGAIN is said by EAGAIN here, so that net.c
 * is the same for both. Sessions are not resumed and no tickets are given: what
 * is measured is the delivery, not the handshake. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static SSL_CTX *context;

void tls_open(const char *certificate, const char *key)
{
    /* SSL_write knows no MSG_NOSIGNAL. */
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_server_method());
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    /* A buffer that is given back is taken by the next reader while it is still
     * in the cache; nginx does the same. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
}

/* The handshake goes on with the first reads. */
bool tls_accept(struct conn *c)
{
    c->tls = SSL_new(context);
    if (!c->tls || SSL_set_fd(c->tls, c->fd) != 1) {
        SSL_free(c->tls);
        return false;
    }
    SSL_set_accept_state(c->tls);
    return true;
}

static ssize_t outcome(struct conn *c, int done)
{
    if (done > 0)
        return done;
    int why = SSL_get_error(c->tls, done);
    if (why == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    ERR_clear_error(); /* or the next connection would be blamed for it */
    return -1;
}

ssize_t tls_receive(struct conn *c, void *data, size_t len)
{
    return outcome(c, SSL_read(c->tls, data, (int)len));
}

/* SSL_write writes one record at a time. Like send, this stops short only where
 * the socket is full, so that the edge which tells of room is sure to come. */
ssize_t tls_send(struct conn *c, const void *data, size_t len)
{
    size_t sent = 0;
    while (sent < len) {
        int done = SSL_write(c->tls, (const char *)data + sent, (int)(len - sent));
        if (done <= 0 && sent == 0)
            return outcome(c, done);
        if (done <= 0) {
            ERR_clear_error(); /* what went wrong, if anything did, is told the next time */
            break;
        }
        sent += (size_t)done;
    }
    return (ssize_t)sent;
}

/* The last word of this side; whoever is in mid-handshake gets none. */
void tls_end(struct conn *c)
{
    if (SSL_is_init_finished(c->tls) && SSL_shutdown(c->tls) < 0)
        ERR_clear_error();
}

void tls_free(struct conn *c)
{
    SSL_free(c->tls);
}
