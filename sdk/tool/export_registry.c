/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the registry: CPTS, their histories, their territories. */
#include <stdio.h>

#include "export_table.h"

#define NUMBER_BYTES 32
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define UNIT_PATTERN "[0-9][0-9AB][0-9]{3}([0-9]{4})?"

/* What the node keeps no history of. */
#define AS_IT_IS " Tel qu'au moment où l'export est fait : il n'a pas d'histoire."

/* clang-format off */
#define CPTS_ID {.name = "cpts_id", .label = "Identifiant de la CPTS", .type = EXPORT_UUID, \
                 .description = "CPTS de la ligne, une de la table cpts.", .is_required = true}
#define SYNTHETIC {.name = "synthetic", .label = "Donnée synthétique", .type = EXPORT_BOOLEAN, \
                   .description = "true : CPTS inventée pour une démonstration, à ne citer comme " \
                                  "réelle nulle part.", .is_required = true}

static const struct export_column CPTS_COLUMNS[] = {
    {.name = "id", .label = "Identifiant", .type = EXPORT_UUID, .is_required = true,
     .description = "Identifiant du projet de CPTS, un UUID qui ne change jamais."},
    {.name = "name", .label = "Nom", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de la CPTS. Plusieurs peuvent porter le même." AS_IT_IS},
    {.name = "lead_region", .label = "Région pilote", .type = EXPORT_TEXT, .is_required = true,
     .pattern = "[0-9]{2}",
     .description = "Code INSEE de la région dans laquelle la CPTS est comptée."},
    {.name = "stage", .label = "Stade", .type = EXPORT_TEXT, .is_required = true,
     .values = EXPORT_STAGES,
     .description = "Stade de maturité à la date de l'export. Les quatre premiers sont vivants, "
                    "les quatre derniers sont des sorties."},
    {.name = "stage_on", .label = "Stade depuis le", .type = EXPORT_DATE, .is_required = true,
     .description = "Date d'entrée dans ce stade."},
    {.name = "population_count", .label = "Population", .type = EXPORT_INTEGER,
     .unit = "habitants", .minimum = "0", .is_required = true,
     .description = "Habitants du territoire, quotités appliquées. Les sommer compte deux fois les "
                    "communes que deux projets revendiquent : voir les tables de couverture."},
    {.name = "unit_count", .label = "Unités du territoire", .type = EXPORT_INTEGER,
     .unit = "communes ou arrondissements", .minimum = "0", .is_required = true,
     .description = "Nombre de lignes de la table territory pour cette CPTS."},
    {.name = "finess", .label = "N° FINESS", .type = EXPORT_TEXT, .pattern = "[0-9A-Z]{9}",
     .description = "Numéro FINESS (catégorie 604), s'il est connu." AS_IT_IS},
    {.name = "website", .label = "Site", .type = EXPORT_TEXT,
     .description = "Adresse du site de la CPTS, si elle est connue." AS_IT_IS},
    {.name = "owner_node", .label = "Nœud propriétaire", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nœud de la fédération qui tient la fiche."},
    {.name = "version", .label = "Version", .type = EXPORT_INTEGER, .minimum = "1",
     .is_required = true,
     .description = "1 à la création, puis 1 de plus à chaque changement de la fiche." AS_IT_IS},
    SYNTHETIC,
    {.name = "created_at", .label = "Créée le", .type = EXPORT_INSTANT, .is_required = true,
     .description = "Instant (UTC) où le nœud a enregistré la CPTS."},
    {.name = "updated_at", .label = "Modifiée le", .type = EXPORT_INSTANT, .is_required = true,
     .description = "Instant (UTC) du dernier changement enregistré." AS_IT_IS},
};

static const struct export_column HISTORY_COLUMNS[] = {
    CPTS_ID,
    {.name = "stage", .label = "Stade", .type = EXPORT_TEXT, .is_required = true,
     .values = EXPORT_STAGES, .description = "Stade dans lequel la CPTS est entrée."},
    {.name = "effective_on", .label = "Entrée le", .type = EXPORT_DATE, .is_required = true,
     .description = "Date d'entrée dans le stade. Toute l'histoire connue à l'instant de l'export "
                    "y est, aussi après sa date."},
    {.name = "recorded_at", .label = "Enregistré le", .type = EXPORT_INSTANT,
     .is_required = true, .description = "Instant (UTC) où le nœud l'a enregistré."},
    {.name = "successor_id", .label = "CPTS qui reprend", .type = EXPORT_UUID,
     .description = "Identifiant de la CPTS qui reprend, pour FUSIONNE ; elle peut être d'une "
                    "autre région que celle de l'export."},
    SYNTHETIC,
};

static const struct export_column TERRITORY_COLUMNS[] = {
    CPTS_ID,
    {.name = "unit_code", .label = "Code INSEE", .type = EXPORT_TEXT, .is_required = true,
     .pattern = UNIT_PATTERN,
     .description = "Commune, arrondissement municipal ou IRIS. Un texte : les zéros de tête "
                    "comptent."},
    {.name = "unit_name", .label = "Nom", .type = EXPORT_TEXT, .is_required = true,
     .description = "Nom de l'unité. Les homonymes sont nombreux : se fier au code."},
    {.name = "share", .label = "Quotité", .type = EXPORT_NUMBER, .minimum = "0",
     .maximum = "1", .is_required = true,
     .description = "Part de la population de l'unité dans la CPTS, au-dessus de 0 et jusqu'à 1."},
    {.name = "population_count", .label = "Population de l'unité", .type = EXPORT_INTEGER,
     .unit = "habitants", .minimum = "0", .is_required = true,
     .description = "Habitants de toute l'unité, quotité non appliquée."},
    SYNTHETIC,
};
/* clang-format on */

static const struct export_reference TO_REGION[] = {{"lead_region", "region", "code"}, {0}};
static const struct export_reference TO_CPTS[] = {{"cpts_id", "cpts", "id"}, {0}};

static const char *yes_no(bool is_so)
{
    return is_so ? "true" : "false";
}

static cpts_status fill_cpts(const struct export *export, struct export_writer *writer,
                             struct cpts_error *err)
{
    (void)err;
    for (size_t i = 0; i < export->record_count; i++) {
        const struct cpts_record *record = export->records[i];
        char population[NUMBER_BYTES], units[NUMBER_BYTES], version[NUMBER_BYTES],
            created[EXPORT_INSTANT_BYTES], updated[EXPORT_INSTANT_BYTES];
        snprintf(population, sizeof population, "%d", record->population_count);
        snprintf(units, sizeof units, "%zu", record->unit_count);
        snprintf(version, sizeof version, "%d", record->version);
        export_instant(record->created_at_us, created);
        export_instant(record->updated_at_us, updated);
        export_row(writer,
                   (const char *[]){record->id, record->name, record->lead_region,
                                    cpts_stage_name(record->stage), record->stage_on, population,
                                    units, record->finess, record->website, record->owner_node,
                                    version, yes_no(record->synthetic), created, updated});
    }
    return CPTS_OK;
}

static cpts_status fill_history(const struct export *export, struct export_writer *writer,
                                struct cpts_error *err)
{
    (void)err;
    for (size_t i = 0; i < export->record_count; i++) {
        const struct cpts_record *record = export->records[i];
        for (size_t j = 0; j < record->stage_count; j++) {
            const struct cpts_stage_entry *entry = &record->stages[j];
            char recorded[EXPORT_INSTANT_BYTES];
            export_instant(entry->recorded_at_us, recorded);
            export_row(writer, (const char *[]){record->id, cpts_stage_name(entry->stage),
                                                entry->effective_on, recorded, entry->successor_id,
                                                yes_no(record->synthetic)});
        }
    }
    return CPTS_OK;
}

static cpts_status fill_territory(const struct export *export, struct export_writer *writer,
                                  struct cpts_error *err)
{
    (void)err;
    for (size_t i = 0; i < export->record_count; i++) {
        const struct cpts_record *record = export->records[i];
        for (size_t j = 0; j < record->unit_count; j++) {
            const struct cpts_territory_unit *unit = &record->territory[j];
            char share[NUMBER_BYTES], population[NUMBER_BYTES];
            snprintf(share, sizeof share, "%.9g", unit->share);
            snprintf(population, sizeof population, "%d", unit->population_count);
            export_row(writer, (const char *[]){record->id, unit->unit_code, unit->name, share,
                                                population, yes_no(record->synthetic)});
        }
    }
    return CPTS_OK;
}

const struct export_table EXPORT_CPTS = {
    .name = "cpts",
    .title = "CPTS",
    .description = "Une ligne par CPTS ou projet de CPTS, sorties comprises.",
    .primary_key = "id",
    .columns = CPTS_COLUMNS,
    .column_count = COUNT(CPTS_COLUMNS),
    .references = TO_REGION,
    .sources = EXPORT_SOURCE_REGISTRY | EXPORT_SOURCE_ETALAB,
    .fill = fill_cpts,
};

const struct export_table EXPORT_STAGE_HISTORY = {
    .name = "stage_history",
    .title = "Histoire des stades",
    .description = "Une ligne par entrée d'une CPTS dans un stade.",
    .primary_key = "cpts_id stage",
    .columns = HISTORY_COLUMNS,
    .column_count = COUNT(HISTORY_COLUMNS),
    .references = TO_CPTS,
    .sources = EXPORT_SOURCE_REGISTRY,
    .fill = fill_history,
};

const struct export_table EXPORT_TERRITORY = {
    .name = "territory",
    .title = "Territoires",
    .description = "Une ligne par unité du territoire d'une CPTS, à la date de l'export.",
    .primary_key = "cpts_id unit_code",
    .columns = TERRITORY_COLUMNS,
    .column_count = COUNT(TERRITORY_COLUMNS),
    .references = TO_CPTS,
    .sources = EXPORT_SOURCE_REGISTRY | EXPORT_SOURCE_ETALAB,
    .fill = fill_territory,
};
