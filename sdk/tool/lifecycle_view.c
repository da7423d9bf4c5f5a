/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle_view.h"

#include <cpts/dossier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define NOTE_BYTES 400

/* One line of the timeline. */
struct event {
    const char *on;
    const char *what;
    const char *name;
    const char *label;
    const char *id;
    char note[NOTE_BYTES];
};

struct timeline {
    struct event *events;
    size_t count;
};

void lifecycle_kinds_text(const struct cpts_texts *kinds, size_t room, char *ret_text)
{
    size_t length = 0;
    snprintf(ret_text, room, "-");
    for (size_t i = 0; i < kinds->count && length < room; i++)
        length += (size_t)snprintf(ret_text + length, room - length, "%s%s", i == 0 ? "" : " ",
                                   kinds->texts[i]);
}

static struct event *add(struct timeline *line, const char *on, const char *what)
{
    struct event *event = &line->events[line->count++];
    *event = (struct event){.on = on, .what = what, .name = "", .label = "", .id = ""};
    return event;
}

static void add_stages(struct timeline *line, const struct cpts_lifecycle *from)
{
    static const char *const BASES[] = {"", "told afterwards", "decided", "by silence"};
    for (size_t i = 0; i < from->stage_count; i++) {
        const struct cpts_stage_evidence *stage = &from->stages[i];
        char missing[NOTE_BYTES / 2];
        struct event *event = add(line, stage->effective_on, "stage");
        event->name = cpts_stage_name(stage->stage);
        lifecycle_kinds_text(&stage->missing_kinds, sizeof missing, missing);
        snprintf(event->note, NOTE_BYTES, "%s%s%s",
                 (unsigned)stage->basis < COUNT(BASES) ? BASES[stage->basis] : "",
                 stage->missing_kinds.count == 0 ? "" : ", evidence missing: ",
                 stage->missing_kinds.count == 0 ? "" : missing);
    }
}

static void add_filings(struct timeline *line, const struct cpts_lifecycle *from)
{
    for (size_t i = 0; i < from->filing_count; i++) {
        const struct cpts_filing *filing = &from->filings[i];
        struct event *event = add(line, filing->state_on, "filing");
        event->name = cpts_stage_name(filing->target);
        event->id = filing->id;
        snprintf(event->note, NOTE_BYTES, "%s%s%s", cpts_filing_state_name(filing->state),
                 filing->decision[0] == '\0' ? "" : ", ", filing->decision);
    }
}

static void add_papers(struct timeline *line, const struct cpts_lifecycle *from)
{
    for (size_t i = 0; i < from->document_count; i++) {
        struct event *event = add(line, from->documents[i].dated_on, "document");
        event->name = from->documents[i].kind;
        event->label = from->documents[i].label;
        event->id = from->documents[i].id;
        snprintf(event->note, NOTE_BYTES, "%s", from->documents[i].title);
    }
    for (size_t i = 0; i < from->milestone_count; i++) {
        const struct cpts_milestone *milestone = &from->milestones[i];
        struct event *event = add(line, milestone->effective_on, "milestone");
        event->name = milestone->kind;
        event->label = milestone->label;
        snprintf(event->note, NOTE_BYTES, "%s", milestone->note);
    }
}

static void add_clocks(struct timeline *line, const struct cpts_lifecycle *from)
{
    for (size_t i = 0; i < from->clock_count; i++) {
        const struct cpts_clock *clock = &from->clocks[i];
        bool is_stopped = strcmp(clock->state, "STOPPED") == 0;
        struct event *event = add(line, clock->due_on, "clock");
        event->name = clock->kind;
        event->label = clock->label;
        event->id = clock->id;
        snprintf(event->note, NOTE_BYTES, "%s%s%s%s%s%s", clock->state, is_stopped ? " on " : "",
                 clock->stopped_on, clock->mission[0] == '\0' ? "" : ", ", clock->mission,
                 strcmp(clock->confidence, "not_sourced") == 0 ? " (delay without a source)" : "");
    }
}

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct event *)left)->on, ((const struct event *)right)->on);
}

static bool print_timeline(const struct session *session, const struct timeline *line)
{
    static const struct grid_column COLUMNS[] = {{.name = "on", .heading = "ON"},
                                                 {.name = "what", .heading = "WHAT"},
                                                 {.name = "name", .heading = "NAME"},
                                                 {.name = "note", .heading = "NOTE"},
                                                 {.name = "label"},
                                                 {.name = "id", .heading = "ID"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    if (grid == NULL)
        return false;
    for (size_t i = 0; i < line->count; i++) {
        const struct event *event = &line->events[i];
        grid_row(grid, (const char *[]){event->on, event->what, event->name, event->note,
                                        event->label, event->id});
    }
    return grid_end(grid, session->form == FORM_OWN ? 2 : 0);
}

static void print_fact(const char *name, const char *value, const char *more)
{
    if (value[0] != '\0')
        printf("  %-12s %s%s%s\n", name, value, more[0] == '\0' ? "" : ", ", more);
}

static void print_head(const struct session *session, const struct cpts_lifecycle *from)
{
    const struct terminal *terminal = &session->terminal;
    const struct cpts_identity *identity = &from->identity;
    printf("%s%s%s\n", terminal_style(terminal, STYLE_BOLD), from->name,
           terminal_style(terminal, STYLE_RESET));
    if (from->synthetic)
        printf("%sSYNTHETIC DATA: an invented CPTS%s\n", terminal_style(terminal, STYLE_ALERT),
               terminal_style(terminal, STYLE_RESET));
    print_fact("id", from->id, "");
    print_fact("stage", cpts_stage_name(from->stage), from->stage_on);
    print_fact("published", from->published ? "yes" : "no",
               from->publication_set ? "decided by the ARS" : "by its stages");
    print_fact("legal form", identity->legal_form, identity->statuts_on);
    print_fact("RNA", identity->rna, "");
    print_fact("SIRET", identity->siret, "");
    print_fact("FINESS", from->finess, "");
    print_fact("nature", identity->nature, identity->origin);
    print_fact("ambition", identity->ambition, "");
    print_fact("size", from->size_class, from->size_label);
    if (from->documents_withheld)
        printf("  Documents and drafts are for the CPTS and its ARS.\n");
    putchar('\n');
}

bool lifecycle_print(const struct session *session, const struct cpts_lifecycle *lifecycle)
{
    size_t count = lifecycle->stage_count + lifecycle->filing_count + lifecycle->document_count +
                   lifecycle->milestone_count + lifecycle->clock_count;
    struct timeline line = {.events = calloc(count + 1, sizeof *line.events)};
    if (line.events == NULL)
        return false;
    add_stages(&line, lifecycle);
    add_filings(&line, lifecycle);
    add_papers(&line, lifecycle);
    add_clocks(&line, lifecycle);
    qsort(line.events, line.count, sizeof *line.events, compare);
    if (session->form == FORM_OWN)
        print_head(session, lifecycle);
    bool is_fine = print_timeline(session, &line);
    free(line.events);
    return is_fine;
}
