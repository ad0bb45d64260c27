/* A draft's JSON: an object of three strings, and nothing else.
 *
 * The strings are not unescaped: what is valid JSON between quotes is valid
 * between the event's quotes, too, and is copied there as it came. Lengths
 * are therefore counted in escaped bytes. */
#include "floor.h"

#include <ctype.h>
#include <string.h>

struct cursor {
    const unsigned char *at, *end;
};

static void skip_space(struct cursor *in)
{
    while (in->at < in->end && strchr(" \t\r\n", *in->at) && *in->at)
        in->at++;
}

static bool take_char(struct cursor *in, char wanted)
{
    skip_space(in);
    if (in->at == in->end || *in->at != (unsigned char)wanted)
        return false;
    in->at++;
    return true;
}

/* Length of the UTF-8 sequence at `at` (RFC 3629), or 0 if it is not one. */
static int utf8_len(const unsigned char *at, const unsigned char *end)
{
    int len = at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : at[0] < 0xF5 ? 4 : 0;
    if (len == 0 || end - at < len)
        return 0;
    for (int i = 1; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool beyond = (at[0] == 0xED && at[1] > 0x9F) || (at[0] == 0xF4 && at[1] > 0x8F);
    return overlong || beyond ? 0 : len;
}

static int escape_len(const unsigned char *at, const unsigned char *end)
{
    if (end - at < 2)
        return 0;
    if (at[1] != 'u')
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? 2 : 0;
    for (int i = 2; i < 6; i++)
        if (end - at <= i || !isxdigit(at[i]))
            return 0;
    return 6;
}

static bool take_string(struct cursor *in, struct span *string)
{
    if (!take_char(in, '"'))
        return false;
    string->at = (char *)in->at;
    while (in->at < in->end && *in->at != '"') {
        int len = 1;
        if (*in->at == '\\')
            len = escape_len(in->at, in->end);
        else if (*in->at >= 0x80)
            len = utf8_len(in->at, in->end);
        else if (*in->at < 0x20)
            len = 0;
        if (len == 0)
            return false;
        in->at += len;
    }
    if (in->at == in->end)
        return false;
    string->len = (size_t)((char *)in->at - string->at);
    in->at++;
    return true;
}

static struct span *field_named(struct draft *draft, struct span key)
{
    if (key.len == 4 && memcmp(key.at, "from", 4) == 0)
        return &draft->from;
    if (key.len == 4 && memcmp(key.at, "text", 4) == 0)
        return &draft->text;
    if (key.len == 3 && memcmp(key.at, "tag", 3) == 0)
        return &draft->tag;
    return NULL;
}

static bool take_fields(struct cursor *in, struct draft *draft)
{
    do {
        struct span key;
        if (!take_string(in, &key) || !take_char(in, ':'))
            return false;
        struct span *field = field_named(draft, key);
        if (!field || field->at || !take_string(in, field))
            return false;
    } while (take_char(in, ','));
    return take_char(in, '}');
}

const char *draft_read(struct span json, struct draft *draft)
{
    const unsigned char *begin = (const unsigned char *)json.at;
    struct cursor in = {begin, begin + json.len};
    *draft = (struct draft){0};
    if (!take_char(&in, '{') || !take_fields(&in, draft))
        return "not a draft; send {\\\"from\\\":…,\\\"text\\\":…}";
    skip_space(&in);
    if (in.at != in.end)
        return "something follows the draft; send one object";
    if (draft->from.len < 1 || draft->from.len > 384)
        return "\\\"from\\\" is missing or too long; send 1 to 64 characters";
    if (draft->text.len < 1 || draft->text.len > LONGEST_TEXT)
        return "\\\"text\\\" is missing or too long; send 1 to 65536 bytes";
    if (draft->tag.len > 384)
        return "\\\"tag\\\" is too long; send at most 64 bytes";
    return NULL;
}
