/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the coverage board, and of the regions. */
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "export_table.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define LIVE_COUNT CPTS_STAGE_ACI_SIGNE

/* clang-format off */
#define PROJECTS(column, title, text) \
    {.name = (column), .label = (title), .type = EXPORT_INTEGER, .unit = "CPTS", \
     .minimum = "0", .is_required = true, .description = (text)}
#define COVERED \
    {.name = "population_covered", .label = "Population couverte", .type = EXPORT_INTEGER, \
     .unit = "habitants", .minimum = "0", .is_required = true, \
     .description = "Habitants d'au moins un de ces projets, chacun compté une fois."}
#define TOTAL \
    {.name = "population_total", .label = "Population totale", .type = EXPORT_INTEGER, \
     .unit = "habitants", .minimum = "0", .is_required = true, \
     .description = "Habitants du périmètre."}
#define PERCENT \
    {.name = "covered_percent", .label = "Part couverte", .type = EXPORT_NUMBER, .unit = "%", \
     .minimum = "0", .maximum = "100", .is_required = true, \
     .description = "Population couverte sur population totale, une décimale."}
#define SYNTHETIC \
    {.name = "synthetic", .label = "Données synthétiques", .type = EXPORT_BOOLEAN, \
     .is_required = true, \
     .description = "true : au moins une CPTS inventée est comptée dans l'export."}

static const struct export_column REGION_COVERAGE_COLUMNS[] = {
    {.name = "region", .label = "Région", .type = EXPORT_TEXT, .is_required = true,
     .pattern = "[0-9]{2}", .description = "Code INSEE de la région pilote."},
    {.name = "name", .label = "Nom", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de la région."},
    PROJECTS("project_count", "Projets", "Projets vivants comptés dans la région."),
    PROJECTS("emergence", "Émergence", "Dont en émergence."),
    PROJECTS("lettre_intention", "Lettre d'intention", "Dont lettre d'intention validée."),
    PROJECTS("projet_valide", "Projet de santé validé", "Dont projet de santé validé."),
    PROJECTS("aci_signe", "ACI signé", "Dont accord conventionnel signé."),
    COVERED, TOTAL, PERCENT, SYNTHETIC,
};

static const struct export_column STAGE_COLUMNS[] = {
    {.name = "stage", .label = "Stade", .type = EXPORT_TEXT, .is_required = true,
     .values = EXPORT_LIVE_STAGES, .description = "Stade vivant."},
    PROJECTS("count", "Projets", "Projets à ce stade, à la date de l'export."),
    SYNTHETIC,
};

static const char *const DEFINITIONS[] = {"ALL_LIVE", "ACI_SIGNED", NULL};

static const struct export_column DEFINITION_COLUMNS[] = {
    {.name = "definition", .label = "Définition", .type = EXPORT_TEXT, .is_required = true,
     .values = DEFINITIONS,
     .description = "ALL_LIVE : les quatre stades vivants, comme « 449 projets », « 1000 CPTS » ; "
                    "ACI_SIGNED : ACI signés seuls, comme souvent la « couverture »."},
    PROJECTS("project_count", "Projets", "Projets comptés selon cette définition."),
    COVERED, TOTAL, PERCENT, SYNTHETIC,
};

static const struct export_column REGION_COLUMNS[] = {
    {.name = "code", .label = "Code INSEE", .type = EXPORT_TEXT, .is_required = true,
     .pattern = "[0-9]{2}", .description = "Code de la région."},
    {.name = "name", .label = "Nom", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de la région."},
    {.name = "zone", .label = "Zone", .type = EXPORT_TEXT, .is_required = true,
     .values = (const char *const[]){"metro", "drom", NULL},
     .description = "metro : France métropolitaine ; drom : outre-mer."},
    {.name = "department_count", .label = "Départements", .type = EXPORT_INTEGER,
     .unit = "départements", .minimum = "0", .is_required = true,
     .description = "Nombre de départements."},
    {.name = "commune_count", .label = "Communes", .type = EXPORT_INTEGER, .unit = "communes",
     .minimum = "0", .is_required = true, .description = "Nombre de communes."},
    {.name = "population_count", .label = "Population", .type = EXPORT_INTEGER,
     .unit = "habitants", .minimum = "0", .is_required = true,
     .description = "Habitants de la région."},
    {.name = "owner_node", .label = "Nœud propriétaire", .type = EXPORT_TEXT,
     .is_required = true,
     .description = "Nœud de la fédération qui tient les fiches de la région aujourd'hui."},
};
/* clang-format on */

static const struct export_reference TO_REGION[] = {{"region", "region", "code"}, {0}};

/* The texts of one line of figures. */
struct line {
    char projects[FIGURE_BYTES];
    char stages[LIVE_COUNT][FIGURE_BYTES];
    char covered[FIGURE_BYTES];
    char total[FIGURE_BYTES];
    char percent[FIGURE_BYTES];
};

static void write_population(struct line *line, int32_t projects, int32_t covered, int32_t total)
{
    snprintf(line->projects, FIGURE_BYTES, "%d", projects);
    snprintf(line->covered, FIGURE_BYTES, "%d", covered);
    snprintf(line->total, FIGURE_BYTES, "%d", total);
    snprintf(line->percent, FIGURE_BYTES, "%.1f", 100 * figure_fraction(covered, total));
}

static void write_stages(struct line *line, const struct cpts_stage_total *stages, size_t count)
{
    for (int i = 0; i < LIVE_COUNT; i++)
        strcpy(line->stages[i], "0");
    for (size_t i = 0; i < count; i++) {
        if (cpts_stage_is_live(stages[i].stage))
            snprintf(line->stages[stages[i].stage - 1], FIGURE_BYTES, "%d", stages[i].count);
    }
}

static const char *synthetic(const struct export *export)
{
    return export->coverage->synthetic ? "true" : "false";
}

static void add_region(const struct export *export, struct export_writer *writer, const char *code,
                       const struct line *line)
{
    export_row(writer,
               (const char *[]){code, export_region_name(export, code), line->projects,
                                line->stages[0], line->stages[1], line->stages[2], line->stages[3],
                                line->covered, line->total, line->percent, synthetic(export)});
}

/* For one region the board's own figures are the region's. */
static cpts_status fill_by_region(const struct export *export, struct export_writer *writer,
                                  struct cpts_error *err)
{
    const struct cpts_coverage *coverage = export->coverage;
    struct line line;
    (void)err;
    if (export->region != NULL) {
        write_stages(&line, coverage->stages, coverage->stage_count);
        write_population(&line, coverage->project_count, coverage->population_covered,
                         coverage->population_total);
        add_region(export, writer, export->region, &line);
    }
    for (size_t i = 0; i < coverage->region_count; i++) {
        const struct cpts_region_coverage *region = &coverage->regions[i];
        write_stages(&line, region->stages, region->stage_count);
        write_population(&line, region->project_count, region->population_covered,
                         region->population_total);
        add_region(export, writer, region->region, &line);
    }
    return CPTS_OK;
}

static cpts_status fill_by_stage(const struct export *export, struct export_writer *writer,
                                 struct cpts_error *err)
{
    const struct cpts_coverage *coverage = export->coverage;
    (void)err;
    for (size_t i = 0; i < coverage->stage_count; i++) {
        char count[FIGURE_BYTES];
        snprintf(count, sizeof count, "%d", coverage->stages[i].count);
        export_row(writer, (const char *[]){cpts_stage_name(coverage->stages[i].stage), count,
                                            synthetic(export)});
    }
    return CPTS_OK;
}

static cpts_status fill_by_definition(const struct export *export, struct export_writer *writer,
                                      struct cpts_error *err)
{
    const struct cpts_coverage *coverage = export->coverage;
    (void)err;
    for (size_t i = 0; i < coverage->definition_count; i++) {
        const struct cpts_definition_total *one = &coverage->definitions[i];
        struct line line;
        if (one->definition != CPTS_COVERAGE_ALL_LIVE &&
            one->definition != CPTS_COVERAGE_ACI_SIGNED)
            continue;
        write_population(&line, one->project_count, one->population_covered,
                         coverage->population_total);
        export_row(writer,
                   (const char *[]){DEFINITIONS[one->definition == CPTS_COVERAGE_ACI_SIGNED],
                                    line.projects, line.covered, line.total, line.percent,
                                    synthetic(export)});
    }
    return CPTS_OK;
}

static cpts_status fill_region(const struct export *export, struct export_writer *writer,
                               struct cpts_error *err)
{
    (void)err;
    for (size_t i = 0; i < export->regions->region_count; i++) {
        const struct cpts_region *region = &export->regions->regions[i];
        char departments[FIGURE_BYTES], communes[FIGURE_BYTES], population[FIGURE_BYTES];
        snprintf(departments, sizeof departments, "%d", region->department_count);
        snprintf(communes, sizeof communes, "%d", region->commune_count);
        snprintf(population, sizeof population, "%d", region->population_count);
        export_row(writer, (const char *[]){region->code, region->name, region->zone, departments,
                                            communes, population, region->owner_node});
    }
    return CPTS_OK;
}

const struct export_table EXPORT_COVERAGE_BY_REGION = {
    .name = "coverage_by_region",
    .title = "Couverture par région",
    .description = "Une ligne par région : projets vivants par stade et population couverte.",
    .primary_key = "region",
    .columns = REGION_COVERAGE_COLUMNS,
    .column_count = COUNT(REGION_COVERAGE_COLUMNS),
    .references = TO_REGION,
    .sources = EXPORT_SOURCE_REGISTRY | EXPORT_SOURCE_ETALAB,
    .fill = fill_by_region,
};

const struct export_table EXPORT_COVERAGE_BY_STAGE = {
    .name = "coverage_by_stage",
    .title = "Projets par stade",
    .description = "L'entonnoir : une ligne par stade vivant.",
    .primary_key = "stage",
    .columns = STAGE_COLUMNS,
    .column_count = COUNT(STAGE_COLUMNS),
    .sources = EXPORT_SOURCE_REGISTRY,
    .fill = fill_by_stage,
};

const struct export_table EXPORT_COVERAGE_BY_DEFINITION = {
    .name = "coverage_by_definition",
    .title = "Couverture par définition",
    .description = "La même question selon les deux définitions usuelles.",
    .primary_key = "definition",
    .columns = DEFINITION_COLUMNS,
    .column_count = COUNT(DEFINITION_COLUMNS),
    .sources = EXPORT_SOURCE_REGISTRY | EXPORT_SOURCE_ETALAB,
    .fill = fill_by_definition,
};

const struct export_table EXPORT_REGION = {
    .name = "region",
    .title = "Régions",
    .description = "Les 18 régions.",
    .primary_key = "code",
    .columns = REGION_COLUMNS,
    .column_count = COUNT(REGION_COLUMNS),
    .sources = EXPORT_SOURCE_ETALAB,
    .fill = fill_region,
};
