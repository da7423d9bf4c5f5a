/* SPDX-License-Identifier: Apache-2.0 */
#include "import_source.h"

#include <string.h>

#include "import_geojson.h"
#include "import_row.h"

#define LIST_BYTES 150
#define SEPARATORS ";,\t|"
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
    if (!csv_table_sample(&table, text->text, text->length, ','))
        return false;
    for (size_t i = 0; table.row_count > 0 && i < table.rows[0].cell_count; i++) {
        for (int column = 0; column < COLUMN_FINESS; column++)
            known += strcmp(csv_table_cell(&table, &table.rows[0], i),
                            import_column_name((enum import_column)column)) == 0;
    }
    csv_table_done(&table);
    return known * 2 > COLUMN_FINESS;
}

/* The row of the sample with the most known headings, for one separator. */
static bool score_separator(const struct import_text *text, const struct import_hints *hints,
                            char separator, struct header *best)
{
    struct csv_table sample;
    if (!csv_table_sample(&sample, text->text, text->length, separator))
        return false;
    for (size_t i = 0; i < sample.row_count; i++) {
        size_t score = import_field_score(&sample, &sample.rows[i], hints->maps, hints->map_count);
        if (score > best->score)
            *best = (struct header){
                .separator = separator, .score = score, .line = sample.rows[i].line};
    }
    csv_table_done(&sample);
    return true;
}

/* The widest row of the sample, to show what the columns are called. */
static bool refuse_header(const struct import_text *text, char *ret_problem)
{
    char list[LIST_BYTES] = "";
    size_t widest = 0;
    for (const char *separator = SEPARATORS; *separator != '\0'; separator++) {
        struct csv_table sample;
        if (!csv_table_sample(&sample, text->text, text->length, *separator))
            continue;
        for (size_t i = 0; i < sample.row_count; i++) {
            if (sample.rows[i].cell_count <= widest)
                continue;
            widest = sample.rows[i].cell_count;
            import_field_list(&sample, &sample.rows[i], list, sizeof list);
        }
        csv_table_done(&sample);
    }
    snprintf(ret_problem, CSV_PROBLEM_BYTES,
             "no line is a header that is known: name the columns with --map FIELD=COLUMN; "
             "columns: %s",
             list);
    return false;
}

static bool find_header(const struct import_text *text, const struct import_hints *hints,
                        struct header *ret_header, char *ret_problem)
{
    struct header best = {.separator = ';'};
    if (text->length == 0) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file is empty");
        return false;
    }
    for (const char *separator = SEPARATORS; *separator != '\0'; separator++) {
        if (!score_separator(text, hints, *separator, &best)) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory for the file");
            return false;
        }
    }
    *ret_header = best;
    return best.score >= SCORE_MIN || refuse_header(text, ret_problem);
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
    struct header header;
    if (!find_header(&source->text, hints, &header, ret_problem))
        return false;
    size_t offset = line_offset(&source->text, header.line);
    source->separator = header.separator;
    return csv_table_parse(&source->table, source->text.text + offset, source->text.length - offset,
                           header.separator, header.line, ret_problem);
}

static bool read_table(struct import_source *source, const struct import_hints *hints,
                       char *ret_problem)
{
    bool is_read = source->format == FORMAT_LAYER_GEOJSON
                       ? geojson_table_parse(&source->table, source->text.text, source->text.length,
                                             ret_problem)
                       : read_csv(source, hints, ret_problem);
    if (!is_read || !import_mapping_read(&source->table, &source->table.rows[0], hints->maps,
                                         hints->map_count, &source->mapping, ret_problem))
        return false;
    const int *column = source->mapping.column;
    if (source->format == FORMAT_COUNT)
        source->format = column[FIELD_COMMUNE_CODE] >= 0 || column[FIELD_COMMUNE_NAME] >= 0
                             ? FORMAT_COMMUNE_CSV
                             : FORMAT_LAYER_CSV;
    if (source->table.row_count > 1)
        return true;
    snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file has a header and no row");
    return false;
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
    if (!import_encoding_read(bytes, byte_count, hints->encoding, &source->text, ret_problem))
        return false;
    source->format = hints->format == FORMAT_COUNT ? detect(&source->text) : hints->format;
    if (source->format == FORMAT_OWN || read_table(source, hints, ret_problem))
        return true;
    import_source_done(source);
    return false;
}

const char *import_source_cell(const struct import_source *source, const struct csv_row *row,
                               enum import_field field)
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
