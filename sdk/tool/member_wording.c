/* SPDX-License-Identifier: Apache-2.0 */
#include "member_wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_fold.h"
#include "suggest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define DIGITS_MAX 32
#define SEPARATORS " .-\t'"
#define NO_BREAK_SPACE "\xC2\xA0"
#define NARROW_SPACE "\xE2\x80\xAF"

/* A word for a category. */
struct member_word {
    /** Folded. */
    const char *word;
    const char *code;
    bool is_person;
};

/* What lists shorten professions and kinds to, folded. A word of two
 * categories stands twice: it is ambiguous. */
static const struct member_word USUAL[] = {
    {"generaliste", "MEDECIN_GENERALISTE", true},
    {"medecins generalistes", "MEDECIN_GENERALISTE", true},
    {"medecine generale", "MEDECIN_GENERALISTE", true},
    {"mg", "MEDECIN_GENERALISTE", true},
    {"medecin", "MEDECIN_GENERALISTE", true},
    {"medecin", "MEDECIN_SPECIALISTE", true},
    {"medecin specialiste", "MEDECIN_SPECIALISTE", true},
    {"specialiste", "MEDECIN_SPECIALISTE", true},
    {"autre medecin specialiste", "MEDECIN_SPECIALISTE", true},
    {"infirmiere", "INFIRMIER", true},
    {"infirmier e", "INFIRMIER", true},
    {"infirmiers", "INFIRMIER", true},
    {"infirmier liberal", "INFIRMIER", true},
    {"infirmiere liberale", "INFIRMIER", true},
    {"ide", "INFIRMIER", true},
    {"idel", "INFIRMIER", true},
    {"ipa", "INFIRMIER", true},
    {"pharmacienne", "PHARMACIEN", true},
    {"pharmacien ne", "PHARMACIEN", true},
    {"pharmacien titulaire", "PHARMACIEN", true},
    {"pharmacien d officine", "PHARMACIEN", true},
    {"kine", "MASSEUR_KINESITHERAPEUTE", true},
    {"kinesitherapeute", "MASSEUR_KINESITHERAPEUTE", true},
    {"mk", "MASSEUR_KINESITHERAPEUTE", true},
    {"dentiste", "CHIRURGIEN_DENTISTE", true},
    {"chirurgienne dentiste", "CHIRURGIEN_DENTISTE", true},
    {"maieuticien", "SAGE_FEMME", true},
    {"sages femmes", "SAGE_FEMME", true},
    {"podologue", "PEDICURE_PODOLOGUE", true},
    {"pedicure", "PEDICURE_PODOLOGUE", true},
    {"opticien", "OPTICIEN_LUNETIER", true},
    {"dieteticienne", "DIETETICIEN", true},
    {"psychomotricienne", "PSYCHOMOTRICIEN", true},
    {"manipulateur erm", "MANIPULATEUR_ERM", true},
    {"manipulateur radio", "MANIPULATEUR_ERM", true},
    {"assistante sociale", "ASSISTANT_SERVICE_SOCIAL", true},
    {"assistant social", "ASSISTANT_SERVICE_SOCIAL", true},
    {"autre", "AUTRE_PROFESSION", true},
    {"maison de sante", "MSP", false},
    {"maison de sante pluridisciplinaire", "MSP", false},
    {"centre de sante", "CDS", false},
    {"equipe de soins primaires", "ESP", false},
    {"hopital", "HOPITAL", false},
    {"ch", "HOPITAL", false},
    {"chu", "HOPITAL", false},
    {"centre hospitalier", "HOPITAL", false},
    {"ghu", "HOPITAL", false},
    {"smr", "SSR", false},
    {"ssr", "SSR", false},
    {"soins de suite et de readaptation", "SSR", false},
    {"soins medicaux et de readaptation", "SSR", false},
    {"maison de retraite", "EHPAD", false},
    {"dispositif d appui a la coordination", "DAC", false},
    {"plateforme territoriale d appui", "PTA", false},
    {"mairie", "COMMUNE", false},
    {"ville", "COMMUNE", false},
    {"cias", "CCAS", false},
    {"centre communal d action sociale", "CCAS", false},
    {"centre de planification", "CPEF", false},
    {"officine", "PHARMACIE", false},
    {"pharmacie", "PHARMACIE", false},
    {"laboratoire", "LABORATOIRE", false},
    {"conseil departemental", "DEPARTEMENT", false},
    {"intercommunalite", "EPCI", false},
    {"autre", "AUTRE_STRUCTURE", false},
};

static const struct {
    const char *word;
    enum cpts_college college;
} COLLEGES[] = {
    {"professional", CPTS_COLLEGE_PROFESSIONAL},
    {"professionnel", CPTS_COLLEGE_PROFESSIONAL},
    {"professionnels", CPTS_COLLEGE_PROFESSIONAL},
    {"professionnels de sante", CPTS_COLLEGE_PROFESSIONAL},
    {"college professionnel", CPTS_COLLEGE_PROFESSIONAL},
    {"college professionnels", CPTS_COLLEGE_PROFESSIONAL},
    {"college des professionnels", CPTS_COLLEGE_PROFESSIONAL},
    {"college des professionnels de sante", CPTS_COLLEGE_PROFESSIONAL},
    {"partner", CPTS_COLLEGE_PARTNER},
    {"partenaire", CPTS_COLLEGE_PARTNER},
    {"partenaires", CPTS_COLLEGE_PARTNER},
    {"college partenaires", CPTS_COLLEGE_PARTNER},
    {"college des partenaires", CPTS_COLLEGE_PARTNER},
};

static const struct {
    const char *word;
    enum cpts_voice voice;
} VOICES[] = {
    {"deliberative", CPTS_VOICE_DELIBERATIVE},      {"deliberatif", CPTS_VOICE_DELIBERATIVE},
    {"voix deliberative", CPTS_VOICE_DELIBERATIVE}, {"oui", CPTS_VOICE_DELIBERATIVE},
    {"consultative", CPTS_VOICE_CONSULTATIVE},      {"consultatif", CPTS_VOICE_CONSULTATIVE},
    {"voix consultative", CPTS_VOICE_CONSULTATIVE}, {"non", CPTS_VOICE_CONSULTATIVE},
};

static bool add_word(struct member_lexicon *lexicon, const char *text, const char *code,
                     bool is_person)
{
    char folded[FOLD_BYTES];
    if (text[0] == '\0')
        return true;
    if (!import_pool_grow((void **)&lexicon->words, &lexicon->capacity, lexicon->count,
                          sizeof *lexicon->words))
        return false;
    name_fold_words(text, folded);
    lexicon->words[lexicon->count++] =
        (struct member_word){.word = import_pool_copy(&lexicon->pool, folded, strlen(folded)),
                             .code = code,
                             .is_person = is_person};
    return !lexicon->pool.is_out_of_memory;
}

static bool add_category(struct member_lexicon *lexicon, const struct cpts_member_category *one,
                         bool is_person)
{
    return add_word(lexicon, one->code, one->code, is_person) &&
           add_word(lexicon, one->label, one->code, is_person) &&
           add_word(lexicon, one->national_code, one->code, is_person);
}

static int compare_words(const void *one, const void *other)
{
    const struct member_word *left = one, *right = other;
    int order = strcmp(left->word, right->word);
    return order != 0 ? order : strcmp(left->code, right->code);
}

/* Whether the node has that category at all. */
static bool has_category(const struct member_lexicon *lexicon, const char *code)
{
    for (size_t i = 0; i < lexicon->count; i++) {
        if (strcmp(lexicon->words[i].code, code) == 0)
            return true;
    }
    return false;
}

bool member_lexicon_make(struct member_lexicon *lexicon,
                         const struct cpts_member_categories *categories)
{
    *lexicon = (struct member_lexicon){.categories = categories};
    bool is_fine = true;
    for (size_t i = 0; is_fine && i < categories->profession_count; i++)
        is_fine = add_category(lexicon, &categories->professions[i], true);
    for (size_t i = 0; is_fine && i < categories->structure_kind_count; i++)
        is_fine = add_category(lexicon, &categories->structure_kinds[i], false);
    for (size_t i = 0; is_fine && i < COUNT(USUAL); i++) {
        if (has_category(lexicon, USUAL[i].code))
            is_fine = add_word(lexicon, USUAL[i].word, USUAL[i].code, USUAL[i].is_person);
    }
    if (is_fine)
        qsort(lexicon->words, lexicon->count, sizeof *lexicon->words, compare_words);
    return is_fine;
}

void member_lexicon_done(struct member_lexicon *lexicon)
{
    free(lexicon->words);
    import_pool_done(&lexicon->pool);
    memset(lexicon, 0, sizeof *lexicon);
}

/* The first word that is not before @p folded. */
static size_t lower_bound(const struct member_lexicon *lexicon, const char *folded)
{
    size_t low = 0, high = lexicon->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(lexicon->words[middle].word, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *member_lexicon_find(const struct member_lexicon *lexicon, const char *text,
                                bool is_person, const char **ret_other)
{
    char folded[FOLD_BYTES];
    const char *found = NULL;
    *ret_other = NULL;
    name_fold_words(text, folded);
    for (size_t i = lower_bound(lexicon, folded);
         i < lexicon->count && strcmp(lexicon->words[i].word, folded) == 0; i++) {
        const struct member_word *word = &lexicon->words[i];
        if (word->is_person != is_person || (found != NULL && strcmp(found, word->code) == 0))
            continue;
        if (found == NULL)
            found = word->code;
        else
            *ret_other = word->code;
    }
    return found;
}

const char *member_lexicon_near(const struct member_lexicon *lexicon, const char *text,
                                bool is_person)
{
    char folded[FOLD_BYTES];
    const char **words = calloc(lexicon->count + 1, sizeof *words);
    size_t count = 0;
    name_fold_words(text, folded);
    for (size_t i = 0; words != NULL && i < lexicon->count; i++) {
        if (lexicon->words[i].is_person == is_person)
            words[count++] = lexicon->words[i].word;
    }
    const char *near = words == NULL ? NULL : suggest_nearest(folded, words, count);
    free(words);
    return near;
}

bool member_wording_college(const char *text, enum cpts_college *ret_college)
{
    char folded[FOLD_BYTES];
    name_fold_words(text, folded);
    for (size_t i = 0; i < COUNT(COLLEGES); i++) {
        if (strcmp(folded, COLLEGES[i].word) != 0)
            continue;
        *ret_college = COLLEGES[i].college;
        return true;
    }
    return false;
}

bool member_wording_voice(const char *text, enum cpts_voice *ret_voice)
{
    char folded[FOLD_BYTES];
    name_fold_words(text, folded);
    for (size_t i = 0; i < COUNT(VOICES); i++) {
        if (strcmp(folded, VOICES[i].word) != 0)
            continue;
        *ret_voice = VOICES[i].voice;
        return true;
    }
    return false;
}

/* Bytes of what stands between digits there; 0 = nothing of it. */
static size_t separator_bytes(const char *text)
{
    if (strncmp(text, NO_BREAK_SPACE, 2) == 0)
        return 2;
    if (strncmp(text, NARROW_SPACE, 3) == 0)
        return 3;
    return strchr(SEPARATORS, text[0]) != NULL ? 1 : 0;
}

/* Without separators; false when it is too long. */
static bool squeeze(const char *text, char digits[DIGITS_MAX])
{
    size_t length = 0;
    while (*text != '\0') {
        size_t skipped = separator_bytes(text);
        if (skipped == 0 && length + 1 >= DIGITS_MAX)
            return false;
        if (skipped == 0)
            digits[length++] = *text;
        text += skipped == 0 ? 1 : skipped;
    }
    digits[length] = '\0';
    return true;
}

/* The kinds, with their lengths. */
static const struct {
    int kind;
    size_t length;
    bool (*is_valid)(const char *text);
} KINDS[] = {
    {NUMBER_RPPS, 11, cpts_rpps_is_valid},
    {NUMBER_FINESS, 9, cpts_finess_is_valid},
    {NUMBER_SIRET, 14, cpts_siret_is_valid},
};

/* Reads digits as one kind: as they are, or behind their prefix. */
static bool read_as(size_t index, const char *digits, char *ret_identifier)
{
    size_t length = strlen(digits);
    bool has_prefix = length == KINDS[index].length + 1 && digits[0] == KINDS[index].kind;
    const char *number = has_prefix ? digits + 1 : digits;
    if (!KINDS[index].is_valid(number))
        return false;
    snprintf(ret_identifier, MEMBER_IDENTIFIER_BYTES, "%c%.14s", KINDS[index].kind, number);
    return true;
}

enum number_problem member_wording_number(const char *text, int kind,
                                          char ret_identifier[MEMBER_IDENTIFIER_BYTES])
{
    char digits[DIGITS_MAX], padded[DIGITS_MAX + 1];
    if (!squeeze(text, digits))
        return NUMBER_INVALID;
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if ((kind == 0 || kind == KINDS[i].kind) && read_as(i, digits, ret_identifier))
            return NUMBER_FINE;
    }
    snprintf(padded, sizeof padded, "0%s", digits);
    if ((kind == 0 || kind == NUMBER_FINESS) && cpts_finess_is_valid(padded)) {
        snprintf(ret_identifier, MEMBER_IDENTIFIER_BYTES, "%c%.9s", NUMBER_FINESS, padded);
        return NUMBER_PADDED;
    }
    return NUMBER_INVALID;
}
