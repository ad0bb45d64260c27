/* WebSocket (RFC 6455): the key of the handshake, heads of frames, drafts.
 *
 * A message is one frame: fragments are refused with 1003. */
#include "floor.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_FRAME (LONGEST_DRAFT + 14)
enum opcode { CONTINUATION, TEXT, BINARY, CLOSE = 8, PING, PONG };

static uint32_t turn_left(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

/* One block of SHA-1 (RFC 3174, section 6.1). */
static void sha1_block(uint32_t state[5], const uint8_t block[64])
{
    uint32_t word[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 16; t++)
        word[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
                  (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 80; t++)
        word[t] = turn_left(word[t - 3] ^ word[t - 8] ^ word[t - 14] ^ word[t - 16], 1);
    for (int t = 0; t < 80; t++) {
        uint32_t mix = t < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                       : t < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                       : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = turn_left(a, 5) + mix + e + word[t];
        e = d, d = c, c = turn_left(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void base64(const uint8_t *data, size_t len, char *out)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        uint32_t three = (uint32_t)data[i] << 16 | (i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0) |
                         (i + 2 < len ? data[i + 2] : 0);
        *out++ = digit[three >> 18];
        *out++ = digit[three >> 12 & 63];
        *out++ = i + 1 < len ? digit[three >> 6 & 63] : '=';
        *out++ = i + 2 < len ? digit[three & 63] : '=';
    }
    *out = 0;
}

/* RFC 6455, section 4.2.2. A key has 24 characters and the GUID 36, so what is
 * hashed is always 60 bytes: two blocks. The caller has checked the length. */
void ws_accept_key(struct span key, char accept[WS_ACCEPT_LEN + 1])
{
    uint8_t block[128] = {0}, digest[20];
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    memcpy(block, key.at, 24);
    memcpy(block + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    block[60] = 0x80;
    block[126] = 480 >> 8, block[127] = 480 & 255; /* length in bits */
    sha1_block(state, block);
    sha1_block(state, block + 64);
    for (int i = 0; i < 20; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    base64(digest, sizeof digest, accept);
}

size_t ws_head(char head[10], uint8_t opcode, size_t len)
{
    size_t extra = len < 126 ? 0 : len < 65536 ? 2 : 8;
    head[0] = (char)(0x80 | opcode);
    head[1] = (char)(extra == 0 ? len : extra == 2 ? 126 : 127);
    for (size_t i = 0; i < extra; i++)
        head[2 + i] = (char)(len >> 8 * (extra - 1 - i));
    return 2 + extra;
}

static void send_frame(struct conn *c, uint8_t opcode, const char *data, size_t len)
{
    char frame[10 + 1024];
    size_t head = ws_head(frame, opcode, len);
    memcpy(frame + head, data, len);
    conn_send(c, frame, head + len);
}

void ws_goodbye(struct conn *c, uint16_t code)
{
    char bytes[2] = {(char)(code >> 8), (char)code};
    send_frame(c, CLOSE, bytes, sizeof bytes);
    conn_end(c);
}

static void take_draft(struct conn *c, struct span json)
{
    char reply[1000];
    struct draft draft;
    const char *mistake = draft_read(json, &draft);
    int len;
    if (mistake) {
        len = snprintf(reply, sizeof reply, "{\"kind\":\"error\",\"error\":\"%s\"}", mistake);
        send_frame(c, TEXT, reply, (size_t)len);
        return;
    }
    uint64_t seq = room_say(c->room, &draft);
    if (!c->acks)
        return;
    len = snprintf(reply, sizeof reply, "{\"kind\":\"said\",\"seq\":%llu", (unsigned long long)seq);
    if (draft.tag.at)
        len += snprintf(reply + len, sizeof reply - (size_t)len, ",\"tag\":\"%.*s\"",
                        (int)draft.tag.len, draft.tag.at);
    reply[len++] = '}';
    send_frame(c, TEXT, reply, (size_t)len);
}

static void take_frame(struct conn *c, uint8_t opcode, struct span data)
{
    switch (opcode) {
    case TEXT:
        take_draft(c, data);
        break;
    case PING:
        send_frame(c, PONG, data.at, data.len);
        break;
    case PONG:
        break;
    case CLOSE:
        ws_goodbye(c, 1000);
        break;
    default: /* binary, fragments, and what RFC 6455 does not know */
        ws_goodbye(c, 1003);
    }
}

size_t ws_take(struct conn *c, char *data, size_t len)
{
    const uint8_t *byte = (const uint8_t *)data;
    if (len < 2)
        return 0;
    bool whole = byte[0] & 0x80, masked = byte[1] & 0x80;
    uint8_t opcode = byte[0] & 0x7F; /* with the reserved bits, which must be 0 */
    size_t size = byte[1] & 0x7F, extra = size < 126 ? 0 : size == 126 ? 2 : 8;
    if (!masked || (opcode >= CLOSE && size > 125)) {
        ws_goodbye(c, 1002);
        return len;
    }
    if (len < 2 + extra)
        return 0;
    if (extra)
        size = 0;
    for (size_t i = 0; i < extra; i++)
        size = size << 8 | byte[2 + i];
    if (size > LONGEST_FRAME) {
        ws_goodbye(c, 1009);
        return len;
    }
    size_t head = 2 + extra + 4;
    if (len < head + size)
        return 0;
    for (size_t i = 0; i < size; i++)
        data[head + i] ^= (char)byte[head - 4 + i % 4];
    take_frame(c, whole ? opcode : CONTINUATION, (struct span){data + head, size});
    return head + size;
}
