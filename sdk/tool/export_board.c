/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the boards: communes without a CPTS, claims that overlap, legal clocks
 * that are due, what the ACI pays by region. */
#include <cpts/entitlement.h>
#include <cpts/lifecycle.h>
#include <cpts/territory.h>
#include <cpts/zoning.h>
#include <stdio.h>

#include "bar.h"
#include "export_table.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TOKEN_BYTES 256
#define GAP_PAGE_SIZE 1000
#define PAGE_SIZE 500
#define UNIT_PATTERN "[0-9][0-9AB][0-9]{3}([0-9]{4})?"

/* clang-format off */
#define TEXT(column, title, text, always) \
    {.name = (column), .label = (title), .type = EXPORT_TEXT, .is_required = (always), \
     .description = (text)}
#define HEADS(column, title, text) \
    {.name = (column), .label = (title), .type = EXPORT_INTEGER, .unit = "habitants", \
     .minimum = "0", .is_required = true, .description = (text)}
#define NUMBER_OF(column, title, text) \
    {.name = (column), .label = (title), .type = EXPORT_INTEGER, .unit = "CPTS", \
     .minimum = "0", .is_required = true, .description = (text)}
#define EUROS(column, title, text) \
    {.name = (column), .label = (title), .type = EXPORT_NUMBER, .unit = "euros", \
     .minimum = "0", .is_required = true, .description = (text)}
#define CPTS_ID \
    {.name = "cpts_id", .label = "Identifiant de la CPTS", .type = EXPORT_UUID, \
     .is_required = true, .description = "CPTS de la ligne, une de la table cpts."}
#define SYNTHETIC \
    {.name = "synthetic", .label = "Données synthétiques", .type = EXPORT_BOOLEAN, \
     .is_required = true, .description = "true : au moins une CPTS inventée y est comptée."}

static const char *const ZONES[] = {"ZIP_PLUS", "ZIP", "ZAC", "HORS_ZONAGE", NULL};

static const struct export_column GAP_COLUMNS[] = {
    {.name = "unit_code", .label = "Commune", .type = EXPORT_TEXT, .pattern = UNIT_PATTERN,
     .is_required = true, .description = "Code INSEE de la commune ou de l'arrondissement."},
    TEXT("name", "Nom", "Nom de la commune.", true),
    TEXT("department", "Département", "Code du département.", true),
    {.name = "region", .label = "Région", .type = EXPORT_TEXT, .pattern = "[0-9]{2}",
     .is_required = true, .description = "Code INSEE de la région où elle se trouve."},
    TEXT("epci", "EPCI", "SIREN de son EPCI ; vide : sans EPCI connu.", false),
    HEADS("population_count", "Population", "Habitants de la commune."),
    HEADS("uncovered_count", "Population non couverte",
          "Habitants qu'aucune CPTS vivante, tous stades compris, ne couvre."),
    {.name = "zone", .label = "Zonage médecins", .type = EXPORT_TEXT, .values = ZONES,
     .description = "Zonage de l'ARS à cette date ; vide : inconnu, ce qui n'est pas hors zonage."},
};

static const struct export_column CONFLICT_COLUMNS[] = {
    {.name = "unit_code", .label = "Unité", .type = EXPORT_TEXT, .pattern = UNIT_PATTERN,
     .is_required = true,
     .description = "Code INSEE de la commune, de l'arrondissement ou de l'IRIS."},
    TEXT("name", "Nom", "Nom de l'unité.", true),
    TEXT("department", "Département", "Code du département de l'unité.", true),
    {.name = "cpts_id", .label = "Identifiant de la CPTS", .type = EXPORT_UUID,
     .is_required = true,
     .description = "CPTS qui revendique l'unité ; celle d'une autre région manque à la table cpts "
                    "quand l'export est d'une région."},
    {.name = "stage", .label = "Stade", .type = EXPORT_TEXT, .values = EXPORT_LIVE_STAGES,
     .is_required = true, .description = "Stade de cette CPTS à la date de l'export."},
    {.name = "share", .label = "Quotité", .type = EXPORT_NUMBER, .minimum = "0", .maximum = "1",
     .is_required = true, .description = "Part de l'unité que cette CPTS revendique."},
    {.name = "share_sum", .label = "Somme des quotités", .type = EXPORT_NUMBER, .minimum = "0",
     .is_required = true, .description = "Somme sur toutes les CPTS de l'unité, au-dessus de 1."},
    HEADS("excess_count", "Population comptée en trop",
          "Habitants de l'unité revendiqués plus d'une fois, le même nombre à chacune de ses "
          "lignes."),
};

static const struct export_column CLOCK_COLUMNS[] = {
    {.name = "clock_id", .label = "Identifiant", .type = EXPORT_UUID, .is_required = true,
     .description = "Identifiant du délai."},
    CPTS_ID,
    TEXT("kind", "Délai", "Code du délai.", true),
    TEXT("label", "Libellé", "Ce qu'est ce délai.", true),
    TEXT("mission", "Mission", "Mission qu'il concerne ; vide : aucune.", false),
    {.name = "started_on", .label = "Départ", .type = EXPORT_DATE, .is_required = true,
     .description = "Date d'où il court."},
    {.name = "due_on", .label = "Échéance", .type = EXPORT_DATE, .is_required = true,
     .description = "Date à laquelle il échoit, au plus tard celle de l'export."},
    TEXT("source", "Source", "Le texte d'où vient la durée, à citer avec la date.", false),
    TEXT("confidence", "Confiance", "law, contract, published, inferred ou not_sourced.", false),
    {.name = "synthetic", .label = "Donnée synthétique", .type = EXPORT_BOOLEAN,
     .is_required = true, .description = "true : CPTS inventée pour une démonstration."},
};

static const struct export_column BUDGET_COLUMNS[] = {
    {.name = "region", .label = "Région", .type = EXPORT_TEXT, .is_required = true,
     .pattern = "[0-9]{2}", .description = "Code INSEE de la région pilote."},
    TEXT("name", "Nom", "Nom de la région.", true),
    {.name = "year", .label = "Année", .type = EXPORT_INTEGER, .minimum = "2016",
     .is_required = true, .description = "Année civile, celle de la date de l'export."},
    NUMBER_OF("contract_count", "ACI en vigueur", "CPTS dont l'ACI court dans l'année."),
    NUMBER_OF("eligible_count", "Éligibles", "Dont rien de bloquant ne manque."),
    EUROS("maximum", "Maximum", "Le plus que l'année apporte, tous indicateurs atteints, plafond "
                                "appliqué. Calculé, non décidé."),
    EUROS("certain", "Certain", "Dont parts fixes et indicateurs connus."),
    EUROS("advance", "Avance", "Avancé en cours d'année."),
    TEXT("confidence", "Confiance", "Celle de la ligne la moins sûre ; vide : aucune ligne.",
         false),
    SYNTHETIC,
};
/* clang-format on */

static const struct export_reference TO_REGION[] = {{"region", "region", "code"}, {0}};
static const struct export_reference TO_CPTS[] = {{"cpts_id", "cpts", "id"}, {0}};

static const char *yes_no(bool is_so)
{
    return is_so ? "true" : "false";
}

static void write_gap(const struct cpts_gap *gap, struct export_writer *writer)
{
    char population[FIGURE_BYTES], uncovered[FIGURE_BYTES];
    snprintf(population, sizeof population, "%d", gap->population_count);
    snprintf(uncovered, sizeof uncovered, "%d", gap->uncovered_count);
    export_row(writer,
               (const char *[]){gap->code, gap->name, gap->department, gap->region, gap->epci,
                                population, uncovered, cpts_zone_name(gap->zone)});
}

static cpts_status fill_gaps(const struct export *export, struct export_writer *writer,
                             struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        struct cpts_gaps_query query = {.size = sizeof query,
                                        .level = CPTS_GAP_COMMUNE,
                                        .region = export->region,
                                        .as_of = export->as_of,
                                        .known_at_us = export->known_at_us,
                                        .page_size = GAP_PAGE_SIZE,
                                        .page_token = token};
        struct cpts_gaps *page = NULL;
        cpts_status status = cpts_territory_gaps(export->session->client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        for (size_t i = 0; i < page->gap_count; i++)
            write_gap(&page->gaps[i], writer);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        cpts_gaps_free(page);
    } while (token[0] != '\0');
    return CPTS_OK;
}

static void write_conflict(const struct cpts_conflict *conflict, struct export_writer *writer)
{
    char sum[FIGURE_BYTES], excess[FIGURE_BYTES], share[FIGURE_BYTES];
    snprintf(sum, sizeof sum, "%.9g", conflict->share_sum);
    snprintf(excess, sizeof excess, "%d", conflict->excess_count);
    for (size_t i = 0; i < conflict->claimant_count; i++) {
        const struct cpts_claimant *claimant = &conflict->claimants[i];
        snprintf(share, sizeof share, "%.9g", claimant->share);
        export_row(writer, (const char *[]){conflict->unit_code, conflict->name,
                                            conflict->department, claimant->cpts_id,
                                            cpts_stage_name(claimant->stage), share, sum, excess});
    }
}

static cpts_status fill_conflicts(const struct export *export, struct export_writer *writer,
                                  struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        struct cpts_conflicts_query query = {.size = sizeof query,
                                             .region = export->region,
                                             .as_of = export->as_of,
                                             .known_at_us = export->known_at_us,
                                             .page_size = PAGE_SIZE,
                                             .page_token = token};
        struct cpts_conflicts *page = NULL;
        cpts_status status =
            cpts_territory_conflicts(export->session->client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        for (size_t i = 0; i < page->conflict_count; i++)
            write_conflict(&page->conflicts[i], writer);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        cpts_conflicts_free(page);
    } while (token[0] != '\0');
    return CPTS_OK;
}

static cpts_status fill_clocks(const struct export *export, struct export_writer *writer,
                               struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        struct cpts_due_query query = {.size = sizeof query,
                                       .region = export->region,
                                       .as_of = export->as_of,
                                       .known_at_us = export->known_at_us,
                                       .page_size = PAGE_SIZE,
                                       .page_token = token};
        struct cpts_due_page *page = NULL;
        cpts_status status = cpts_lifecycle_due(export->session->client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        for (size_t i = 0; i < page->clock_count; i++) {
            const struct cpts_due_clock *due = &page->clocks[i];
            export_row(writer,
                       (const char *[]){due->clock.id, due->cpts_id, due->clock.kind,
                                        due->clock.label, due->clock.mission, due->clock.started_on,
                                        due->clock.due_on, due->clock.source, due->clock.confidence,
                                        yes_no(due->synthetic)});
        }
        snprintf(token, sizeof token, "%s", page->next_page_token);
        cpts_due_page_free(page);
    } while (token[0] != '\0');
    return CPTS_OK;
}

static void write_euros(int64_t cents, char ret_text[FIGURE_BYTES])
{
    snprintf(ret_text, FIGURE_BYTES, "%lld.%02d", (long long)(cents / 100), (int)(cents % 100));
}

static cpts_status fill_budget(const struct export *export, struct export_writer *writer,
                               struct cpts_error *err)
{
    struct cpts_funding_query query = {.size = sizeof query,
                                       .region = export->region,
                                       .as_of = export->as_of,
                                       .known_at_us = export->known_at_us};
    struct cpts_budget *budget = NULL;
    cpts_status status = cpts_budget_get(export->session->client, &query, 0, &budget, err);
    if (status != CPTS_OK)
        return status;
    for (size_t i = 0; i < budget->region_count; i++) {
        const struct cpts_budget_share *region = &budget->regions[i];
        char year[FIGURE_BYTES], contracts[FIGURE_BYTES], eligible[FIGURE_BYTES],
            maximum[FIGURE_BYTES], certain[FIGURE_BYTES], advance[FIGURE_BYTES];
        snprintf(year, sizeof year, "%d", budget->year);
        snprintf(contracts, sizeof contracts, "%d", region->contract_count);
        snprintf(eligible, sizeof eligible, "%d", region->eligible_count);
        write_euros(region->totals.maximum_cents, maximum);
        write_euros(region->totals.certain_cents, certain);
        write_euros(region->totals.advance_cents, advance);
        export_row(writer, (const char *[]){region->code, region->name, year, contracts, eligible,
                                            maximum, certain, advance, budget->confidence,
                                            yes_no(budget->synthetic)});
    }
    cpts_budget_free(budget);
    return CPTS_OK;
}

const struct export_table EXPORT_GAP = {
    .name = "gap",
    .title = "Zones blanches",
    .description = "Une ligne par commune dont des habitants ne sont d'aucune CPTS vivante.",
    .primary_key = "unit_code",
    .columns = GAP_COLUMNS,
    .column_count = COUNT(GAP_COLUMNS),
    .sources = EXPORT_SOURCE_REGISTRY | EXPORT_SOURCE_ETALAB,
    .fill = fill_gaps,
};

const struct export_table EXPORT_CONFLICT = {
    .name = "conflict",
    .title = "Chevauchements",
    .description = "Une ligne par CPTS et par unité revendiquée plus d'une fois en entier.",
    .primary_key = "unit_code cpts_id",
    .columns = CONFLICT_COLUMNS,
    .column_count = COUNT(CONFLICT_COLUMNS),
    .sources = EXPORT_SOURCE_REGISTRY | EXPORT_SOURCE_ETALAB,
    .fill = fill_conflicts,
};

const struct export_table EXPORT_CLOCK_DUE = {
    .name = "clock_due",
    .title = "Délais échus",
    .description = "Une ligne par délai légal ou contractuel échu à la date de l'export.",
    .primary_key = "clock_id",
    .columns = CLOCK_COLUMNS,
    .column_count = COUNT(CLOCK_COLUMNS),
    .references = TO_CPTS,
    .sources = EXPORT_SOURCE_REGISTRY,
    .fill = fill_clocks,
};

const struct export_table EXPORT_BUDGET = {
    .name = "budget_by_region",
    .title = "Financement par région",
    .description =
        "Une ligne par région : ce que l'ACI apporte aux CPTS qu'elle pilote, calculé du "
        "registre et des grilles.",
    .primary_key = "region",
    .columns = BUDGET_COLUMNS,
    .column_count = COUNT(BUDGET_COLUMNS),
    .references = TO_REGION,
    .sources = EXPORT_SOURCE_REGISTRY,
    .fill = fill_budget,
};
