/* A second floor: the sends of a sweep go to the kernel as one batch.
 *
 * Only what a sweep writes differs from the plain floor: sends are queued here
 * and submitted together with io_uring, at the latest when the sweep is over.
 * A send to a socket with room for it is done while submitting, so that the
 * results are there when the one system call comes back; MSG_DONTWAIT keeps it
 * that way for a socket that is full. Raw system calls (io_uring_setup(2)):
 * a library would hide the little there is to see. */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 1024

static struct send {
    struct conn *conn;
    struct span data;
} queued[ENTRIES];
static unsigned count;

static int ring = -1;
static struct io_uring_sqe *entries;
static struct io_uring_cqe *results;
static _Atomic unsigned *submit_tail, *result_head, *result_tail;
static unsigned submit_mask, result_mask;

static void *map(size_t len, off_t what)
{
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
    if (at == MAP_FAILED) {
        perror("cannot map the io_uring");
        exit(1);
    }
    return at;
}

static void open_ring(void)
{
    /* One thread submits and waits: the kernel need not interrupt it. */
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    ring = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
    if (ring < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP)) {
        perror("no io_uring of Linux 6.1 or newer");
        exit(1);
    }
    size_t submits = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    size_t completes = params.cq_off.cqes + params.cq_entries * sizeof *results;
    char *rings = map(submits > completes ? submits : completes, IORING_OFF_SQ_RING);
    entries = map(params.sq_entries * sizeof *entries, IORING_OFF_SQES);
    results = (void *)(rings + params.cq_off.cqes);
    submit_tail = (void *)(rings + params.sq_off.tail);
    result_head = (void *)(rings + params.cq_off.head);
    result_tail = (void *)(rings + params.cq_off.tail);
    submit_mask = *(unsigned *)(rings + params.sq_off.ring_mask);
    result_mask = *(unsigned *)(rings + params.cq_off.ring_mask);
    unsigned *order = (void *)(rings + params.sq_off.array);
    for (unsigned i = 0; i < params.sq_entries; i++)
        order[i] = i;
}

static void fill(struct io_uring_sqe *entry, unsigned number)
{
    memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_SEND;
    entry->fd = queued[number].conn->fd;
    entry->addr = (uintptr_t)queued[number].data.at;
    entry->len = (uint32_t)queued[number].data.len;
    entry->msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    entry->user_data = number;
}

static void take_result(const struct io_uring_cqe *result)
{
    struct send *send = &queued[result->user_data];
    if (result->res == (int)send->data.len)
        return;
    if (result->res < 0 && result->res != -EAGAIN) {
        conn_die(send->conn);
        return;
    }
    size_t sent = result->res < 0 ? 0 : (size_t)result->res;
    conn_keep_unsent(send->conn, send->data.at + sent, send->data.len - sent);
}

/* Submits all that is queued and takes all results. */
void uring_flush(void)
{
    if (count == 0)
        return;
    if (ring < 0)
        open_ring();
    unsigned tail = atomic_load_explicit(submit_tail, memory_order_relaxed);
    unsigned submitted = 0, taken = 0;
    for (unsigned i = 0; i < count; i++)
        fill(&entries[(tail + i) & submit_mask], i);
    atomic_store_explicit(submit_tail, tail + count, memory_order_release);
    while (taken < count) {
        long entered = syscall(SYS_io_uring_enter, ring, count - submitted, count - taken,
                               IORING_ENTER_GETEVENTS, NULL, 0);
        if (entered < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY) {
            perror("io_uring_enter");
            exit(1);
        }
        submitted += entered > 0 ? (unsigned)entered : 0;
        unsigned head = atomic_load_explicit(result_head, memory_order_relaxed);
        unsigned end = atomic_load_explicit(result_tail, memory_order_acquire);
        for (; head != end; head++, taken++)
            take_result(&results[head & result_mask]);
        atomic_store_explicit(result_head, head, memory_order_release);
    }
    count = 0;
}

/* `data` must stay until the flush, and the connection be sent to only once
 * before it: both hold within a sweep over one event. */
void uring_send(struct conn *c, struct span data)
{
    queued[count++] = (struct send){c, data};
    if (count == ENTRIES)
        uring_flush();
}
