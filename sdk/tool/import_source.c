/* SPDX-License-Identifier: Apache-2.0 */
#include "import_source.h"

#include <string.h>

#include "import_geojson.h"
#include "import_pool.h"
#include "import_row.h"

#define LIST_BYTES 150
#define SEPARATORS ";,\t|"
#define HEADER_LINES_MAX 30
/* Headings that must be known for a row to be the header. */
#define SCORE_MIN 2

const struct import_format_row IMPORT_FORMATS[FORMAT_COUNT] = {
    [FORMAT_OWN] = {"own", "the project's own CSV"},
    [FORMAT_LAYER_GEOJSON] = {"layer-geojson", "GeoJSON, one feature a CPTS; geometry is ignored"},
    [FORMAT_LAYER_CSV] = {"layer-csv", "CSV, one line a CPTS"},
    [FORMAT_COMMUNE_CSV] = {"commune-csv", "CSV, one line a commune"},
};

/* Where a CSV's header is. */
struct header {
    char separator;
    size_t score;
    int line;
    /** The widest row that was met, to show what the columns are called. */
    size_t cell_count;
    char list[LIST_BYTES];
};

enum import_format import_format_find(const char *name)
{
    int format = 0;
    while (format < FORMAT_COUNT && strcmp(name, IMPORT_FORMATS[format].name) != 0)
        format++;
    return (enum import_format)format;
}

/* Whether the first row has the own format's columns. */
static bool is_own(const struct import_text *text)
{
    struct csv_table table;
    size_t known = 0;
    if (!csv_table_sample(&table, text->text, text->length, ',', 1))
        return false;
    for (size_t i = 0; table.row_count > 0 && i < table.rows[0].cell_count; i++) {
        for (int column = 0; column < COLUMN_FINESS; column++)
            known += strcmp(csv_table_cell(&table, &table.rows[0], i),
                            import_column_name((enum import_column)column)) == 0;
    }
    csv_table_done(&table);
    return known * 2 > COLUMN_FINESS;
}

/* A line on which the header may begin, as its first row. */
struct trial {
    const struct import_text *text;
    const struct import_hints *hints;
    size_t offset;
    int line;
    char separator;
};

/* Scores the row that begins there; false when memory is out. */
static bool try_row(const struct trial *trial, struct header *best)
{
    struct csv_table sample;
    if (!csv_table_sample(&sample, trial->text->text + trial->offset,
                          trial->text->length - trial->offset, trial->separator, 1))
        return false;
    size_t score = sample.row_count == 0
                       ? 0
                       : import_field_score(trial->hints->fields, &sample, &sample.rows[0],
                                            trial->hints->maps, trial->hints->map_count);
    if (score > best->score) {
        best->separator = trial->separator;
        best->score = score;
        best->line = trial->line + sample.rows[0].line - 1;
    }
    if (sample.row_count > 0 && sample.rows[0].cell_count > best->cell_count) {
        best->cell_count = sample.rows[0].cell_count;
        import_field_list(&sample, &sample.rows[0], best->list, sizeof best->list);
    }
    csv_table_done(&sample);
    return true;
}

/* The row with the most known headings, over the first lines and separators. A
 * title may hold anything, quotes too: each line is tried by itself. */
static bool find_header(const struct import_text *text, const struct import_hints *hints,
                        struct header *ret_header, char *ret_problem)
{
    struct trial trial = {.text = text, .hints = hints, .line = 1};
    if (text->length == 0) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file is empty");
        return false;
    }
    while (trial.line <= HEADER_LINES_MAX && trial.offset < text->length) {
        for (const char *separator = SEPARATORS; *separator != '\0'; separator++) {
            trial.separator = *separator;
            if (!try_row(&trial, ret_header)) {
                snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory for the file");
                return false;
            }
        }
        const char *end = strchr(text->text + trial.offset, '\n');
        trial.offset = end == NULL ? text->length : (size_t)(end - text->text) + 1;
        trial.line++;
    }
    if (ret_header->score >= SCORE_MIN)
        return true;
    snprintf(ret_problem, CSV_PROBLEM_BYTES,
             "no line is a header that is known: name the columns with --map FIELD=COLUMN; "
             "columns: %s",
             ret_header->list);
    return false;
}

static size_t line_offset(const struct import_text *text, int line)
{
    const char *at = text->text;
    for (; line > 1; line--)
        at = strchr(at, '\n') + 1;
    return (size_t)(at - text->text);
}

static bool read_csv(struct import_source *source, const struct import_hints *hints,
                     char *ret_problem)
{
    struct header header = {.separator = ';'};
    if (!find_header(&source->text, hints, &header, ret_problem))
        return false;
    size_t offset = line_offset(&source->text, header.line);
    source->separator = header.separator;
    return csv_table_parse(&source->table, source->text.text + offset, source->text.length - offset,
                           header.separator, header.line, ret_problem);
}

static bool map_columns(struct import_source *source, const struct import_hints *hints,
                        char *ret_problem)
{
    if (!import_mapping_read(hints->fields, &source->table, &source->table.rows[0], hints->maps,
                             hints->map_count, &source->mapping, ret_problem))
        return false;
    if (source->table.row_count > 1)
        return true;
    snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file has a header and no row");
    return false;
}

static bool read_table(struct import_source *source, const struct import_hints *hints,
                       char *ret_problem)
{
    bool is_read = source->format == FORMAT_LAYER_GEOJSON
                       ? geojson_table_parse(&source->table, source->text.text, source->text.length,
                                             ret_problem)
                       : read_csv(source, hints, ret_problem);
    if (!is_read || !map_columns(source, hints, ret_problem))
        return false;
    const int *column = source->mapping.column;
    if (source->format == FORMAT_COUNT)
        source->format = column[FIELD_COMMUNE_CODE] >= 0 || column[FIELD_COMMUNE_NAME] >= 0
                             ? FORMAT_COMMUNE_CSV
                             : FORMAT_LAYER_CSV;
    return true;
}

static enum import_format detect(const struct import_text *text)
{
    const char *first = text->text + strspn(text->text, " \t\r\n");
    if (*first == '{' || *first == '[')
        return FORMAT_LAYER_GEOJSON;
    return is_own(text) ? FORMAT_OWN : FORMAT_COUNT;
}

bool import_source_read(struct import_source *source, const char *bytes, size_t byte_count,
                        const struct import_hints *hints, char ret_problem[CSV_PROBLEM_BYTES])
{
    memset(source, 0, sizeof *source);
    if (!import_encoding_read(bytes, byte_count, hints->encoding, &source->text, ret_problem)) {
        import_text_mend(ret_problem);
        return false;
    }
    source->format = hints->format == FORMAT_COUNT ? detect(&source->text) : hints->format;
    if (source->format == FORMAT_OWN || read_table(source, hints, ret_problem))
        return true;
    import_text_mend(ret_problem);
    import_source_done(source);
    return false;
}

bool import_source_read_table(struct import_source *source, const char *bytes, size_t byte_count,
                              const struct import_hints *hints, char ret_problem[CSV_PROBLEM_BYTES])
{
    memset(source, 0, sizeof *source);
    source->format = FORMAT_COUNT;
    bool is_decoded =
        import_encoding_read(bytes, byte_count, hints->encoding, &source->text, ret_problem);
    if (is_decoded && read_csv(source, hints, ret_problem) &&
        map_columns(source, hints, ret_problem))
        return true;
    import_text_mend(ret_problem);
    if (is_decoded)
        import_source_done(source);
    return false;
}

const char *import_source_cell(const struct import_source *source, const struct csv_row *row,
                               int field)
{
    int column = source->mapping.column[field];
    if (column < 0 || (size_t)column >= row->cell_count)
        return "";
    return csv_table_cell(&source->table, row, (size_t)column);
}

void import_source_done(struct import_source *source)
{
    csv_table_done(&source->table);
    import_text_done(&source->text);
}
