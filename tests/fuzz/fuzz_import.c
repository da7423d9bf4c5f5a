/* SPDX-License-Identifier: Apache-2.0 */
/* import_file_read() of any file: a sentence why it is none, or rows of which
 * each is fit to be sent or says why it is not. */
#include <cpts/value.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "import_file.h"

#define TODAY "2026-01-31"

static void require_text(const char *text, size_t room_bytes)
{
    size_t length = strnlen(text, room_bytes);
    REQUIRE(length > 0 && length < room_bytes);
    REQUIRE(cpts_text_is_valid(text, length));
}

static void require_refusal(const struct cpts_error *problem)
{
    REQUIRE(problem != NULL);
    require_text(problem->message, sizeof problem->message);
    require_text(problem->reason, sizeof problem->reason);
}

/* Of a commune or an arrondissement, or of an IRIS. */
static bool is_code_length(size_t length)
{
    return length == 5 || length == 9;
}

static void require_fit(const struct import_row *row)
{
    const struct cpts_creation *creation = &row->creation;
    REQUIRE(row->problem == NULL && row->key[0] != '\0' && creation->name[0] != '\0');
    REQUIRE(strlen(creation->lead_region) == 2);
    REQUIRE(creation->stage_count >= 1 && creation->stage_count <= IMPORT_STAGES_MAX);
    for (size_t i = 0; i < creation->stage_count; i++) {
        REQUIRE(cpts_date_is_valid(row->stages[i].effective_on));
        REQUIRE(strcmp(row->stages[i].effective_on, TODAY) <= 0);
    }
    for (size_t i = 0; i < creation->unit_count; i++) {
        REQUIRE(is_code_length(strlen(row->units[i].unit_code)));
        REQUIRE(row->units[i].share > 0 && row->units[i].share <= 1);
        REQUIRE(i == 0 || strcmp(row->units[i - 1].unit_code, row->units[i].unit_code) < 0);
    }
}

static void require_rows(const struct import_file *file)
{
    REQUIRE(file->import.row_count == file->table.row_count - 1);
    for (size_t i = 0; i < file->import.row_count; i++) {
        const struct import_row *row = &file->import.rows[i];
        REQUIRE(row->line >= 1 && (i == 0 || row->line >= file->import.rows[i - 1].line));
        if (row->state == IMPORT_REFUSED) {
            require_refusal(row->problem);
        } else {
            REQUIRE(row->state == IMPORT_WAITING);
            require_fit(row);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct import_file file;
    char problem[CSV_PROBLEM_BYTES] = "";
    FILE *stream = fmemopen((void *)(uintptr_t)bytes, byte_count, "r");
    if (stream == NULL)
        return 0;
    bool is_fine = import_file_read(&file, stream, "fuzz", TODAY, problem);
    (void)fclose(stream);
    if (is_fine)
        require_rows(&file);
    else
        require_text(problem, sizeof problem);
    if (is_fine)
        import_file_done(&file);
    return 0;
}
