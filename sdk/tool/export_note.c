/* SPDX-License-Identifier: Apache-2.0 */
#include "export_note.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const struct export_source_row EXPORT_SOURCES[EXPORT_SOURCE_COUNT] = {
    {.title = "Registre des CPTS du nœud interrogé"},
    {.title = "Découpage administratif : Etalab, @etalab/decoupage-administratif 6.0.0",
     .path = "https://github.com/etalab/decoupage-administratif",
     .licence_name = "etalab-2.0",
     .licence_title = "Licence Ouverte 2.0",
     .licence_path = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"},
    {.title = "Comptes publiés : chaque ligne porte son éditeur, sa source et sa confiance"},
};

void export_source_titles(unsigned sources, char ret_text[EXPORT_NOTE_BYTES])
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < EXPORT_SOURCE_COUNT; i++) {
        const struct export_source_row *source = &EXPORT_SOURCES[i];
        if ((sources & (1u << i)) == 0)
            continue;
        length += (size_t)snprintf(ret_text + length, EXPORT_NOTE_BYTES - length, "%s%s%s%s%s",
                                   length == 0 ? "" : "; ", source->title,
                                   source->licence_title == NULL ? "" : " (",
                                   source->licence_title == NULL ? "" : source->licence_title,
                                   source->licence_title == NULL ? "" : ")");
        if (length >= EXPORT_NOTE_BYTES)
            length = EXPORT_NOTE_BYTES - 1;
    }
}

const char *export_type_label(enum export_type type)
{
    static const char *const LABELS[EXPORT_TYPE_COUNT] = {
        [EXPORT_TEXT] = "texte",           [EXPORT_UUID] = "identifiant (UUID)",
        [EXPORT_INTEGER] = "entier",       [EXPORT_NUMBER] = "nombre",
        [EXPORT_BOOLEAN] = "vrai ou faux", [EXPORT_DATE] = "date",
        [EXPORT_INSTANT] = "instant (UTC)"};
    return LABELS[type];
}

/* "France", or "région 11 Île-de-France". */
static void write_scope(const struct export *export, char ret_text[EXPORT_NOTE_BYTES])
{
    if (export->region == NULL)
        snprintf(ret_text, EXPORT_NOTE_BYTES, "France");
    else
        snprintf(ret_text, EXPORT_NOTE_BYTES, "région %s %s", export->region,
                 export_region_name(export, export->region));
}

void export_title(const struct export *export, char ret_text[EXPORT_NOTE_BYTES])
{
    char scope[EXPORT_NOTE_BYTES];
    write_scope(export, scope);
    snprintf(ret_text, EXPORT_NOTE_BYTES, "CPTS, %.200s, au %s%s", scope, export->as_of,
             export->synthetic_count > 0 ? " : DONNÉES SYNTHÉTIQUES" : "");
}

/* Notes that hold for every export. */
static const char *const FIXED[][2] = {
    {"Définitions",
     "Un projet est compté à tout stade vivant (émergence, lettre d'intention, projet validé, ACI "
     "signé) : c'est le sens de « 449 projets » et de l'objectif de 1000 CPTS. La « couverture » "
     "est souvent donnée pour les seuls ACI signés : la table coverage_by_definition donne les "
     "deux."},
    {"Population", "Un habitant couvert par plusieurs projets est compté une fois dans les tables "
                   "de couverture ; "
                   "il l'est plusieurs fois si l'on somme la table cpts."},
    {"Valeurs vides",
     "Une cellule vide dit que la valeur n'est pas connue ou n'a pas lieu d'être."},
    {"Textes protégés",
     "Un texte qui commence par = + - @ ou par une tabulation est précédé d'une apostrophe, pour "
     "qu'aucun tableur ne l'exécute : elle n'en fait pas partie."},
    {"Fichiers CSV",
     "UTF-8, virgule, guillemets doublés, fins de ligne CRLF (RFC 4180) ; datapackage.json les "
     "décrit (Frictionless Table Schema). Dans un tableur, préférer le classeur : cptsctl export "
     "FICHIER.xlsx."},
};

typedef void note_writer(void *data, const char *heading, const char *text);

static void write_synthetic(const struct export *export, note_writer *write, void *data)
{
    char text[EXPORT_NOTE_BYTES];
    if (export->synthetic_count == 0)
        return;
    snprintf(text, sizeof text,
             "%zu des %zu CPTS sont INVENTÉES, sur des communes réelles, pour une démonstration : "
             "ne rien en citer comme réel. La colonne synthetic les marque.",
             export->synthetic_count, export->record_count);
    write(data, "DONNÉES SYNTHÉTIQUES", text);
}

static void write_counts(const struct export_counts *counts, note_writer *write, void *data)
{
    char heading[EXPORT_NOTE_BYTES], text[EXPORT_NOTE_BYTES];
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++) {
        snprintf(heading, sizeof heading, "Table %s", EXPORT_TABLES[i]->name);
        snprintf(text, sizeof text, "%s (%zu lignes). %s", EXPORT_TABLES[i]->title, counts->rows[i],
                 EXPORT_TABLES[i]->description);
        write(data, heading, text);
    }
}

static void write_sources(note_writer *write, void *data)
{
    char text[EXPORT_NOTE_BYTES];
    for (size_t i = 0; i < EXPORT_SOURCE_COUNT; i++) {
        const struct export_source_row *source = &EXPORT_SOURCES[i];
        snprintf(text, sizeof text, "%s%s%s%s%s", source->title,
                 source->licence_title == NULL ? "" : ", ",
                 source->licence_title == NULL ? "" : source->licence_title,
                 source->path == NULL ? "" : ", ", source->path == NULL ? "" : source->path);
        write(data, "Source", text);
    }
}

static void write_instants(const struct export *export, note_writer *write, void *data)
{
    char text[EXPORT_NOTE_BYTES], instant[EXPORT_INSTANT_BYTES];
    snprintf(text, sizeof text, "%s : tout est vrai à cette date.", export->as_of);
    write(data, "Date", text);
    export_instant(export->known_at_us, instant);
    snprintf(text, sizeof text,
             "%s : tel que le nœud le croyait à cet instant, le même pour toutes les tables. Avec "
             "--as-of et --known-at, stades, territoires et comptes se refont à l'identique.",
             instant);
    write(data, "Connu au", text);
    write_scope(export, text);
    write(data, "Périmètre", text);
    export_instant((int64_t)time(NULL) * 1000000, instant);
    snprintf(text, sizeof text, "le %.19sZ par cptsctl %s, nœud %s", instant, cpts_version(),
             export->session->profile.address);
    write(data, "Produit", text);
}

void export_notes(const struct export *export, const struct export_counts *counts,
                  note_writer *write, void *data)
{
    char text[EXPORT_NOTE_BYTES];
    const struct cpts_coverage *coverage = export->coverage;
    write_synthetic(export, write, data);
    write_instants(export, write, data);
    snprintf(text, sizeof text, "%d projets vivants", coverage->project_count);
    if (coverage->target_count > 0)
        snprintf(text, sizeof text, "%d projets vivants, pour un objectif de %d",
                 coverage->project_count, coverage->target_count);
    write(data, "Projets", text);
    snprintf(text, sizeof text, "communes de %d", coverage->population_vintage);
    write(data, "Millésime", text);
    for (size_t i = 0; i < sizeof FIXED / sizeof FIXED[0]; i++)
        write(data, FIXED[i][0], FIXED[i][1]);
    write_counts(counts, write, data);
    write_sources(write, data);
}
