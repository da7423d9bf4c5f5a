/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_view.h"

#include <string.h>

#include "peer_text.h"

#define EVENTS_BYTES 512

void referral_view_instant(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES])
{
    ret_text[0] = '\0';
    if (instant_us != 0)
        cpts_instant_format(instant_us - instant_us % 1000000, ret_text);
}

void referral_view_events(const enum cpts_referral_event *events, size_t count, char *ret_text,
                          size_t text_bytes)
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < count && length < text_bytes; i++) {
        int written = snprintf(ret_text + length, text_bytes - length, "%s%s", i == 0 ? "" : ", ",
                               cpts_referral_event_name(events[i]));
        length += written > 0 ? (size_t)written : 0;
    }
}

static void print_line(FILE *stream, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(stream, "  %-12s ", name);
    peer_text_print_line(stream, text);
    fputc('\n', stream);
}

/* Who gave it, when, how and for what. */
static void print_consent(const char *name, const struct cpts_consent *consent, FILE *stream)
{
    if (consent == NULL)
        return;
    fprintf(stream, "  %-12s ", name);
    peer_text_print_line(stream, consent->given_by);
    fputs(", ", stream);
    peer_text_print_line(stream, consent->given_on);
    fputs(", ", stream);
    peer_text_print_line(stream, consent->form);
    fputs(": ", stream);
    peer_text_print_line(stream, consent->scope);
    fputc('\n', stream);
}

/* The name is that of the origin now, which after a merge is another than the one that signed. */
static void print_origin(const struct cpts_referral *referral, FILE *stream)
{
    bool has_merged = referral->successor_id[0] != '\0';
    print_line(stream, "from", has_merged ? referral->header.origin_id : "");
    fprintf(stream, "  %-12s %s ", has_merged ? "now" : "from",
            has_merged ? referral->successor_id : referral->header.origin_id);
    peer_text_print_line(stream, referral->origin_name);
    fputc('\n', stream);
}

static void print_order(const struct cpts_referral *referral, FILE *stream)
{
    const struct cpts_referral_header *header = &referral->header;
    char instant[CPTS_INSTANT_TEXT_BYTES];
    referral_view_instant(referral->created_at_us, instant);
    fprintf(stream, "%s %s, version %d%s\n", referral->id,
            cpts_referral_status_name(referral->status), (int)referral->version,
            referral->synthetic ? " (SYNTHETIC)" : "");
    fprintf(stream, "  %-12s %s, %s, commune %s\n", "need", cpts_use_case_name(header->use_case),
            cpts_urgency_name(header->urgency), header->unit_code);
    print_line(stream, "profession", header->profession);
    print_line(stream, "speciality", header->speciality);
    print_origin(referral, stream);
    print_line(stream, "establishment", header->requester_finess);
    print_line(stream, "submitted", instant);
    print_line(stream, "legal basis", cpts_legal_basis_name(header->legal_basis));
    print_consent("consent", header->consent, stream);
    print_consent("consent now", referral->later_consent, stream);
    print_line(stream, "pathway", header->pathway_id);
    print_line(stream, "custodian", referral->custodian_id);
    print_line(stream, "proposed", referral->proposed_id);
    print_line(stream, "reason", referral->reason);
}

static void print_flags(const struct cpts_referral *referral, FILE *stream)
{
    if (referral->unroutable)
        print_line(stream, "flag", "UNROUTABLE: no CPTS was found that may receive it");
    if (referral->consent_withdrawn)
        print_line(stream, "flag", "CONSENT_WITHDRAWN: content is opened no more");
    if (referral->erased)
        print_line(stream, "flag", "ERASED: what was sealed was destroyed");
    if (referral->to_rewrap)
        print_line(stream, "flag",
                   "TO_REWRAP: sealed for an origin that merged; the custodian "
                   "seals it again");
    if (referral->entered_in_error)
        print_line(stream, "flag", "ENTERED_IN_ERROR: kept, out of the counts");
}

static void print_assignment(const struct cpts_assignment *one, FILE *stream)
{
    char instant[CPTS_INSTANT_TEXT_BYTES], events[EVENTS_BYTES];
    referral_view_instant(one->state_at_us, instant);
    fprintf(stream, "  %-12s %s ", "attempt", one->id);
    peer_text_print_line(stream, one->destination_name);
    fprintf(stream, " %s since %s", cpts_assignment_state_name(one->state), instant);
    if (one->overdue_level > 0)
        fprintf(stream, ", OVERDUE %d", (int)one->overdue_level);
    if (one->no_show_count > 0)
        fprintf(stream, ", NO_SHOW %d", (int)one->no_show_count);
    if (one->to_rewrap)
        fputs(", TO_REWRAP", stream);
    if (one->reason[0] != '\0')
        fprintf(stream, ", %s", one->reason);
    fputc('\n', stream);
    referral_view_instant(one->scheduled_for_us, instant);
    print_line(stream, "  planned", instant);
    referral_view_events(one->allowed, one->allowed_count, events, sizeof events);
    print_line(stream, "  next", events);
}

void referral_view_print(const struct cpts_referral *referral, FILE *stream)
{
    char instant[CPTS_INSTANT_TEXT_BYTES], events[EVENTS_BYTES];
    print_order(referral, stream);
    print_flags(referral, stream);
    for (size_t i = 0; i < referral->assignment_count; i++)
        print_assignment(&referral->assignments[i], stream);
    for (size_t i = 0; i < referral->clock_count; i++) {
        const struct cpts_referral_clock *clock = &referral->clocks[i];
        referral_view_instant(clock->fire_at_us, instant);
        fprintf(stream, "  %-12s %s at %s, level %d\n", "clock",
                cpts_referral_clock_name(clock->kind), instant, (int)clock->level);
    }
    referral_view_events(referral->allowed, referral->allowed_count, events, sizeof events);
    print_line(stream, "next", events);
}
