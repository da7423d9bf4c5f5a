/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FACT_IMPORT_H
#define TOOL_FACT_IMPORT_H

/**
 * @file
 * The import of facts about CPTS, a line a member or a figure: what all such
 * tables share. What a line of a given table means is its struct fact_kind.
 *
 * Threads: one thread at a time, but for what fact_send() says.
 */

#include <cpts/command.h>

#include "import_finding.h"
#include "import_registry.h"
#include "import_source.h"
#include "import_target.h"
#include "session.h"

/** Bytes of a fact's description: `DEPISTAGE_SEIN 2024 72.4`. */
#define FACT_TEXT_BYTES 160
/** Most facts of one command. */
#define FACT_BATCH_MAX 500

/** What became of a line. */
enum fact_state {
    /** Fit to be sent, not sent. */
    FACT_WAITING,
    /** Compared in a preview: the node has nothing, or something else. */
    FACT_NEW,
    FACT_TO_UPDATE,
    /** With the node, which had nothing or something else. */
    FACT_ADDED,
    FACT_CHANGED,
    /** With the node, which alone knows what it had: its command was carried out,
     * or had been before. */
    FACT_RECORDED,
    FACT_REPLAYED,
    /** The node says the same already. */
    FACT_UNCHANGED,
    /** Refused here or by the node; a finding says why. */
    FACT_REFUSED,
    /** No answer: it may be there or not. */
    FACT_UNKNOWN,
    /** Said before by another line. */
    FACT_DUPLICATE,
    FACT_STATE_COUNT
};

struct fact_line {
    int line;
    /** Index in the registry, TARGET_NONE when it was not found. */
    size_t cpts;
    enum fact_state state;
    /** Compared with the node: it has something else. */
    bool is_change;
    /** 0, or by how many earlier lines of its CPTS it is to be preceded, each in a
     * command before. */
    int turn;
    /** The kind's struct. */
    void *fact;
};

/** What the node said that a run did, where it alone knows. */
struct fact_totals {
    size_t added, changed, unchanged;
};

struct fact_kind;

/** The facts of one file. */
struct fact_import {
    const struct fact_kind *kind;
    struct fact_line *lines;
    size_t line_count;
    /** fact_bytes each, one a line. */
    unsigned char *facts;
    /** Lines by CPTS, then turn, then what they are about; line_count of them,
     * those that are refused last. */
    size_t *order;
    /** Those that are not. */
    size_t ready_count;
    struct registry registry;
    struct findings findings;
    /** Id of the CPTS of all lines, or NULL. */
    const char *told_cpts;
    /** Why locked values are corrected, or NULL. */
    const char *reason;
    /** All else that the node believes of the same is withdrawn. */
    bool restates;
    /** Lets nothing be sent. */
    bool is_dry;
    /** What the kind read from the command line and the node. */
    void *reference;
    struct fact_totals totals;
};

/** A line that is being read. */
struct fact_reading {
    struct fact_import *import;
    const struct import_source *source;
    const struct csv_row *row;
    size_t index;
};

/** What the node has, compared with a fact; UNSEEN = new as far as can be told. */
enum fact_match { FACT_IS_NEW, FACT_IS_SAME, FACT_IS_CHANGE, FACT_IS_BARRED, FACT_IS_UNSEEN };

/** What a fact is to the one before it, of the same CPTS: of something else, the
 * same again, something that cannot be true beside it, or true afterwards: then
 * it goes in a later command. */
enum fact_relation { FACT_IS_APART, FACT_IS_AGAIN, FACT_IS_CONTRARY, FACT_IS_LATER };

/** Facts of one CPTS that go together. */
struct fact_batch {
    const char *cpts_id;
    int32_t version;
    uint8_t command_id[CPTS_UUID_BYTES];
    const void *facts[FACT_BATCH_MAX];
    size_t lines[FACT_BATCH_MAX];
    size_t count;
};

/** What the node did with them. */
struct fact_outcome {
    int32_t version;
    bool replayed;
    /** Of kinds that are not compared. */
    struct fact_totals totals;
};

/** What one kind of table means. */
struct fact_kind {
    /** They begin with those of import_target.h. */
    const struct import_field_set *fields;
    /** Namespace of the ids of its commands. */
    const char *command_space;
    /** Plural, for the report: "values". */
    const char *noun;
    size_t fact_bytes;
    /** Facts a command, up to FACT_BATCH_MAX. */
    size_t batch_max;
    /** Name of the repeated field of the command: an error about one item,
     * "values[17].period", is about one line. */
    const char *list;
    /** Compares with the node before it sends, and sends what differs, with the
     * version seen; else only a preview compares. */
    bool is_compared;
    /** Reads options of its own; NULL = there are none.
     * @return an enum exit_code. */
    int (*read_options)(struct fact_import *import, const struct arguments *arguments);
    /** Reads what lines refer to; NULL = nothing. */
    cpts_status (*prepare)(struct fact_import *import, cpts_client *client, struct cpts_error *err);
    /** Ends what the two began, or nothing; NULL with them. */
    void (*release)(struct fact_import *import);
    /** Reads the line's own fields into its fact, or refuses it. */
    void (*read)(const struct fact_reading *reading, void *fact);
    /** By what facts are about; 0 = about the same thing. */
    int (*compare)(const void *one, const void *other);
    /** What a fact is to the one before it, in the order of compare(); it may
     * learn from it. */
    enum fact_relation (*relate)(const void *before, void *fact);
    /** Reason of a contrary line. */
    const char *contrary_reason;
    /** All that it says; the command's id comes from it. */
    void (*describe)(const void *fact, char ret_text[FACT_TEXT_BYTES]);
    /** What it is about, for reports; NULL = as describe(). */
    void (*name)(const void *fact, char ret_text[FACT_TEXT_BYTES]);
    /** What the node has of one CPTS; drop() releases it. */
    cpts_status (*fetch)(cpts_client *client, const char *cpts_id, void **ret_own,
                         struct cpts_error *err);
    void (*drop)(void *own);
    /** @param ret_text  What the node has, or why the fact is barred or unseen. */
    enum fact_match (*match)(const struct fact_import *import, const void *own, const void *fact,
                             char ret_text[FACT_TEXT_BYTES]);
    /** Reasons of a fact of which the node has something else, and of a barred one. */
    const char *change_reason, *barred_reason;
    cpts_status (*send)(const struct fact_import *import, cpts_client *client,
                        struct fact_batch *batch, struct fact_outcome *ret_outcome,
                        struct cpts_error *err);
};

/** The whole of a verb: from its arguments to its report. @return an enum
 * exit_code. */
int fact_import_run(struct session *session, const struct arguments *arguments,
                    const struct fact_kind *kind);

/** What a line is about, for reports. */
void fact_line_name(const struct fact_import *import, const struct fact_line *line,
                    char ret_text[FACT_TEXT_BYTES]);

/** Tells a note about the line that is being read. */
__attribute__((format(printf, 4, 5))) void fact_note(const struct fact_reading *reading, int field,
                                                     const char *reason, const char *format, ...);

/** Whether the line is refused. */
bool fact_is_refused(const struct fact_reading *reading);

/** Takes the outcome of a command that tells no counts. @return @p status. */
cpts_status fact_outcome_take(cpts_status status, struct cpts_outcome *outcome,
                              struct fact_outcome *ret_outcome);

/** A cell without the spaces around it. */
const char *fact_cell(const struct fact_reading *reading, int field);

/** Refuses the line, unless it is refused already. @param candidates  NULL = none. */
__attribute__((format(printf, 5, 6))) void fact_refuse(const struct fact_reading *reading,
                                                       int field, const char *reason,
                                                       const char *candidates, const char *format,
                                                       ...);

/** As fact_refuse(), by the line's index and a field's name. */
void fact_line_refuse(struct fact_import *import, size_t index, const char *field,
                      const char *reason, const char *message);

#endif
