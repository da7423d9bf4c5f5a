/* SPDX-License-Identifier: Apache-2.0 */
#include "member_plan.h"

#include <stdlib.h>
#include <string.h>

#include "member_send.h"
#include "progress.h"

#define TOKEN_BYTES 256

/* Lines of one CPTS by identifier. */
struct index {
    struct member_import *import;
    size_t *lines;
    size_t count;
};

static int compare(const void *one, const void *other, void *data)
{
    const struct member_import *import = data;
    return strcmp(import->lines[*(const size_t *)one].identifier,
                  import->lines[*(const size_t *)other].identifier);
}

/* Every line is new until the node is seen to have it. */
static void make_index(struct index *index, struct member_range range)
{
    struct member_import *import = index->import;
    index->count = 0;
    for (size_t i = range.first; i < range.end; i++) {
        struct member_line *line = &import->lines[import->order[i]];
        if (line->state != MEMBER_WAITING)
            continue;
        line->state = MEMBER_NEW;
        if (line->left_on[0] == '\0')
            index->lines[index->count++] = import->order[i];
        else
            findings_add(&import->findings,
                         (struct finding){.kind = FINDING_NOTE,
                                          .line = line->line,
                                          .row = import->order[i],
                                          .field = "left_on",
                                          .reason = "NOT_COMPARED"},
                         "the preview compares today's members only");
    }
    qsort_r(index->lines, index->count, sizeof *index->lines, compare, import);
}

static struct member_line *find(const struct index *index, const char *identifier)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct member_line *line = &index->import->lines[index->lines[middle]];
        int order = strcmp(line->identifier, identifier);
        if (order == 0)
            return line;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* What the node would answer, see RecordMembers. */
static enum member_state compare_with(const struct member_line *line,
                                      const struct cpts_member *member, bool restates)
{
    int order = strcmp(member->joined_on, line->joined_on);
    bool is_same = strcmp(member->category, line->category) == 0 &&
                   member->college == line->college && member->voice == line->voice &&
                   member->left_on[0] == '\0';
    return is_same && (order == 0 || (order < 0 && !restates)) ? MEMBER_UNCHANGED : MEMBER_CHANGED;
}

static void compare_page(const struct index *index, const struct cpts_members *page, bool restates)
{
    char identifier[MEMBER_IDENTIFIER_BYTES];
    for (size_t i = 0; i < page->member_count; i++) {
        const struct cpts_member *member = &page->members[i];
        if (member->rpps[0] != '\0')
            snprintf(identifier, sizeof identifier, "%c%s", NUMBER_RPPS, member->rpps);
        else if (member->finess[0] != '\0')
            snprintf(identifier, sizeof identifier, "%c%s", NUMBER_FINESS, member->finess);
        else
            snprintf(identifier, sizeof identifier, "%c%s", NUMBER_SIRET, member->siret);
        struct member_line *line = find(index, identifier);
        if (line != NULL)
            line->state = compare_with(line, member, restates);
    }
}

static cpts_status compare_cpts(cpts_client *client, const struct index *index, const char *id,
                                bool restates, struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        struct cpts_members_query query = {
            .size = sizeof query, .id = id, .page_size = CPTS_MEMBER_PAGE_MAX, .page_token = token};
        struct cpts_members *page = NULL;
        cpts_status status = cpts_members_list(client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        compare_page(index, page, restates);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        cpts_members_free(page);
    } while (token[0] != '\0');
    return CPTS_OK;
}

cpts_status member_plan_make(const struct session *session, struct member_import *import,
                             bool restates, struct cpts_error *err)
{
    struct index index = {.import = import,
                          .lines = calloc(import->line_count + 1, sizeof *index.lines)};
    struct progress progress;
    cpts_status status = CPTS_OK;
    struct member_range range = member_range_next(import, 0);
    progress_begin(&progress, session, import->line_count);
    while (index.lines != NULL && status == CPTS_OK && range.first < range.end) {
        size_t cpts = import->lines[import->order[range.first]].cpts;
        make_index(&index, range);
        if (index.count > 0)
            status = compare_cpts(session->client, &index, import->registry->known[cpts].id,
                                  restates, err);
        progress_show(&progress, range.end, 0);
        range = member_range_next(import, range.end);
    }
    progress_end(&progress);
    free(index.lines);
    return status;
}
