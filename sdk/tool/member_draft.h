/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_DRAFT_H
#define TOOL_MEMBER_DRAFT_H

/**
 * @file
 * The lines of somebody's table as members of CPTS: numbers with their keys,
 * categories and CPTS found, dates read, lines that contradict each other
 * refused.
 *
 * Threads: one thread at a time.
 */

#include "import_finding.h"
#include "import_registry.h"
#include "import_source.h"
#include "import_target.h"
#include "member_wording.h"
#include "wording.h"

/** What became of a line. */
enum member_state {
    /** Fit to be sent, not sent. */
    MEMBER_WAITING,
    /** With the node: its command was carried out, or had been before. */
    MEMBER_RECORDED,
    MEMBER_REPLAYED,
    /** Refused here or by the node; a finding says why. */
    MEMBER_REFUSED,
    /** No answer: it may be there or not. */
    MEMBER_UNKNOWN,
    /** Said before by another line. */
    MEMBER_DUPLICATE,
    /** Compared with the node, nothing sent. */
    MEMBER_NEW,
    MEMBER_CHANGED,
    MEMBER_UNCHANGED,
    MEMBER_STATE_COUNT
};

struct member_line {
    int line;
    /** Index in the registry, TARGET_NONE when it was not found. */
    size_t cpts;
    char identifier[MEMBER_IDENTIFIER_BYTES];
    char joined_on[WORDING_DATE_BYTES];
    /** "" = it is still a member. */
    char left_on[WORDING_DATE_BYTES];
    /** The lexicon's. */
    const char *category;
    enum cpts_college college;
    enum cpts_voice voice;
    /** 0 = the first period of this member in the file; the next one goes into a
     * command of its own, afterwards. */
    int wave;
    enum member_state state;
};

/** What the command line says about all lines. */
struct member_wishes {
    /** Id of the CPTS of all lines, or NULL. */
    const char *cpts_id;
    /** Date of lines without one, or NULL; dates after `today` are refused. */
    const char *joined_on;
    const char *today;
    /** Voice of lines without one; UNSPECIFIED = refuse. */
    enum cpts_voice voice;
};

/** The members of one file. */
struct member_import {
    struct member_line *lines;
    size_t line_count;
    struct registry *registry;
    const struct member_lexicon *lexicon;
    struct member_wishes wishes;
    struct findings findings;
    /** Lines by CPTS, wave and place in the file; line_count of them. */
    size_t *order;
};

/** Fills @p import with a line a row of the table.
 * @return false when memory is out; member_draft_done() releases in any case. */
bool member_draft_make(struct member_import *import, const struct import_source *source);

/** Refuses a line, unless it is refused already; @p candidates NULL = none. */
__attribute__((format(printf, 6, 7))) void
member_line_refuse(struct member_import *import, size_t index, const char *field,
                   const char *reason, const char *candidates, const char *format, ...);

/** The line as the library takes it; borrows from the line. */
struct cpts_member member_line_value(const struct member_line *line);

void member_draft_done(struct member_import *import);

#endif
