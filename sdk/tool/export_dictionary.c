/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary: every column of every table as a row of a table of its own. */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "export_note.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* clang-format off */
static const struct export_column COLUMNS[] = {
    {.name = "table", .label = "Table", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de la table, celui de son fichier CSV."},
    {.name = "title", .label = "Titre", .type = EXPORT_TEXT, .is_required = true,
     .description = "Titre de la table, celui de sa feuille."},
    {.name = "column", .label = "Colonne", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de la colonne dans le CSV."},
    {.name = "label", .label = "Libellé", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de la colonne dans le classeur."},
    {.name = "type", .label = "Type", .type = EXPORT_TEXT, .is_required = true,
     .description = "Forme des valeurs."},
    {.name = "unit", .label = "Unité", .type = EXPORT_TEXT,
     .description = "Ce que le nombre compte."},
    {.name = "required", .label = "Toujours remplie", .type = EXPORT_BOOLEAN,
     .is_required = true, .description = "true : jamais vide."},
    {.name = "key", .label = "Clé", .type = EXPORT_BOOLEAN, .is_required = true,
     .description = "true : fait partie de la clé, qui désigne une seule ligne."},
    {.name = "values", .label = "Valeurs", .type = EXPORT_TEXT,
     .description = "Valeurs possibles, ou limites."},
    {.name = "description", .label = "Description", .type = EXPORT_TEXT, .is_required = true,
     .description = "Ce que la colonne dit."},
    {.name = "source", .label = "Source", .type = EXPORT_TEXT, .is_required = true,
     .description = "D'où viennent les données de la table."},
};
/* clang-format on */

/* Whether a word is in a list with spaces. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        size_t span = strcspn(at, " ");
        if (span == length && strncmp(at, word, length) == 0)
            return true;
        at += span;
    }
    return false;
}

/* "EMERGENCE (Émergence), …", or "0 à 1". */
static void write_values(const struct export_column *column, char ret_text[EXPORT_NOTE_BYTES])
{
    size_t length = 0;
    enum cpts_stage stage;
    ret_text[0] = '\0';
    for (size_t i = 0; column->values != NULL && column->values[i] != NULL; i++) {
        bool is_stage = cpts_stage_parse(column->values[i], &stage);
        length += (size_t)snprintf(ret_text + length, EXPORT_NOTE_BYTES - length, "%s%s%s%s%s",
                                   i == 0 ? "" : ", ", column->values[i], is_stage ? " (" : "",
                                   is_stage ? board_stage_label(stage) : "", is_stage ? ")" : "");
        if (length >= EXPORT_NOTE_BYTES)
            length = EXPORT_NOTE_BYTES - 1;
    }
    if (column->maximum != NULL)
        snprintf(ret_text, EXPORT_NOTE_BYTES, "de %s à %s",
                 column->minimum == NULL ? "-∞" : column->minimum, column->maximum);
    else if (column->minimum != NULL)
        snprintf(ret_text, EXPORT_NOTE_BYTES, "%s ou plus", column->minimum);
    else if (column->pattern != NULL)
        snprintf(ret_text, EXPORT_NOTE_BYTES, "forme %s", column->pattern);
}

static cpts_status fill(const struct export *export, struct export_writer *writer,
                        struct cpts_error *err)
{
    char values[EXPORT_NOTE_BYTES], sources[EXPORT_NOTE_BYTES];
    (void)export;
    (void)err;
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++) {
        const struct export_table *table = EXPORT_TABLES[i];
        export_source_titles(table->sources, sources);
        for (size_t j = 0; j < table->column_count; j++) {
            const struct export_column *column = &table->columns[j];
            write_values(column, values);
            export_row(writer, (const char *[]){
                                   table->name, table->title, column->name, column->label,
                                   export_type_label(column->type), column->unit,
                                   column->is_required ? "true" : "false",
                                   has_word(table->primary_key, column->name) ? "true" : "false",
                                   values, column->description, sources});
        }
    }
    return CPTS_OK;
}

const struct export_table EXPORT_DICTIONARY = {
    .name = "dictionary",
    .title = "Dictionnaire",
    .description = "Une ligne par colonne de chaque table.",
    .primary_key = "table column",
    .columns = COLUMNS,
    .column_count = COUNT(COLUMNS),
    .sources = EXPORT_SOURCE_REGISTRY,
    .fill = fill,
};
