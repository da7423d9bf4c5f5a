/* SPDX-License-Identifier: Apache-2.0 */
#include "import_encoding.h"

#include <cpts/value.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
/* One byte of a single-byte encoding becomes three of UTF-8 at most. */
#define GROWTH_MAX 3

/* Encodings by name; the name is also iconv's. */
const char *const IMPORT_ENCODINGS[] = {"UTF-8",    "WINDOWS-1252", "ISO-8859-15", "ISO-8859-1",
                                        "UTF-16LE", "UTF-16BE",     "MACINTOSH",   "CP850"};
const size_t IMPORT_ENCODING_COUNT = COUNT(IMPORT_ENCODINGS);
enum { UTF_8, WINDOWS_1252, ISO_8859_15, ISO_8859_1, UTF_16LE, UTF_16BE };

static const struct {
    const char *mark;
    size_t mark_bytes;
    int encoding;
} MARKS[] = {
    {"\xEF\xBB\xBF", 3, UTF_8},
    {"\xFF\xFE", 2, UTF_16LE},
    {"\xFE\xFF", 2, UTF_16BE},
};

static int line_of(const char *bytes, size_t offset)
{
    int line = 1;
    for (size_t i = 0; i < offset; i++)
        line += bytes[i] == '\n';
    return line;
}

/* Well-formed sequences of several bytes, and bytes that belong to none. */
struct tally {
    size_t sequences;
    size_t strays;
    size_t first_stray;
};

static size_t sequence_bytes(const char *bytes, size_t left)
{
    unsigned char first = (unsigned char)bytes[0];
    size_t count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    return count <= left && cpts_text_is_valid(bytes, count) ? count : 0;
}

static struct tally tally_of(const char *bytes, size_t byte_count)
{
    struct tally tally = {0};
    for (size_t i = 0; i < byte_count;) {
        if ((unsigned char)bytes[i] < 0x80) {
            i++;
            continue;
        }
        size_t count = sequence_bytes(bytes + i, byte_count - i);
        if (count == 0 && tally.strays++ == 0)
            tally.first_stray = i;
        tally.sequences += count > 0;
        i += count > 0 ? count : 1;
    }
    return tally;
}

/* Both have the same letters of French but for Œ, œ and Ÿ: 0x80 to 0x9F are
 * letters in Windows-1252 alone; 0xA4, 0xBC to 0xBE are € and Œ, œ, Ÿ in
 * ISO-8859-15 alone. */
static int guess(const char *bytes, size_t byte_count)
{
    bool is_latin_9 = false;
    for (size_t i = 0; i < byte_count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x80 && byte <= 0x9F)
            return WINDOWS_1252;
        is_latin_9 = is_latin_9 || byte == 0xA4 || (byte >= 0xBC && byte <= 0xBE);
    }
    return is_latin_9 ? ISO_8859_15 : WINDOWS_1252;
}

/* The encoding, or -1 with a sentence; cuts a mark off. */
static int find_encoding(const char **bytes, size_t *byte_count, const char *asked,
                         bool *ret_guessed, char *ret_problem)
{
    *ret_guessed = false;
    for (size_t i = 0; i < COUNT(MARKS); i++) {
        if (*byte_count < MARKS[i].mark_bytes ||
            memcmp(*bytes, MARKS[i].mark, MARKS[i].mark_bytes) != 0)
            continue;
        *bytes += MARKS[i].mark_bytes;
        *byte_count -= MARKS[i].mark_bytes;
        return MARKS[i].encoding;
    }
    for (size_t i = 0; asked != NULL && i < IMPORT_ENCODING_COUNT; i++) {
        if (strcasecmp(asked, IMPORT_ENCODINGS[i]) == 0)
            return (int)i;
    }
    if (asked != NULL) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES,
                 "no encoding \"%.40s\"; there are utf-8, windows-1252, iso-8859-15, iso-8859-1, "
                 "utf-16le, utf-16be, macintosh, cp850",
                 asked);
        return -1;
    }
    struct tally tally = tally_of(*bytes, *byte_count);
    if (tally.strays == 0)
        return UTF_8;
    if (tally.sequences > 0) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES,
                 "line %d is not UTF-8, and other lines are: two encodings in one file; correct "
                 "it, or name one with --encoding",
                 line_of(*bytes, tally.first_stray));
        return -1;
    }
    *ret_guessed = true;
    return guess(*bytes, *byte_count);
}

static bool convert(const char *bytes, size_t byte_count, const char *encoding,
                    struct import_text *text, char *ret_problem)
{
    iconv_t converter = iconv_open("UTF-8", encoding);
    size_t room = byte_count * GROWTH_MAX;
    text->text = malloc(room + 1);
    if (converter == (iconv_t)-1 || text->text == NULL) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "%s cannot be converted: %s", encoding,
                 strerror(errno));
        if (converter != (iconv_t)-1)
            iconv_close(converter);
        return false;
    }
    char *from = (char *)(uintptr_t)bytes, *to = text->text;
    size_t left = byte_count;
    bool is_fine = iconv(converter, &from, &left, &to, &room) != (size_t)-1;
    iconv_close(converter);
    if (!is_fine)
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "line %d: byte 0x%02X is no character of %s",
                 line_of(bytes, byte_count - left), (unsigned)(unsigned char)*from, encoding);
    text->length = (size_t)(to - text->text);
    text->text[text->length] = '\0';
    return is_fine;
}

bool import_encoding_read(const char *bytes, size_t byte_count, const char *asked,
                          struct import_text *ret_text, char ret_problem[CSV_PROBLEM_BYTES])
{
    struct import_text text = {0};
    int encoding = find_encoding(&bytes, &byte_count, asked, &text.is_guessed, ret_problem);
    if (encoding < 0)
        return false;
    text.encoding = IMPORT_ENCODINGS[encoding];
    bool is_fine = convert(bytes, byte_count, text.encoding, &text, ret_problem);
    const char *nul = is_fine ? memchr(text.text, '\0', text.length) : NULL;
    if (nul != NULL) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "line %d holds a NUL: this is no text",
                 line_of(text.text, (size_t)(nul - text.text)));
        is_fine = false;
    }
    if (is_fine)
        *ret_text = text;
    else
        import_text_done(&text);
    return is_fine;
}

void import_text_done(struct import_text *text)
{
    free(text->text);
    text->text = NULL;
}
