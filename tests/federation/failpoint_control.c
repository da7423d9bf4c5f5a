/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * What a test says to the failpoints of cptsd_failpoints (wire/failpoint.h), which
 * CPTS_FAILPOINT_NAMES lists, with blanks between: the file named by CPTS_FAILPOINTS is
 * read at each of them, so that it may change while the server runs. A line each:
 * `kill/<name> <n>` dies at the n-th time from then on, `mutant/<name>` is a defect that is
 * there. Each point that is reached leaves its name in the file with `.reached` after its
 * own, once a process.
 */
#include <fcntl.h>
#include <fiu-control.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/failpoint.h"

#define ORDER_BYTES 1024
#define NAME_BYTES 96
#define NAMES_BYTES 16384
#define POINTS_MAX 128

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *order_path;
static char order[ORDER_BYTES];
static long hits;
static char reached[POINTS_MAX][NAME_BYTES];
static size_t reached_count;

/* Leaves the name, the first time. */
static void note_reached(const char *name)
{
    for (size_t i = 0; i < reached_count; i++) {
        if (strcmp(reached[i], name) == 0)
            return;
    }
    if (reached_count == POINTS_MAX)
        abort();
    snprintf(reached[reached_count++], NAME_BYTES, "%s", name);
    char path[ORDER_BYTES];
    char line[NAME_BYTES + 1];
    snprintf(path, sizeof(path), "%s.reached", order_path);
    int length = snprintf(line, sizeof(line), "%s\n", name);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0 || write(file, line, (size_t)length) != length)
        abort();
    close(file);
}

/* A new order counts from the beginning. */
static void read_order(void)
{
    char text[ORDER_BYTES] = "";
    int file = open(order_path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, text, sizeof(text) - 1) < 0)
            abort();
        close(file);
    }
    if (strcmp(text, order) != 0) {
        strcpy(order, text);
        hits = 0;
    }
}

/* The rest of the line that begins with the name, or NULL. */
static const char *order_of(const char *name)
{
    size_t length = strlen(name);
    for (const char *line = order; *line != '\0';) {
        if (strncmp(line, name, length) == 0 && strchr(" \n", line[length]) != NULL)
            return line + length;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return NULL;
}

// NOLINTNEXTLINE(readability-non-const-parameter): the type is libfiu's
static int ask(const char *name, int *failnum, void **failinfo, unsigned int *flags)
{
    (void)failnum;
    (void)failinfo;
    (void)flags;
    pthread_mutex_lock(&lock);
    note_reached(name);
    read_order();
    const char *rest = order_of(name);
    bool kills = strncmp(name, "kill/", strlen("kill/")) == 0;
    if (rest != NULL && kills && ++hits >= strtol(rest, NULL, 10))
        raise(SIGKILL);
    pthread_mutex_unlock(&lock);
    return rest != NULL && !kills;
}

__attribute__((constructor)) static void begin(void)
{
    static char names[NAMES_BYTES]; /* libfiu keeps them */
    const char *given = getenv("CPTS_FAILPOINT_NAMES");
    order_path = getenv("CPTS_FAILPOINTS");
    if (order_path == NULL || given == NULL)
        return;
    if (strlen(order_path) > ORDER_BYTES / 2 || strlen(given) >= NAMES_BYTES || fiu_init(0) != 0)
        abort();
    strcpy(names, given);
    char *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        if (fiu_enable_external(name, 1, NULL, 0, ask) != 0)
            abort();
    }
}
