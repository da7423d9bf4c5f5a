/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FACT_IMPORT_H
#define TOOL_FACT_IMPORT_H

/**
 * @file
 * The import of figures of CPTS, a line a figure: what all such tables share.
 * What a line of a given table means is its struct fact_kind.
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
    /** With the node, which had nothing or something else. */
    FACT_ADDED,
    FACT_CHANGED,
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
    /** The kind's struct. */
    void *fact;
};

struct fact_kind;

/** The facts of one file. */
struct fact_import {
    const struct fact_kind *kind;
    struct fact_line *lines;
    size_t line_count;
    /** fact_bytes each, one a line. */
    unsigned char *facts;
    /** Lines by CPTS, then by what they are about; line_count of them, those
     * that cannot be read last. */
    size_t *order;
    /** Those that can. */
    size_t ready_count;
    struct registry registry;
    struct findings findings;
    /** Id of the CPTS of all lines, or NULL. */
    const char *told_cpts;
    /** Why locked values are corrected, or NULL. */
    const char *reason;
    /** Lets nothing be sent. */
    bool is_dry;
    /** What the kind read from the node. */
    void *reference;
};

/** A line that is being read. */
struct fact_reading {
    struct fact_import *import;
    const struct import_source *source;
    const struct csv_row *row;
    size_t index;
};

/** What the node has, compared with a fact. */
enum fact_match { FACT_IS_NEW, FACT_IS_SAME, FACT_IS_CHANGE, FACT_IS_BARRED };

/** Facts of one CPTS that go together. */
struct fact_batch {
    const char *cpts_id;
    int32_t version;
    uint8_t command_id[CPTS_UUID_BYTES];
    const void *facts[FACT_BATCH_MAX];
    size_t lines[FACT_BATCH_MAX];
    size_t count;
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
    /** Reads what lines refer to; NULL = nothing. release() ends it. */
    cpts_status (*prepare)(struct fact_import *import, cpts_client *client, struct cpts_error *err);
    void (*release)(struct fact_import *import);
    /** Reads the line's own fields into its fact, or refuses it. */
    void (*read)(const struct fact_reading *reading, void *fact);
    /** By what facts are about; 0 = about the same thing. */
    int (*compare)(const void *one, const void *other);
    /** Facts about the same thing say the same. */
    bool (*agrees)(const void *one, const void *other);
    /** Lets a fact follow another one of its CPTS, in their order, and learn from
     * it; NULL = they have nothing to do with each other.
     * @return false when the two contradict each other. */
    bool (*follow)(const void *before, void *fact);
    void (*describe)(const void *fact, char ret_text[FACT_TEXT_BYTES]);
    /** What the node has of one CPTS; drop() releases it. */
    cpts_status (*fetch)(cpts_client *client, const char *cpts_id, void **ret_own,
                         struct cpts_error *err);
    void (*drop)(void *own);
    /** @param ret_text  What the node has, or why the fact is barred. */
    enum fact_match (*match)(const struct fact_import *import, const void *own, const void *fact,
                             char ret_text[FACT_TEXT_BYTES]);
    /** Reason of a barred fact. */
    const char *barred_reason;
    cpts_status (*send)(const struct fact_import *import, cpts_client *client,
                        struct fact_batch *batch, struct cpts_outcome **ret_outcome,
                        struct cpts_error *err);
};

/** The whole of a verb: from its arguments to its report. @return an enum
 * exit_code. */
int fact_import_run(struct session *session, const struct arguments *arguments,
                    const struct fact_kind *kind);

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
