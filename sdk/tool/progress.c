/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <time.h>

#include "bar.h"

#define BAR_CELLS 30
#define INTERVAL_MS 100
#define WIPE "\r\033[K"

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const struct session *session, size_t total)
{
    *progress =
        (struct progress){.session = session,
                          .total = total,
                          .is_shown = session->terminal.is_stderr_tty && !session->is_quiet};
}

void progress_show(struct progress *progress, size_t done, size_t refused)
{
    char bar[BAR_TEXT_BYTES];
    int64_t now = now_ms();
    if (!progress->is_shown || now - progress->drawn_ms < INTERVAL_MS)
        return;
    progress->drawn_ms = now;
    bar_write(figure_fraction((int64_t)done, (int64_t)progress->total), BAR_CELLS,
              progress->session->terminal.has_unicode, bar);
    fprintf(stderr, WIPE "%s %zu of %zu rows", bar, done, progress->total);
    if (refused > 0)
        fprintf(stderr, ", %zu refused", refused);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown)
        fputs(WIPE, stderr);
}
