#ifndef FLOOR_BYTES_H
#define FLOOR_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to somebody else. */
struct span {
    char *at;
    size_t len;
};

/* Bytes of our own, grown as needed; all zero when empty. */
struct bytes {
    char *at;
    uint32_t len, room_for;
};

void bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_free(struct bytes *b);

#endif
