/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/unpack.h"

#define MESSAGE_BYTES 2001
/* Worst case: every byte of the message becomes \u00XX, and the frame. */
#define LINE_BYTES (MESSAGE_BYTES * 6 + 512)
#define LIMIT_NS 1000000000LL

static _Atomic int highest_level = LOG_INFO;

static const char *const LEVEL_NAMES[] = {
    [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};

struct line {
    char text[LINE_BYTES];
    size_t length;
};

static void add_raw(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_raw(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof line->text - line->length;
    int written = vsnprintf(line->text + line->length, room, format, arguments);
    va_end(arguments);
    if (written > 0)
        line->length += (size_t)written < room ? (size_t)written : room - 1;
}

/* Adds the inside of a JSON string. */
static void add_escaped(struct line *line, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\')
            add_raw(line, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            add_raw(line, "\\u%04x", byte);
        else
            add_raw(line, "%c", byte);
    }
}

static void add_time(struct line *line)
{
    int64_t now_us = clock_realtime_us();
    time_t seconds = now_us / 1000000;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char text[sizeof "2026-01-01T00:00:00"];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    add_raw(line, "{\"time\":\"%s.%06dZ\"", text, (int)(now_us % 1000000));
}

static void write_line(enum log_level level, const char *module, int64_t left_out,
                       const char *format, va_list arguments)
{
    char message[MESSAGE_BYTES];
    vsnprintf(message, sizeof message, format, arguments);
    wire_make_utf8(message);
    struct line line;
    line.length = 0;
    add_time(&line);
    add_raw(&line, ",\"level\":\"%s\",\"module\":\"", LEVEL_NAMES[level]);
    add_escaped(&line, module);
    add_raw(&line, "\",\"message\":\"");
    add_escaped(&line, message);
    add_raw(&line, "\"");
    if (left_out > 0)
        add_raw(&line, ",\"left_out\":%lld", (long long)left_out);
    add_raw(&line, "}\n");
    /* One write keeps a line whole; a log that cannot be written has nobody
     * left to tell. */
    ssize_t written = write(STDERR_FILENO, line.text, line.length);
    (void)written;
}

static bool is_wanted(enum log_level level)
{
    return level >= LOG_ERROR && level <= LOG_DEBUG && (int)level <= atomic_load(&highest_level);
}

void log_level_set(enum log_level level)
{
    atomic_store(&highest_level, (int)level);
}

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    if (!is_wanted(level))
        return;
    va_list arguments;
    va_start(arguments, format);
    write_line(level, module, 0, format, arguments);
    va_end(arguments);
}

void log_write_limited(struct log_limit *limit, enum log_level level, const char *module,
                       const char *format, ...)
{
    if (!is_wanted(level))
        return;
    int64_t now_ns = clock_monotonic_ns();
    int64_t last_ns = atomic_load(&limit->last_ns);
    bool due = last_ns == 0 || now_ns - last_ns >= LIMIT_NS;
    if (!due || !atomic_compare_exchange_strong(&limit->last_ns, &last_ns, now_ns)) {
        atomic_fetch_add(&limit->left_out, 1);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_line(level, module, atomic_exchange(&limit->left_out, 0), format, arguments);
    va_end(arguments);
}
