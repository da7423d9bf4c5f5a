/* SPDX-License-Identifier: Apache-2.0 */
#include "import_field.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import_pool.h"
#include "name_fold.h"
#include "suggest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
/* Bytes of a problem that the list of columns may take. */
#define LIST_BYTES 130

static const char *const NAMES[FIELD_COUNT] = {
    [FIELD_KEY] = "key",
    [FIELD_NAME] = "name",
    [FIELD_REGION] = "region",
    [FIELD_DEPARTMENT] = "department",
    [FIELD_POSTCODE] = "postcode",
    [FIELD_COMMUNE_CODE] = "commune_code",
    [FIELD_COMMUNE_NAME] = "commune_name",
    [FIELD_COMMUNES] = "communes",
    [FIELD_SHARE] = "share",
    [FIELD_STAGE] = "stage",
    [FIELD_STAGE_ON] = "stage_on",
    [FIELD_EMERGENCE_ON] = "emergence_on",
    [FIELD_LETTRE_INTENTION_ON] = "lettre_intention_on",
    [FIELD_PROJET_VALIDE_ON] = "projet_valide_on",
    [FIELD_ACI_SIGNE_ON] = "aci_signe_on",
    [FIELD_POPULATION] = "population",
    [FIELD_FINESS] = "finess",
    [FIELD_WEBSITE] = "website",
    [FIELD_IRIS] = "iris",
};

/* How sure a heading is: when two columns could be one field, the surer wins;
 * two equally sure ones are ambiguous. */
enum { VAGUE = 1, LIKELY, SURE };

/* Headings, folded (name_fold_words). Some are those of shapefiles, cut to ten
 * letters or stripped of vowels. */
static const struct {
    const char *heading;
    enum import_field field;
    int sureness;
} HEADINGS[] = {
    {"key", FIELD_KEY, SURE},
    {"id cpts", FIELD_KEY, SURE},
    {"cpts id", FIELD_KEY, SURE},
    {"code cpts", FIELD_KEY, SURE},
    {"num cpts", FIELD_KEY, SURE},
    {"numero cpts", FIELD_KEY, SURE},
    {"identifiant cpts", FIELD_KEY, SURE},
    {"identifiant", FIELD_KEY, LIKELY},
    {"nom cpts", FIELD_NAME, SURE},
    {"nom de la cpts", FIELD_NAME, SURE},
    {"nom de cpts", FIELD_NAME, SURE},
    {"nm cpts", FIELD_NAME, SURE},
    {"lib cpts", FIELD_NAME, SURE},
    {"libelle cpts", FIELD_NAME, SURE},
    {"cpts nom", FIELD_NAME, SURE},
    {"cpts", FIELD_NAME, LIKELY},
    {"nom du projet", FIELD_NAME, LIKELY},
    {"raison sociale", FIELD_NAME, LIKELY},
    {"nom", FIELD_NAME, VAGUE},
    {"name", FIELD_NAME, VAGUE},
    {"libelle", FIELD_NAME, VAGUE},
    {"denomination", FIELD_NAME, VAGUE},
    {"intitule", FIELD_NAME, VAGUE},
    {"code region", FIELD_REGION, SURE},
    {"cod rgn", FIELD_REGION, SURE},
    {"code reg", FIELD_REGION, SURE},
    {"insee reg", FIELD_REGION, SURE},
    {"reg", FIELD_REGION, LIKELY},
    {"region", FIELD_REGION, LIKELY},
    {"nom region", FIELD_REGION, VAGUE},
    {"nom rgn", FIELD_REGION, VAGUE},
    {"ars", FIELD_REGION, VAGUE},
    {"code departement", FIELD_DEPARTMENT, SURE},
    {"code dept", FIELD_DEPARTMENT, SURE},
    {"code dep", FIELD_DEPARTMENT, SURE},
    {"cd dprt", FIELD_DEPARTMENT, SURE},
    {"insee dep", FIELD_DEPARTMENT, SURE},
    {"num dep", FIELD_DEPARTMENT, SURE},
    {"departement", FIELD_DEPARTMENT, LIKELY},
    {"dept", FIELD_DEPARTMENT, LIKELY},
    {"dep", FIELD_DEPARTMENT, LIKELY},
    {"nom departement", FIELD_DEPARTMENT, VAGUE},
    {"nm dprt", FIELD_DEPARTMENT, VAGUE},
    {"code postal", FIELD_POSTCODE, SURE},
    {"cp", FIELD_POSTCODE, LIKELY},
    {"code commune", FIELD_COMMUNE_CODE, SURE},
    {"code insee", FIELD_COMMUNE_CODE, SURE},
    {"code insee commune", FIELD_COMMUNE_CODE, SURE},
    {"code insee de la commune", FIELD_COMMUNE_CODE, SURE},
    {"code commune insee", FIELD_COMMUNE_CODE, SURE},
    {"insee com", FIELD_COMMUNE_CODE, SURE},
    {"insee commune", FIELD_COMMUNE_CODE, SURE},
    {"code com", FIELD_COMMUNE_CODE, SURE},
    {"cd cmmn", FIELD_COMMUNE_CODE, SURE},
    {"codgeo", FIELD_COMMUNE_CODE, SURE},
    {"depcom", FIELD_COMMUNE_CODE, SURE},
    {"insee", FIELD_COMMUNE_CODE, LIKELY},
    {"nom commune", FIELD_COMMUNE_NAME, SURE},
    {"nom de la commune", FIELD_COMMUNE_NAME, SURE},
    {"libelle commune", FIELD_COMMUNE_NAME, SURE},
    {"lib commune", FIELD_COMMUNE_NAME, SURE},
    {"lib com", FIELD_COMMUNE_NAME, SURE},
    {"nm cmmn", FIELD_COMMUNE_NAME, SURE},
    {"nom com", FIELD_COMMUNE_NAME, SURE},
    {"libgeo", FIELD_COMMUNE_NAME, SURE},
    {"commune", FIELD_COMMUNE_NAME, LIKELY},
    {"ville", FIELD_COMMUNE_NAME, VAGUE},
    {"codes communes", FIELD_COMMUNES, SURE},
    {"codes insee", FIELD_COMMUNES, SURE},
    {"liste des communes", FIELD_COMMUNES, LIKELY},
    {"liste communes", FIELD_COMMUNES, LIKELY},
    {"communes", FIELD_COMMUNES, LIKELY},
    {"territoire", FIELD_COMMUNES, VAGUE},
    {"part", FIELD_SHARE, LIKELY},
    {"part de la population", FIELD_SHARE, SURE},
    {"part population", FIELD_SHARE, SURE},
    {"quote part", FIELD_SHARE, SURE},
    {"share", FIELD_SHARE, SURE},
    {"statut cpts", FIELD_STAGE, SURE},
    {"stade cpts", FIELD_STAGE, SURE},
    {"statut", FIELD_STAGE, LIKELY},
    {"stade", FIELD_STAGE, LIKELY},
    {"stade d avancement", FIELD_STAGE, LIKELY},
    {"etat d avancement", FIELD_STAGE, LIKELY},
    {"etat avancement", FIELD_STAGE, LIKELY},
    {"avancement", FIELD_STAGE, LIKELY},
    {"maturite", FIELD_STAGE, LIKELY},
    {"niveau de maturite", FIELD_STAGE, LIKELY},
    {"stage", FIELD_STAGE, LIKELY},
    {"etat", FIELD_STAGE, VAGUE},
    {"etape", FIELD_STAGE, VAGUE},
    {"categorie", FIELD_STAGE, VAGUE},
    {"date statut", FIELD_STAGE_ON, SURE},
    {"date du statut", FIELD_STAGE_ON, SURE},
    {"date stade", FIELD_STAGE_ON, SURE},
    {"date", FIELD_STAGE_ON, VAGUE},
    {"date emergence", FIELD_EMERGENCE_ON, SURE},
    {"date initiative", FIELD_EMERGENCE_ON, SURE},
    {"emergence on", FIELD_EMERGENCE_ON, SURE},
    {"date lettre d intention", FIELD_LETTRE_INTENTION_ON, SURE},
    {"date lettre intention", FIELD_LETTRE_INTENTION_ON, SURE},
    {"date li", FIELD_LETTRE_INTENTION_ON, SURE},
    {"date validation lettre d intention", FIELD_LETTRE_INTENTION_ON, SURE},
    {"date de validation de la lettre d intention", FIELD_LETTRE_INTENTION_ON, SURE},
    {"lettre intention on", FIELD_LETTRE_INTENTION_ON, SURE},
    {"date validation projet de sante", FIELD_PROJET_VALIDE_ON, SURE},
    {"date de validation du projet de sante", FIELD_PROJET_VALIDE_ON, SURE},
    {"date projet de sante", FIELD_PROJET_VALIDE_ON, SURE},
    {"date projet valide", FIELD_PROJET_VALIDE_ON, SURE},
    {"projet valide on", FIELD_PROJET_VALIDE_ON, SURE},
    {"date signature aci", FIELD_ACI_SIGNE_ON, SURE},
    {"date de signature aci", FIELD_ACI_SIGNE_ON, SURE},
    {"date de signature de l aci", FIELD_ACI_SIGNE_ON, SURE},
    {"date aci", FIELD_ACI_SIGNE_ON, SURE},
    {"signature aci", FIELD_ACI_SIGNE_ON, SURE},
    {"aci signe on", FIELD_ACI_SIGNE_ON, SURE},
    {"population", FIELD_POPULATION, LIKELY},
    {"pop", FIELD_POPULATION, LIKELY},
    {"population couverte", FIELD_POPULATION, LIKELY},
    {"population municipale", FIELD_POPULATION, LIKELY},
    {"habitants", FIELD_POPULATION, LIKELY},
    {"finess", FIELD_FINESS, LIKELY},
    {"finess cpts", FIELD_FINESS, SURE},
    {"numero finess", FIELD_FINESS, SURE},
    {"n finess", FIELD_FINESS, SURE},
    {"num finess", FIELD_FINESS, SURE},
    {"site", FIELD_WEBSITE, VAGUE},
    {"site internet", FIELD_WEBSITE, LIKELY},
    {"site web", FIELD_WEBSITE, LIKELY},
    {"website", FIELD_WEBSITE, LIKELY},
    {"code iris", FIELD_IRIS, SURE},
    {"id iris", FIELD_IRIS, SURE},
    {"code rs", FIELD_IRIS, SURE},
    {"iris", FIELD_IRIS, SURE},
    {"dcomiris", FIELD_IRIS, SURE},
};

const char *import_field_name(enum import_field field)
{
    return NAMES[field];
}

bool import_map_read(const char *text, struct import_map *ret_map,
                     char ret_problem[CSV_PROBLEM_BYTES])
{
    const char *sign = strchr(text, '=');
    size_t length = sign == NULL ? strlen(text) : (size_t)(sign - text);
    char name[FOLD_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    for (int field = 0; sign != NULL && field < FIELD_COUNT; field++) {
        if (strcmp(name, NAMES[field]) != 0)
            continue;
        *ret_map = (struct import_map){.field = (enum import_field)field, .heading = sign + 1};
        return true;
    }
    const char *near = suggest_nearest(name, NAMES, FIELD_COUNT);
    snprintf(ret_problem, CSV_PROBLEM_BYTES,
             sign == NULL ? "\"%.60s\" is not FIELD=COLUMN%s%s" : "no field \"%.60s\"%s%s", name,
             near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
    return false;
}

/* What a heading means and how sure; 0 = nothing. */
static int recognise(const char *heading, enum import_field *ret_field)
{
    char folded[FOLD_BYTES];
    name_fold_words(heading, folded);
    for (size_t i = 0; i < COUNT(HEADINGS); i++) {
        if (strcmp(folded, HEADINGS[i].heading) != 0)
            continue;
        *ret_field = HEADINGS[i].field;
        return HEADINGS[i].sureness;
    }
    return 0;
}

static bool is_heading(const char *cell, const char *heading)
{
    char one[FOLD_BYTES], other[FOLD_BYTES];
    name_fold_words(cell, one);
    name_fold_words(heading, other);
    return one[0] != '\0' && strcmp(one, other) == 0;
}

size_t import_field_score(const struct csv_table *table, const struct csv_row *row,
                          const struct import_map *maps, size_t map_count)
{
    size_t score = 0;
    for (size_t i = 0; i < row->cell_count; i++) {
        enum import_field field = FIELD_COUNT;
        const char *cell = csv_table_cell(table, row, i);
        bool is_known = recognise(cell, &field) > 0;
        for (size_t j = 0; !is_known && j < map_count; j++)
            is_known = is_heading(cell, maps[j].heading);
        score += is_known;
    }
    return score;
}

void import_field_list(const struct csv_table *table, const struct csv_row *header, char *ret_text,
                       size_t bytes)
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < header->cell_count; i++) {
        char folded[FOLD_BYTES];
        const char *cell = csv_table_cell(table, header, i);
        name_fold_words(cell, folded);
        int added = snprintf(ret_text + length, bytes - length, "%s%.40s", i == 0 ? "" : " | ",
                             strchr(cell, '\n') == NULL ? cell : folded);
        if (added < 0 || length + (size_t)added >= bytes)
            break;
        length += (size_t)added;
    }
    import_text_mend(ret_text);
}

/* A mapping that is being made. */
struct making {
    const struct csv_table *table;
    const struct csv_row *header;
    struct import_mapping *mapping;
    int sureness[FIELD_COUNT];
    bool is_told[FIELD_COUNT];
    char *problem;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct making *making,
                                                         const char *format, ...)
{
    char list[LIST_BYTES], sentence[CSV_PROBLEM_BYTES];
    va_list values;
    import_field_list(making->table, making->header, list, sizeof list);
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    snprintf(making->problem, CSV_PROBLEM_BYTES, "%.*s; columns: %s",
             CSV_PROBLEM_BYTES - LIST_BYTES - 16, sentence, list);
    return false;
}

static bool take_map(struct making *making, const struct import_map *map)
{
    int *column = &making->mapping->column[map->field];
    making->is_told[map->field] = true;
    if (map->heading[0] == '\0')
        return true;
    for (size_t i = 0; i < making->header->cell_count; i++) {
        if (!is_heading(csv_table_cell(making->table, making->header, i), map->heading))
            continue;
        if (*column >= 0)
            return refuse(making, "two columns are called \"%.40s\"", map->heading);
        *column = (int)i;
    }
    return *column >= 0 || refuse(making, "--map %s=%.40s: there is no such column",
                                  import_field_name(map->field), map->heading);
}

static bool is_taken(const struct making *making, int column)
{
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (making->is_told[field] && making->mapping->column[field] == column)
            return true;
    }
    return false;
}

static bool take_heading(struct making *making, int column)
{
    enum import_field field = FIELD_COUNT;
    const char *heading = csv_table_cell(making->table, making->header, (size_t)column);
    int sureness = recognise(heading, &field);
    if (sureness == 0 || making->is_told[field] || is_taken(making, column))
        return true;
    if (sureness < making->sureness[field])
        return true;
    if (sureness == making->sureness[field])
        return refuse(
            making, "two columns could be %s, \"%.30s\" and \"%.30s\": choose with --map",
            import_field_name(field),
            csv_table_cell(making->table, making->header, (size_t)making->mapping->column[field]),
            heading);
    making->sureness[field] = sureness;
    making->mapping->column[field] = column;
    return true;
}

static bool check_needed(const struct making *making)
{
    const int *column = making->mapping->column;
    if (column[FIELD_NAME] < 0)
        return refuse(making, "no column is the name of the CPTS: say which, --map name=COLUMN");
    if (column[FIELD_COMMUNE_CODE] < 0 && column[FIELD_COMMUNE_NAME] < 0 &&
        column[FIELD_COMMUNES] < 0 && column[FIELD_STAGE] < 0)
        return refuse(making, "no column is a commune, a list of them or a stage: say which, "
                              "--map commune_name=COLUMN");
    return true;
}

bool import_mapping_read(const struct csv_table *table, const struct csv_row *header,
                         const struct import_map *maps, size_t map_count,
                         struct import_mapping *ret_mapping, char ret_problem[CSV_PROBLEM_BYTES])
{
    struct making making = {.table = table, .header = header, .mapping = ret_mapping};
    making.problem = ret_problem;
    for (int field = 0; field < FIELD_COUNT; field++)
        ret_mapping->column[field] = -1;
    for (size_t i = 0; i < map_count; i++) {
        if (!take_map(&making, &maps[i]))
            return false;
    }
    for (size_t i = 0; i < header->cell_count; i++) {
        if (!take_heading(&making, (int)i))
            return false;
    }
    return check_needed(&making);
}
