/* SPDX-License-Identifier: Apache-2.0 */
#include "name_fold.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define WORDS_MAX 40
#define MARK_FIRST 0x300
#define MARK_LAST 0x36F

/* Letters with accents and ligatures, lower and upper case, by what they become. */
static const struct {
    const char *letters;
    const char *plain;
} LETTERS[] = {
    {"àâäáãåÀÂÄÁÃÅ", "a"}, {"éèêëÉÈÊË", "e"}, {"îïíìÎÏÍÌ", "i"}, {"ôöóòõÔÖÓÒÕ", "o"},
    {"ûüùúÛÜÙÚ", "u"},     {"ÿýŸÝ", "y"},     {"çÇ", "c"},       {"ñÑ", "n"},
    {"œŒ", "oe"},          {"æÆ", "ae"},      {"ß", "ss"},
};

/* Words that lists shorten. */
static const struct {
    const char *from;
    const char *to;
} ABBREVIATIONS[] = {
    {"st", "saint"},
    {"ste", "sainte"},
    {"sts", "saints"},
    {"stes", "saintes"},
};

static const char *const ARTICLES[] = {"le", "la", "les", "l"};
static const char *const DIVIDED_CITIES[] = {"paris", "lyon", "marseille"};
static const char *const ORDINAL_ENDINGS[] = {"er", "e", "eme", "ieme", "nd", "nde", "ere"};
static const char *const DIVISION_WORDS[] = {"arrondissement", "arrdt", "arrt", "ardt", "arr"};
static const char *const CPTS_WORDS[] = {"cpts",
                                         "communaute",
                                         "professionnelle",
                                         "territoriale",
                                         "de",
                                         "sante",
                                         "du",
                                         "des",
                                         "d",
                                         "le",
                                         "la",
                                         "les",
                                         "l"};

/* Words of a folded text, borrowed from its buffer. */
struct words {
    char *word[WORDS_MAX];
    size_t count;
};

static bool is_among(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

/* Bytes of the UTF-8 character at @p text, 1 for what is none. */
static size_t character_bytes(const char *text, uint32_t *ret_code)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t count = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC0 ? 2 : 1;
    *ret_code = count == 1 ? at[0] : at[0] & (0x7Fu >> count);
    for (size_t i = 1; i < count; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 1;
        *ret_code = *ret_code << 6 | (at[i] & 0x3Fu);
    }
    return count;
}

/* What a character becomes: NULL between words, "" for a mark that goes. */
static const char *plain_of(const char *text, size_t count, uint32_t code, char buffer[2])
{
    if (count == 1) {
        bool is_upper = code >= 'A' && code <= 'Z', is_lower = code >= 'a' && code <= 'z';
        buffer[0] = (char)(is_upper ? code + ('a' - 'A') : code);
        buffer[1] = '\0';
        return is_upper || is_lower || (code >= '0' && code <= '9') ? buffer : NULL;
    }
    if (code >= MARK_FIRST && code <= MARK_LAST)
        return "";
    char letter[5] = {0};
    memcpy(letter, text, count);
    for (size_t i = 0; i < COUNT(LETTERS); i++) {
        if (strstr(LETTERS[i].letters, letter) != NULL)
            return LETTERS[i].plain;
    }
    return NULL;
}

void name_fold_words(const char *text, char ret_folded[FOLD_BYTES])
{
    size_t length = 0;
    bool is_between = false;
    for (size_t step = 0; *text != '\0'; text += step) {
        uint32_t code = 0;
        char buffer[2];
        step = character_bytes(text, &code);
        const char *plain = plain_of(text, step, code, buffer);
        if (plain == NULL) {
            is_between = length > 0;
            continue;
        }
        size_t needed = strlen(plain) + is_between;
        if (length + needed >= FOLD_BYTES)
            break;
        if (is_between && *plain != '\0')
            ret_folded[length++] = ' ';
        is_between = is_between && *plain == '\0';
        memcpy(ret_folded + length, plain, strlen(plain));
        length += strlen(plain);
    }
    ret_folded[length] = '\0';
}

static void split(char *text, struct words *words)
{
    char *rest = NULL;
    words->count = 0;
    for (char *word = strtok_r(text, " ", &rest); word != NULL && words->count < WORDS_MAX;
         word = strtok_r(NULL, " ", &rest))
        words->word[words->count++] = word;
}

static void join(const struct words *words, char ret_text[FOLD_BYTES])
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < words->count; i++) {
        int added = snprintf(ret_text + length, FOLD_BYTES - length, "%s%s", i == 0 ? "" : " ",
                             words->word[i]);
        if (added < 0 || length + (size_t)added >= FOLD_BYTES)
            break;
        length += (size_t)added;
    }
}

static void lengthen(struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        for (size_t j = 0; j < COUNT(ABBREVIATIONS); j++) {
            if (strcmp(words->word[i], ABBREVIATIONS[j].from) == 0)
                words->word[i] = (char *)ABBREVIATIONS[j].to;
        }
    }
}

/* "havre le" → "le havre": no commune's name ends in an article. */
static void turn_article(struct words *words)
{
    char *last = words->count < 2 ? NULL : words->word[words->count - 1];
    if (last == NULL || !is_among(last, ARTICLES, COUNT(ARTICLES)))
        return;
    memmove(words->word + 1, words->word, (words->count - 1) * sizeof words->word[0]);
    words->word[0] = last;
}

/* "11eme" and "01" → "11" and "1". */
static bool cut_ordinal(char **word)
{
    size_t digits = strspn(*word, "0123456789");
    const char *ending = *word + digits;
    if (digits == 0 ||
        (*ending != '\0' && !is_among(ending, ORDINAL_ENDINGS, COUNT(ORDINAL_ENDINGS))))
        return false;
    (*word)[digits] = '\0';
    *word += strspn(*word, "0");
    return true;
}

/* "paris 11eme arrondissement" → "paris 11". */
static void shorten_division(struct words *words)
{
    if (words->count < 2 || !is_among(words->word[0], DIVIDED_CITIES, COUNT(DIVIDED_CITIES)))
        return;
    if (!cut_ordinal(&words->word[1]))
        return;
    size_t kept = 2;
    if (words->count > 2 && is_among(words->word[2], ORDINAL_ENDINGS, COUNT(ORDINAL_ENDINGS)))
        kept++;
    if (words->count == kept ||
        (words->count == kept + 1 &&
         is_among(words->word[kept], DIVISION_WORDS, COUNT(DIVISION_WORDS))))
        words->count = 2;
}

/* "Vitry s/ Seine": the stroke is lost between words, so it goes first. */
static void expand_strokes(const char *text, char *ret_text, size_t bytes)
{
    size_t length = 0;
    for (size_t i = 0; text[i] != '\0' && length + 5 < bytes; i++) {
        bool begins_word = i == 0 || text[i - 1] == ' ' || text[i - 1] == '-';
        bool is_stroke = begins_word && (text[i] == 's' || text[i] == 'S') && text[i + 1] == '/';
        if (is_stroke) {
            memcpy(ret_text + length, "sur ", 4);
            length += 4;
            i++;
        } else {
            ret_text[length++] = text[i];
        }
    }
    ret_text[length] = '\0';
}

void name_fold_commune(const char *text, char ret_folded[FOLD_BYTES])
{
    char expanded[2 * FOLD_BYTES], folded[FOLD_BYTES];
    struct words words;
    expand_strokes(text, expanded, sizeof expanded);
    name_fold_words(expanded, folded);
    split(folded, &words);
    lengthen(&words);
    turn_article(&words);
    shorten_division(&words);
    join(&words, ret_folded);
}

void name_fold_cpts(const char *text, char ret_folded[FOLD_BYTES])
{
    char folded[FOLD_BYTES];
    struct words words;
    name_fold_words(text, folded);
    split(folded, &words);
    lengthen(&words);
    size_t skipped = 0;
    bool begins =
        words.count > 0 && (strcmp(words.word[0], "cpts") == 0 ||
                            (words.count > 1 && strcmp(words.word[1], "professionnelle") == 0));
    while (begins && skipped + 1 < words.count &&
           is_among(words.word[skipped], CPTS_WORDS, COUNT(CPTS_WORDS)))
        skipped++;
    memmove(words.word, words.word + skipped, (words.count - skipped) * sizeof words.word[0]);
    words.count -= skipped;
    join(&words, ret_folded);
}
