/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the trajectory: the registry's own, what was published, and where
 * both go. */
#include <cpts/trajectory.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "export_table.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define LIVE_COUNT CPTS_STAGE_ACI_SIGNE

/* clang-format off */
#define AT_STAGE(column, title, text, always) \
    {.name = (column), .label = (title), .type = EXPORT_INTEGER, .unit = "CPTS", \
     .minimum = "0", .is_required = (always), .description = (text)}
#define AT_STAGES(always) \
    AT_STAGE("emergence", "Émergence", "Dont en émergence.", always), \
    AT_STAGE("lettre_intention", "Lettre d'intention", "Dont lettre d'intention validée.", \
             always), \
    AT_STAGE("projet_valide", "Projet de santé validé", "Dont projet de santé validé.", always), \
    AT_STAGE("aci_signe", "ACI signé", "Dont accord conventionnel signé.", always)
#define FIGURE(column, title, what, text) \
    {.name = (column), .label = (title), .type = EXPORT_NUMBER, .unit = (what), \
     .description = (text)}
#define MODEL \
    {.name = "model", .label = "Modèle", .type = EXPORT_TEXT, .values = MODELS, \
     .is_required = true, \
     .description = "linear : une droite ; logistic : une courbe qui s'aplatit à un plateau."}
#define SYNTHETIC \
    {.name = "synthetic", .label = "Données synthétiques", .type = EXPORT_BOOLEAN, \
     .is_required = true, .description = "true : au moins une CPTS inventée y est comptée."}

static const char *const MODELS[] = {"linear", "logistic", NULL};

static const struct export_column TRAJECTORY_COLUMNS[] = {
    {.name = "date", .label = "Date", .type = EXPORT_DATE, .is_required = true,
     .description = "Premier jour d'un mois, puis la date de l'export."},
    AT_STAGE("project_count", "Projets", "Projets vivants à cette date, comptés dans le registre.",
             true),
    AT_STAGES(true), SYNTHETIC,
};

static const struct export_column PUBLISHED_COLUMNS[] = {
    {.name = "rank", .label = "Rang", .type = EXPORT_INTEGER, .minimum = "1",
     .is_required = true, .description = "Numéro de la ligne, par date."},
    {.name = "date", .label = "Date", .type = EXPORT_DATE, .is_required = true,
     .description = "Date à laquelle le compte vaut."},
    {.name = "date_precision", .label = "Précision de la date", .type = EXPORT_TEXT,
     .description = "Jusqu'où la date est connue : day, month, year, approx_date, ou "
                    "not_stated si la source ne le dit pas."},
    AT_STAGE("project_count", "Projets", "Projets de tous les stades vivants, tels que publiés.",
             true),
    AT_STAGES(false),
    {.name = "is_fitted", .label = "Ajusté", .type = EXPORT_BOOLEAN, .is_required = true,
     .description = "true : les projections sont ajustées sur ce compte."},
    {.name = "publisher", .label = "Publié par", .type = EXPORT_TEXT,
     .description = "Qui l'a publié, si on le sait."},
    {.name = "confidence", .label = "Confiance", .type = EXPORT_TEXT, .is_required = true,
     .description = "Ce que vaut le compte : publié, approché, somme de comptes publiés. À citer "
                    "avec le chiffre."},
    {.name = "source", .label = "Source", .type = EXPORT_TEXT, .is_required = true,
     .description = "Où il a été lu."},
};

static const struct export_column PROJECTION_COLUMNS[] = {
    MODEL,
    {.name = "date", .label = "Date", .type = EXPORT_DATE, .is_required = true,
     .description = "Date projetée."},
    {.name = "count", .label = "Projets", .type = EXPORT_NUMBER, .unit = "CPTS",
     .is_required = true, .description = "Nombre projeté à partir des comptes publiés."},
    {.name = "low", .label = "Borne basse", .type = EXPORT_NUMBER, .unit = "CPTS",
     .is_required = true, .description = "Bas de l'intervalle de prédiction à 95 %."},
    {.name = "high", .label = "Borne haute", .type = EXPORT_NUMBER, .unit = "CPTS",
     .is_required = true, .description = "Haut de l'intervalle de prédiction à 95 %."},
};

static const struct export_column FIT_COLUMNS[] = {
    MODEL,
    {.name = "is_fitted", .label = "Ajusté", .type = EXPORT_BOOLEAN, .is_required = true,
     .description = "false : l'ajustement n'a pas été possible, reason dit pourquoi."},
    {.name = "is_better", .label = "Ajuste le mieux", .type = EXPORT_BOOLEAN,
     .is_required = true, .description = "true : celui des deux qui ajuste le mieux les comptes."},
    {.name = "point_count", .label = "Comptes", .type = EXPORT_INTEGER, .unit = "comptes publiés",
     .minimum = "0", .is_required = true, .description = "Comptes sur lesquels il est ajusté."},
    FIGURE("rmse", "Erreur (RMSE)", "CPTS", "Racine de l'erreur quadratique moyenne."),
    FIGURE("per_month", "Par mois", "CPTS par mois", "Pente de la droite."),
    FIGURE("plateau", "Plateau", "CPTS", "Nombre vers lequel la courbe logistique s'aplatit."),
    FIGURE("plateau_low", "Plateau, borne basse", "CPTS", "Bas de l'intervalle à 95 %."),
    FIGURE("plateau_high", "Plateau, borne haute", "CPTS", "Haut de l'intervalle à 95 %."),
    {.name = "target_reached_on", .label = "Objectif atteint le", .type = EXPORT_DATE,
     .description = "Date à laquelle le modèle atteint l'objectif ; vide : jamais."},
    {.name = "method", .label = "Méthode", .type = EXPORT_TEXT,
     .description = "Comment il est ajusté."},
    {.name = "reason", .label = "Motif", .type = EXPORT_TEXT,
     .description = "Pourquoi il n'y a pas d'ajustement."},
};
/* clang-format on */

static const char *yes_no(bool is_so)
{
    return is_so ? "true" : "false";
}

/* Counts by stage; empty where the total alone is known. */
static void write_stages(const struct cpts_trajectory_point *point,
                         char ret_texts[LIVE_COUNT][FIGURE_BYTES])
{
    for (int i = 0; i < LIVE_COUNT; i++)
        ret_texts[i][0] = '\0';
    for (size_t i = 0; i < point->stage_count; i++) {
        if (cpts_stage_is_live(point->stages[i].stage))
            snprintf(ret_texts[point->stages[i].stage - 1], FIGURE_BYTES, "%d",
                     point->stages[i].count);
    }
}

static cpts_status fill_trajectory(const struct export *export, struct export_writer *writer,
                                   struct cpts_error *err)
{
    const struct cpts_trajectory *trajectory = export->trajectory;
    (void)err;
    for (size_t i = 0; i < trajectory->point_count; i++) {
        const struct cpts_trajectory_point *point = &trajectory->points[i];
        char projects[FIGURE_BYTES], stages[LIVE_COUNT][FIGURE_BYTES];
        snprintf(projects, sizeof projects, "%d", point->project_count);
        write_stages(point, stages);
        export_row(writer, (const char *[]){point->date, projects, stages[0], stages[1], stages[2],
                                            stages[3], yes_no(trajectory->synthetic)});
    }
    return CPTS_OK;
}

static cpts_status fill_published(const struct export *export, struct export_writer *writer,
                                  struct cpts_error *err)
{
    (void)err;
    for (size_t i = 0; i < export->published->point_count; i++) {
        const struct cpts_trajectory_point *point = &export->published->points[i];
        char rank[FIGURE_BYTES], projects[FIGURE_BYTES], stages[LIVE_COUNT][FIGURE_BYTES];
        snprintf(rank, sizeof rank, "%zu", i + 1);
        snprintf(projects, sizeof projects, "%d", point->project_count);
        write_stages(point, stages);
        export_row(writer,
                   (const char *[]){rank, point->date, point->date_precision, projects, stages[0],
                                    stages[1], stages[2], stages[3], yes_no(point->is_fitted),
                                    point->publisher, point->confidence, point->source});
    }
    return CPTS_OK;
}

static void fill_points(const char *model, const struct cpts_projection *projection,
                        struct export_writer *writer)
{
    for (size_t i = 0; i < projection->point_total; i++) {
        const struct cpts_projected_point *point = &projection->points[i];
        char count[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
        snprintf(count, sizeof count, "%.1f", point->count);
        snprintf(low, sizeof low, "%.1f", point->low);
        snprintf(high, sizeof high, "%.1f", point->high);
        export_row(writer, (const char *[]){model, point->date, count, low, high});
    }
}

static cpts_status fill_projection(const struct export *export, struct export_writer *writer,
                                   struct cpts_error *err)
{
    (void)err;
    fill_points(MODELS[0], &export->published->linear, writer);
    fill_points(MODELS[1], &export->published->logistic, writer);
    return CPTS_OK;
}

/* Digits, or nothing where the model has no such figure. */
static void write_figure(bool has_it, double figure, char ret_text[FIGURE_BYTES])
{
    ret_text[0] = '\0';
    if (has_it)
        snprintf(ret_text, FIGURE_BYTES, "%.2f", figure);
}

static void fill_fit(const char *model, const struct cpts_projection *projection, bool is_better,
                     struct export_writer *writer)
{
    char points[FIGURE_BYTES], rmse[FIGURE_BYTES], pace[FIGURE_BYTES], plateau[FIGURE_BYTES],
        low[FIGURE_BYTES], high[FIGURE_BYTES];
    bool is_line = strcmp(model, MODELS[0]) == 0, is_fitted = projection->is_fitted;
    snprintf(points, sizeof points, "%d", projection->point_count);
    write_figure(is_fitted, projection->rmse, rmse);
    write_figure(is_fitted && is_line, projection->per_month, pace);
    write_figure(is_fitted && !is_line, projection->plateau, plateau);
    write_figure(is_fitted && !is_line, projection->plateau_low, low);
    write_figure(is_fitted && !is_line, projection->plateau_high, high);
    export_row(writer, (const char *[]){model, yes_no(is_fitted), yes_no(is_better), points, rmse,
                                        pace, plateau, low, high, projection->target_reached_on,
                                        projection->method, projection->reason});
}

static cpts_status fill_fits(const struct export *export, struct export_writer *writer,
                             struct cpts_error *err)
{
    const struct cpts_trajectory *published = export->published;
    (void)err;
    fill_fit(MODELS[0], &published->linear, published->better_fit == CPTS_PROJECTION_LINEAR,
             writer);
    fill_fit(MODELS[1], &published->logistic, published->better_fit == CPTS_PROJECTION_LOGISTIC,
             writer);
    return CPTS_OK;
}

const struct export_table EXPORT_TRAJECTORY = {
    .name = "trajectory",
    .title = "Trajectoire",
    .description = "Une ligne par mois : projets vivants par stade, comptés dans le registre.",
    .primary_key = "date",
    .columns = TRAJECTORY_COLUMNS,
    .column_count = COUNT(TRAJECTORY_COLUMNS),
    .sources = EXPORT_SOURCE_REGISTRY,
    .fill = fill_trajectory,
};

const struct export_table EXPORT_PUBLISHED_COUNT = {
    .name = "published_count",
    .title = "Comptes publiés",
    .description = "Une ligne par compte publié par d'autres, cité avec sa source ; rien n'en est "
                   "compté dans le registre.",
    .primary_key = "rank",
    .columns = PUBLISHED_COLUMNS,
    .column_count = COUNT(PUBLISHED_COLUMNS),
    .sources = EXPORT_SOURCE_PUBLISHED,
    .fill = fill_published,
};

const struct export_table EXPORT_PROJECTION = {
    .name = "projection",
    .title = "Projections",
    .description = "Une ligne par modèle et par date : où mènent les comptes publiés. Un modèle "
                   "n'est pas une prévision.",
    .primary_key = "model date",
    .columns = PROJECTION_COLUMNS,
    .column_count = COUNT(PROJECTION_COLUMNS),
    .sources = EXPORT_SOURCE_PUBLISHED,
    .fill = fill_projection,
};

const struct export_table EXPORT_PROJECTION_FIT = {
    .name = "projection_fit",
    .title = "Ajustements",
    .description = "Une ligne par modèle : ce que vaut sa projection.",
    .primary_key = "model",
    .columns = FIT_COLUMNS,
    .column_count = COUNT(FIT_COLUMNS),
    .sources = EXPORT_SOURCE_PUBLISHED,
    .fill = fill_fits,
};
