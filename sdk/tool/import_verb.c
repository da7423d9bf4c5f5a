/* SPDX-License-Identifier: Apache-2.0 */
#include "import_verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "failure.h"
#include "input.h"

/* Long enough for a node to be restarted in the middle of an import. */
#define RETRY_MAX 20
#define TIMEOUT_DEFAULT_MS 60000
#define DATE_BYTES 11

int import_verb_refuse(const char *path, const char *problem)
{
    fprintf(stderr, "cptsctl: %s: %s\n  next:   nothing was sent; correct the file first\n", path,
            problem);
    return EXIT_CODE_ERROR;
}

int import_verb_maps(const struct arguments *arguments, struct import_map *maps,
                     struct import_hints *hints)
{
    char problem[CSV_PROBLEM_BYTES];
    bool is_given[IMPORT_FIELDS_MAX] = {false};
    for (size_t i = 0; i < arguments_count(arguments, "map"); i++) {
        struct import_map map;
        if (!import_map_read(hints->fields, arguments_nth(arguments, "map", i), &map, problem))
            return usage_error(arguments->command, "--map: %s", problem);
        if (is_given[map.field])
            return usage_error(arguments->command, "--map %s is given twice",
                               hints->fields->names[map.field]);
        is_given[map.field] = true;
        maps[hints->map_count++] = map;
    }
    hints->maps = maps;
    return EXIT_CODE_OK;
}

void import_verb_today(char ret_date[11])
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(ret_date, DATE_BYTES, "%Y-%m-%d", &local);
}

int import_verb_source(const char *path, import_reader reader, const struct import_hints *hints,
                       struct import_source *ret_source)
{
    char problem[CSV_PROBLEM_BYTES];
    size_t byte_count = 0;
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return import_verb_refuse(path, strerror(errno));
    char *bytes = csv_bytes_read(stream, &byte_count, problem);
    fclose(stream);
    bool is_fine = bytes != NULL && reader(ret_source, bytes, byte_count, hints, problem);
    free(bytes);
    return is_fine ? EXIT_CODE_OK : import_verb_refuse(path, problem);
}

int import_verb_connect(struct session *session, const struct arguments *arguments)
{
    if (session->timeout_ms == 0)
        session->timeout_ms = TIMEOUT_DEFAULT_MS;
    return session_connect(session, arguments, RETRY_MAX);
}

int import_verb_report(const char *path, bool (*write)(const void *import, FILE *stream),
                       const void *import)
{
    if (path == NULL)
        return EXIT_CODE_OK;
    FILE *stream = fopen(path, "we");
    bool is_fine = stream != NULL && write(import, stream);
    if (stream != NULL && fclose(stream) != 0)
        is_fine = false;
    if (!is_fine)
        fprintf(stderr, "cptsctl: the report %s cannot be written: %s\n", path, strerror(errno));
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int import_verb_end(const struct cpts_error *stop, int code)
{
    if (stop->status == CPTS_OK)
        return code;
    failure_facts(stop);
    fputs("  next:   run the same import again; what is there already stays as it is\n", stderr);
    return failure_exit_code(stop);
}
