/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_LINE_H
#define TOOL_MEMBER_LINE_H

/**
 * @file
 * A line of somebody's list of members as a membership: numbers with their keys,
 * categories found, dates read. What struct fact_kind asks of a line.
 *
 * Threads: one thread at a time; of what does not read a line, any.
 */

#include "fact_import.h"
#include "member_wording.h"
#include "wording.h"

/** A membership. */
struct member_fact {
    /** With its prefix; "" = the line has no number. */
    char identifier[MEMBER_IDENTIFIER_BYTES];
    char joined_on[WORDING_DATE_BYTES];
    /** "" = it is still a member. */
    char left_on[WORDING_DATE_BYTES];
    /** The lexicon's. */
    const char *category;
    enum cpts_college college;
    enum cpts_voice voice;
};

/** What the command line says about all lines, and the node's categories. */
struct member_reference {
    /** Date of lines without one, or NULL; dates after today are refused. */
    const char *joined_on;
    char today[WORDING_DATE_BYTES];
    /** Voice of lines without one; UNSPECIFIED = refuse. */
    enum cpts_voice voice;
    struct cpts_member_categories *categories;
    struct member_lexicon lexicon;
};

void member_line_read(const struct fact_reading *reading, void *fact);

/** By member, then by date of joining. */
int member_line_compare(const void *one, const void *other);

/** A member may leave and come back. */
enum fact_relation member_line_relate(const void *before, void *fact);

void member_line_describe(const void *fact, char ret_text[FACT_TEXT_BYTES]);

/** Its number, without the prefix. */
void member_line_name(const void *fact, char ret_text[FACT_TEXT_BYTES]);

/** Category, college and voice are the same. */
bool member_has_same_place(const struct member_fact *one, const struct member_fact *other);

#endif
