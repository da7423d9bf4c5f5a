/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/dossier_kind.h"

#include <string.h>

#include "wire/transition.h"

#define GUIDE "Instruction DGOS/DIR/CNAM/2019/218 of 9 October 2019"
#define CSP "Code de la santé publique, L. 1434-12"
#define ACI "ACI of 20 June 2019 (arrêté of 21 August 2019)"
#define AVENANT_2 "Avenant 2 to the ACI, 20 December 2021"
#define LAW_1901 "Law of 1 July 1901"
#define NORMANDIE "URPS MK Normandie: the seven items of the pré-projet"
#define CENTRE "CPTS Centre-Val de Loire: les étapes du projet"
#define PRACTICE "Regional practice; no text found"

#define IDEATION "idéation"
#define CONCEPTION "conception"
#define CONTRACT "contractualisation"
#define OPERATION "fonctionnement"

#define DOCUMENT(code, label, phase, source, confidence)                                           \
    {                                                                                              \
        DOSSIER_DOCUMENT, code, label, phase, source, confidence                                   \
    }
#define MILESTONE(code, label, phase, source, confidence)                                          \
    {                                                                                              \
        DOSSIER_MILESTONE, code, label, phase, source, confidence                                  \
    }
#define CLOCK(code, label, phase, source, confidence)                                              \
    {                                                                                              \
        DOSSIER_CLOCK, code, label, phase, source, confidence                                      \
    }
#define MISSION(code, label, source)                                                               \
    {                                                                                              \
        DOSSIER_MISSION, code, label, OPERATION, source, "contract"                                \
    }
#define FORM(code, label, source, confidence)                                                      \
    {                                                                                              \
        DOSSIER_LEGAL_FORM, code, label, "", source, confidence                                    \
    }
#define TYPOLOGY(class, code, label)                                                               \
    {                                                                                              \
        class, code, label, "", PRACTICE, "inferred"                                               \
    }

/* clang-format off */
static const struct dossier_kind KINDS[] = {
    DOCUMENT("COMPTE_RENDU", "Compte rendu de réunion", IDEATION, GUIDE, "published"),
    DOCUMENT("LISTE_PROFESSIONNELS", "Liste des professionnels porteurs", IDEATION, NORMANDIE,
              "published"),
    DOCUMENT("LETTRE_INTENTION", "Lettre d'intention (sept points)", IDEATION, NORMANDIE,
              "published"),
    DOCUMENT("AVIS_URPS", "Avis des URPS", CONCEPTION, GUIDE, "published"),
    DOCUMENT("COURRIER_VALIDATION_LI",
              "Courrier conjoint ARS – Assurance maladie validant la lettre d'intention",
              CONCEPTION, GUIDE, "published"),
    DOCUMENT("DIAGNOSTIC", "Diagnostic territorial", CONCEPTION, CSP, "published"),
    DOCUMENT("PROJET_SANTE", "Projet de santé", CONCEPTION, CSP, "law"),
    DOCUMENT("FICHES_ACTIONS", "Fiches-actions", CONCEPTION, CENTRE, "published"),
    DOCUMENT("STATUTS", "Statuts", CONCEPTION, LAW_1901, "law"),
    DOCUMENT("REGLEMENT_INTERIEUR", "Règlement intérieur", CONCEPTION, PRACTICE, "inferred"),
    DOCUMENT("RECEPISSE_PREFECTURE", "Récépissé de déclaration en préfecture", CONCEPTION,
              LAW_1901, "law"),
    DOCUMENT("DECISION_ARS", "Décision du directeur général de l'ARS", CONTRACT, CSP, "law"),
    DOCUMENT("CONTRAT_ACI", "Contrat tripartite ACI signé", CONTRACT, ACI, "contract"),
    DOCUMENT("ANNEXE_INDICATEURS", "Annexe des indicateurs de l'ACI", CONTRACT, ACI, "contract"),
    DOCUMENT("AVENANT_ACI", "Avenant au contrat ACI", OPERATION, ACI, "contract"),
    DOCUMENT("RAPPORT_ACTIVITE", "Rapport d'activité", OPERATION, ACI, "contract"),
    DOCUMENT("PV_ASSEMBLEE", "Procès-verbal d'assemblée générale", "", LAW_1901, "inferred"),
    DOCUMENT("TRAITE_FUSION", "Traité de fusion", "", LAW_1901 ", art. 9 bis", "law"),
    DOCUMENT("COURRIER_FIN_ACI", "Courrier de non-renouvellement de l'ACI", OPERATION, ACI,
              "inferred"),
    DOCUMENT("AUTRE", "Autre document", "", PRACTICE, "inferred"),

    MILESTONE("REUNION", "Réunion d'information ou de travail", IDEATION, GUIDE, "published"),
    MILESTONE("CONTACT_ARS", "Premier contact avec la délégation de l'ARS ou la CPAM", IDEATION,
              GUIDE, "published"),
    MILESTONE("GROUPE_PORTEUR", "Groupe porteur constitué", IDEATION, GUIDE, "published"),
    MILESTONE("TERRITOIRE_ENVISAGE", "Territoire d'intervention envisagé", IDEATION, NORMANDIE,
              "published"),
    MILESTONE("COMITE_LI", "Comité de validation de la lettre d'intention", IDEATION, PRACTICE,
              "inferred"),
    MILESTONE("AVIS_URPS_RENDU", "Avis des URPS rendu", CONCEPTION, GUIDE, "published"),
    MILESTONE("DIAGNOSTIC_PARTAGE", "Diagnostic partagé avec les partenaires", CONCEPTION, GUIDE,
              "published"),
    MILESTONE("ASSEMBLEE_CONSTITUTIVE", "Assemblée générale constitutive", CONCEPTION, LAW_1901,
              "inferred"),
    MILESTONE("ASSOCIATION_DECLAREE", "Association déclarée en préfecture", CONCEPTION, LAW_1901,
              "law"),
    MILESTONE("PROJET_REDIGE", "Projet de santé rédigé", CONCEPTION, GUIDE, "published"),
    MILESTONE("NEGOCIATION_ACI", "Négociation de l'ACI ouverte", CONTRACT, GUIDE, "published"),
    MILESTONE("COORDINATEUR_RECRUTE", "Coordinateur recruté", CONTRACT, PRACTICE, "inferred"),
    MILESTONE("ACI_RENOUVELE", "ACI renouvelé pour cinq ans", OPERATION, ACI, "contract"),

    CLOCK("TACIT_VALIDATION", "Validation tacite du projet de santé", CONCEPTION, CSP, "law"),
    CLOCK("ACI_RENEWAL_NOTICE", "Préparer le renouvellement de l'ACI", OPERATION, PRACTICE,
              "inferred"),
    CLOCK("ACI_END", "Fin de l'ACI", OPERATION, ACI, "contract"),
    CLOCK("MISSION_START", "Démarrage d'une mission au plus tard", OPERATION, ACI, "published"),
    CLOCK("MISSION_DEPLOYED", "Déploiement complet d'une mission au plus tard", OPERATION, ACI,
              "published"),

    MISSION("acces_aux_soins", "Accès aux soins", ACI),
    MISSION("parcours", "Parcours pluriprofessionnels", ACI),
    MISSION("prevention", "Prévention", ACI),
    MISSION("crise_sanitaire", "Réponse aux crises sanitaires graves", AVENANT_2),
    MISSION("qualite_pertinence", "Qualité et pertinence des soins", ACI),
    MISSION("accompagnement_ps", "Accompagnement des professionnels de santé", ACI),

    FORM("ASSOCIATION_1901", "Association loi 1901", LAW_1901, "law"),
    FORM("ASSOCIATION_DROIT_LOCAL", "Association de droit local (Alsace-Moselle)",
              "Code civil local, art. 21 to 79", "law"),
    FORM("GCS", "Groupement de coopération sanitaire", "Code de la santé publique, L. 6133-1",
              "law"),
    FORM("GCSMS", "Groupement de coopération sociale ou médico-sociale",
              "Code de l'action sociale et des familles, L. 312-7", "law"),
    FORM("SISA", "Société interprofessionnelle de soins ambulatoires",
              "Code de la santé publique, L. 4041-1", "law"),
    FORM("SANS", "Pas encore de personne morale", PRACTICE, "inferred"),
    FORM("AUTRE", "Autre forme", PRACTICE, "inferred"),

    TYPOLOGY(DOSSIER_NATURE, "RURAL", "Rural"),
    TYPOLOGY(DOSSIER_NATURE, "URBAIN", "Urbain"),
    TYPOLOGY(DOSSIER_NATURE, "MIXTE", "Mixte"),

    TYPOLOGY(DOSSIER_ORIGIN, "LIBERAUX", "Professionnels libéraux"),
    TYPOLOGY(DOSSIER_ORIGIN, "EXERCICE_COORDONNE",
              "Maison ou centre de santé, équipe de soins primaires"),
    TYPOLOGY(DOSSIER_ORIGIN, "HOPITAL", "Établissement de santé"),
    TYPOLOGY(DOSSIER_ORIGIN, "COLLECTIVITE", "Collectivité, contrat local de santé"),
    TYPOLOGY(DOSSIER_ORIGIN, "INSTITUTION", "ARS ou Assurance maladie"),
    TYPOLOGY(DOSSIER_ORIGIN, "FUSION", "Fusion de projets"),
    TYPOLOGY(DOSSIER_ORIGIN, "AUTRE", "Autre origine"),

    TYPOLOGY(DOSSIER_AMBITION, "SOCLE", "Missions socles"),
    TYPOLOGY(DOSSIER_AMBITION, "SOCLE_ET_OPTIONS", "Missions socles et optionnelles"),
    TYPOLOGY(DOSSIER_AMBITION, "ELARGIE", "Au-delà des missions de l'ACI"),
};
/* clang-format on */

static const struct milestone_effect EFFECTS[] = {
    {.code = "ACI_RENOUVELE",
     .stages = 1u << STAGE_ACI_SIGNE,
     .starts = {"ACI_RENEWAL_NOTICE", "ACI_END"},
     .stops = {"ACI_RENEWAL_NOTICE", "ACI_END"}},
};

const struct dossier_kind *dossier_kind_find(enum dossier_class class, const char *code)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (KINDS[i].class == class && strcmp(KINDS[i].code, code) == 0)
            return &KINDS[i];
    }
    return NULL;
}

const char *dossier_kind_label(enum dossier_class class, const char *code)
{
    const struct dossier_kind *kind = dossier_kind_find(class, code);
    return kind == NULL ? code : kind->label;
}

const struct dossier_kind *dossier_kinds(size_t *ret_count)
{
    *ret_count = sizeof KINDS / sizeof KINDS[0];
    return KINDS;
}

const struct milestone_effect *milestone_effect_find(const char *code)
{
    for (size_t i = 0; i < sizeof EFFECTS / sizeof EFFECTS[0]; i++) {
        if (strcmp(EFFECTS[i].code, code) == 0)
            return &EFFECTS[i];
    }
    return NULL;
}
