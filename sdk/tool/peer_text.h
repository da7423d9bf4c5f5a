/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_PEER_TEXT_H
#define TOOL_PEER_TEXT_H

/**
 * @file
 * Texts that somebody else wrote: nothing in them may steer a terminal or a path.
 *
 * Threads: any thread.
 */

#include <stddef.h>
#include <stdio.h>

/** Bytes of the name of a file with its NUL that peer_text_file_name() gives at most. */
#define PEER_FILE_NAME_BYTES 192

/** Writes @p text to people: control characters (C0 but tab and line feed, DEL, C1), marks
 * that turn the direction of writing, and bytes that are no UTF-8 stand as `\xHH`, byte by
 * byte; a carriage return before a line feed is left out. Not for JSON, which escapes by itself. */
void peer_text_print(FILE *stream, const void *text, size_t byte_count);

/** As peer_text_print() for one cell or line: tab and line feed are escaped, too. */
void peer_text_print_line(FILE *stream, const char *text);

/** As peer_text_print_line() into a new text; release with free(). @return NULL: no memory. */
char *peer_text_line(const char *text);

/** The last part of a path that somebody else chose, as a name of a file: separators of
 * paths (/ and \) end what is left out; what peer_text_print_line() escapes and a leading dot
 * are replaced by `_`; cut between characters. Never empty, `.` or `..`. */
void peer_text_file_name(const char *name, char ret_name[PEER_FILE_NAME_BYTES]);

#endif
