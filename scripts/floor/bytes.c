/* Bytes that grow: all that either program ever allocates per connection. */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_add(struct bytes *b, const void *data, size_t len)
{
    if (len > UINT32_MAX / 2 - b->len)
        abort(); /* every sender is bounded far below */
    if (b->len + len > b->room_for) {
        b->room_for = b->len + len > 2 * b->room_for ? b->len + len : 2 * b->room_for;
        b->at = realloc(b->at, b->room_for);
        if (!b->at)
            abort();
    }
    memcpy(b->at + b->len, data, len);
    b->len += len;
}

void bytes_free(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){0};
}
