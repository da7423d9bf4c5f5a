/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "wire/error.h"
#include "wire/hexadecimal.h"
#include "wire/uuid.h"

#define FIRST_LINE "cpts-key-memory 1\n"
#define LINE_BYTES 256
#define FIRST_CAPACITY 64
/* Five seconds. */
#define LOCK_TRIES_MAX 100
#define LOCK_PAUSE_NS 50000000L

static cpts_status refuse(const struct trust_memory *memory, const char *why,
                          struct cpts_error *err)
{
    cpts_status status = error_set_field(err, REASON_CONFIGURATION_INVALID, "key_memory_file",
                                         "%.160s: %s", memory->path, why);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%.255s", memory->path);
    return status;
}

static int compare(const struct trust_seen *seen, const uint8_t cpts_id[16], int32_t serial)
{
    int order = memcmp(seen->cpts_id, cpts_id, 16);
    return order != 0 ? order : (seen->serial > serial) - (seen->serial < serial);
}

/* Index of the first one that is not before the one asked for. */
static size_t lower_bound(const struct trust_memory *memory, const uint8_t cpts_id[16],
                          int32_t serial)
{
    size_t low = 0;
    size_t high = memory->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&memory->seen[middle], cpts_id, serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct trust_seen *cpts_trust_memory__find(const struct trust_memory *memory,
                                           const uint8_t cpts_id[16], int32_t serial)
{
    size_t index = lower_bound(memory, cpts_id, serial);
    if (index == memory->count || compare(&memory->seen[index], cpts_id, serial) != 0)
        return NULL;
    return &memory->seen[index];
}

const struct trust_seen *cpts_trust_memory__last(const struct trust_memory *memory,
                                                 const uint8_t cpts_id[16])
{
    size_t end = lower_bound(memory, cpts_id, INT32_MAX);
    if (end == 0 || memcmp(memory->seen[end - 1].cpts_id, cpts_id, 16) != 0)
        return NULL;
    return &memory->seen[end - 1];
}

bool cpts_trust_memory__add(struct trust_memory *memory, const struct trust_seen *seen)
{
    size_t index = lower_bound(memory, seen->cpts_id, seen->serial);
    if (memory->count == memory->capacity || memory->seen == NULL) {
        size_t capacity = memory->capacity == 0 ? FIRST_CAPACITY : memory->capacity * 2;
        struct trust_seen *grown = realloc(memory->seen, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        memory->seen = grown;
        memory->capacity = capacity;
    }
    memmove(&memory->seen[index + 1], &memory->seen[index],
            (memory->count - index) * sizeof *memory->seen);
    memory->seen[index] = *seen;
    memory->count++;
    memory->is_changed = true;
    return true;
}

const struct trust_authority *cpts_trust_memory__authority(const struct trust_memory *memory,
                                                           const char *region)
{
    for (size_t i = 0; i < memory->authority_count; i++) {
        if (strcmp(memory->authorities[i].region, region) == 0)
            return &memory->authorities[i];
    }
    return NULL;
}

bool cpts_trust_memory__revoke(struct trust_memory *memory, const struct trust_authority *authority)
{
    const struct trust_authority *known = cpts_trust_memory__authority(memory, authority->region);
    size_t index = known == NULL ? memory->authority_count : (size_t)(known - memory->authorities);
    if (index == TRUST_AUTHORITIES_MAX || (known != NULL && known->serial >= authority->serial))
        return false;
    memory->authorities[index] = *authority;
    memory->authority_count += known == NULL;
    memory->is_changed = true;
    return true;
}

void cpts_trust_memory__set_head(struct trust_memory *memory, int64_t position,
                                 const uint8_t hash[32])
{
    memory->has_head = true;
    memory->head_position = position;
    memcpy(memory->head_hash, hash, sizeof memory->head_hash);
    memory->is_changed = true;
}

/* The next word of a line, which it is cut out of; "" when there is none. */
static const char *take_word(char **at)
{
    char *word = *at + strspn(*at, " \n");
    *at = word + strcspn(word, " \n");
    if (**at != '\0')
        *(*at)++ = '\0';
    return word;
}

static bool take_number(char **at, int64_t most, int64_t *ret_number)
{
    char *end = NULL;
    const char *word = take_word(at);
    errno = 0;
    long long number = strtoll(word, &end, 10);
    if (errno != 0 || end == word || *end != '\0' || number < 0 || number > most)
        return false;
    *ret_number = number;
    return true;
}

static bool take_head(struct trust_memory *memory, char *line)
{
    int64_t position = 0;
    uint8_t hash[32];
    if (!take_number(&line, INT64_MAX, &position) ||
        !hexadecimal_read(take_word(&line), hash, sizeof hash))
        return false;
    if (!memory->has_head || position > memory->head_position)
        cpts_trust_memory__set_head(memory, position, hash);
    return true;
}

/* CPTS, serial, region, hash, when and why it was revoked. */
static bool read_key(char *line, struct trust_seen *seen)
{
    int64_t serial = 0;
    int64_t reason = 0;
    if (!uuid_parse(take_word(&line), seen->cpts_id) || !take_number(&line, INT32_MAX, &serial))
        return false;
    snprintf(seen->region, sizeof seen->region, "%.7s", take_word(&line));
    if (!hexadecimal_read(take_word(&line), seen->sha256, sizeof seen->sha256) ||
        !take_number(&line, INT64_MAX, &seen->revoked_at_s) ||
        !take_number(&line, INT32_MAX, &reason))
        return false;
    seen->serial = (int32_t)serial;
    seen->reason = (int32_t)reason;
    return serial > 0;
}

static bool take_key(struct trust_memory *memory, char *line)
{
    struct trust_seen seen = {0};
    if (!read_key(line, &seen))
        return false;
    struct trust_seen *known = cpts_trust_memory__find(memory, seen.cpts_id, seen.serial);
    if (known == NULL)
        return cpts_trust_memory__add(memory, &seen);
    if (known->revoked_at_s == 0) {
        known->revoked_at_s = seen.revoked_at_s;
        known->reason = seen.reason;
    }
    return true;
}

/* Region, serial, when and why it was revoked. */
static bool take_authority(struct trust_memory *memory, char *line)
{
    struct trust_authority authority = {0};
    int64_t serial = 0;
    int64_t reason = 0;
    snprintf(authority.region, sizeof authority.region, "%.7s", take_word(&line));
    if (!take_number(&line, INT32_MAX, &serial) ||
        !take_number(&line, INT64_MAX, &authority.revoked_at_s) ||
        !take_number(&line, INT32_MAX, &reason) || serial == 0 || authority.region[0] == '\0')
        return false;
    authority.serial = (int32_t)serial;
    authority.reason = (int32_t)reason;
    (void)cpts_trust_memory__revoke(memory, &authority);
    return true;
}

static bool take_line(struct trust_memory *memory, char *line)
{
    const char *what = take_word(&line);
    if (strcmp(what, "head") == 0)
        return take_head(memory, line);
    if (strcmp(what, "authority") == 0)
        return take_authority(memory, line);
    return strcmp(what, "key") == 0 && take_key(memory, line);
}

/* Takes in what the file has; what is there already stays. */
static cpts_status take_in(struct trust_memory *memory, struct cpts_error *err)
{
    char line[LINE_BYTES];
    FILE *file = fopen(memory->path, "re");
    if (file == NULL)
        return errno == ENOENT ? CPTS_OK : refuse(memory, strerror(errno), err);
    bool is_fine = fgets(line, sizeof line, file) != NULL && strcmp(line, FIRST_LINE) == 0;
    while (is_fine && fgets(line, sizeof line, file) != NULL)
        is_fine = take_line(memory, line);
    fclose(file);
    return is_fine ? CPTS_OK
                   : refuse(memory, "it is damaged; what was seen is not forgotten silently", err);
}

cpts_status cpts_trust_memory__open(struct trust_memory *memory, const char *path,
                                    struct cpts_error *err)
{
    if (path == NULL || path[0] == '\0')
        return CPTS_OK;
    memory->path = strdup(path);
    if (memory->path == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a path");
    cpts_status status = take_in(memory, err);
    memory->is_changed = false;
    return status;
}

void cpts_trust_memory__close(struct trust_memory *memory)
{
    free(memory->path);
    free(memory->seen);
}

static bool write_lines(const struct trust_memory *memory, FILE *file)
{
    char id[UUID_TEXT_BYTES];
    char hash[65];
    fputs(FIRST_LINE, file);
    if (memory->has_head) {
        hexadecimal_write(memory->head_hash, sizeof memory->head_hash, hash);
        fprintf(file, "head %" PRId64 " %s\n", memory->head_position, hash);
    }
    for (size_t i = 0; i < memory->authority_count; i++) {
        const struct trust_authority *authority = &memory->authorities[i];
        fprintf(file, "authority %s %" PRId32 " %" PRId64 " %" PRId32 "\n", authority->region,
                authority->serial, authority->revoked_at_s, authority->reason);
    }
    for (size_t i = 0; i < memory->count; i++) {
        const struct trust_seen *seen = &memory->seen[i];
        uuid_format(seen->cpts_id, id);
        hexadecimal_write(seen->sha256, sizeof seen->sha256, hash);
        fprintf(file, "key %s %" PRId32 " %s %s %" PRId64 " %" PRId32 "\n", id, seen->serial,
                seen->region, hash, seen->revoked_at_s, seen->reason);
    }
    return fflush(file) == 0 && fsync(fileno(file)) == 0;
}

static cpts_status replace(const struct trust_memory *memory, struct cpts_error *err)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s.new", memory->path);
    int descriptor = length >= (int)sizeof path
                         ? -1
                         : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL)
        return refuse(memory, strerror(errno), err);
    bool is_written = write_lines(memory, file);
    if (fclose(file) != 0)
        is_written = false;
    if (!is_written || rename(path, memory->path) != 0)
        return refuse(memory, strerror(errno), err);
    return CPTS_OK;
}

/* Another process writes for a moment; one that was stopped meanwhile is not waited for. */
static bool get_lock(int lock)
{
    static const struct timespec PAUSE = {.tv_nsec = LOCK_PAUSE_NS};
    for (int i = 0; i < LOCK_TRIES_MAX; i++) {
        if (flock(lock, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        nanosleep(&PAUSE, NULL);
    }
    return false;
}

cpts_status cpts_trust_memory__save(struct trust_memory *memory, struct cpts_error *err)
{
    char path[4096];
    if (memory->path == NULL || !memory->is_changed)
        return CPTS_OK;
    int length = snprintf(path, sizeof path, "%s.lock", memory->path);
    int lock = length >= (int)sizeof path ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || !get_lock(lock)) {
        cpts_status status = refuse(memory, strerror(errno), err);
        if (lock >= 0)
            close(lock);
        return status;
    }
    cpts_status status = take_in(memory, err);
    if (status == CPTS_OK)
        status = replace(memory, err);
    close(lock);
    if (status == CPTS_OK)
        memory->is_changed = false;
    return status;
}
