/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_ROW_H
#define TOOL_IMPORT_ROW_H

/**
 * @file
 * A CPTS of an import file as a command, or why it is none; and the rows of the
 * own format.
 *
 * Threads: one thread at a time.
 */

#include <cpts/command.h>

#include "import_csv.h"

/** Stages of a row: four live ones and a way out. */
#define IMPORT_STAGES_MAX 5
/** Most units of a territory. */
#define IMPORT_UNITS_MAX 2000
/** Longest key, bytes. */
#define IMPORT_KEY_BYTES_MAX 200

/** Columns, by number. The last two may be missing. */
enum import_column {
    COLUMN_KEY,
    COLUMN_NAME,
    COLUMN_LEAD_REGION,
    COLUMN_EMERGENCE_ON,
    COLUMN_LETTRE_INTENTION_ON,
    COLUMN_PROJET_VALIDE_ON,
    COLUMN_ACI_SIGNE_ON,
    COLUMN_EXIT_STAGE,
    COLUMN_EXIT_ON,
    COLUMN_TERRITORY,
    COLUMN_SYNTHETIC,
    COLUMN_FINESS,
    COLUMN_WEBSITE,
    COLUMN_COUNT
};

/** What became of a row. */
enum import_state {
    /** Fit to be sent, not sent. */
    IMPORT_WAITING,
    IMPORT_CREATED,
    /** It was there already. */
    IMPORT_REPLAYED,
    /** Refused here or by the node. */
    IMPORT_REFUSED,
    /** No answer: it may be there or not. */
    IMPORT_UNKNOWN,
    /** The node has it as the file does. */
    IMPORT_UNCHANGED,
    /** The node has it otherwise; nothing was asked to be changed. */
    IMPORT_DIFFERENT,
    /** Changed on the node. */
    IMPORT_UPDATED,
    IMPORT_STATE_COUNT
};

/** What is to be done with a CPTS that the node has. */
struct import_change {
    /** 0 = the node does not have it: create it. */
    int32_t version;
    /** Entries of row->stages to record, from the first on. */
    size_t stage_count;
    bool sets_territory;
    /** Date from which the territory is valid. */
    const char *territory_on;
};

struct import_row {
    int line;
    /** Borrowed from the table, as all texts of the command. */
    const char *key;
    struct cpts_creation creation;
    struct cpts_stage_entry stages[IMPORT_STAGES_MAX];
    /** From malloc, with their codes. */
    struct cpts_territory_unit *units;
    /** Where it stands, of a file that does not say how it came there: dates of
     * the live stages, "" = not known. The own format leaves them out. */
    enum cpts_stage stage;
    const char *live_on[CPTS_STAGE_ACI_SIGNE];
    const char *stage_on;
    /** The file says which communes it has. */
    bool has_territory;
    struct import_change change;
    uint8_t command_id[CPTS_UUID_BYTES];
    enum import_state state;
    /** Id of the CPTS, when it is there. */
    char id[CPTS_UUID_TEXT_BYTES];
    /** Why it was refused, from malloc; NULL when it was not. */
    struct cpts_error *problem;
    /** The findings say it too, and more. */
    bool is_explained;
};

/** Where each column stands; -1 = not in the file. */
struct import_header {
    int position[COLUMN_COUNT];
    size_t cell_count;
};

/** Name of a column. Static text. */
const char *import_column_name(enum import_column column);

/** Reads the header: every column once, in any order.
 * @return false with a sentence in @p ret_problem. */
bool import_header_read(struct import_header *header, const struct csv_table *table,
                        char ret_problem[CSV_PROBLEM_BYTES]);

/** Reads a row; what is wrong with it is in row->problem, then row->state is
 * IMPORT_REFUSED. @param today  Dates after it are refused.
 * @return false when memory is out. */
bool import_row_read(struct import_row *row, const struct import_header *header,
                     const struct csv_table *table, const struct csv_row *cells, const char *today);

/** Refuses the row, unless it is refused already.
 * @param column  Its name becomes the field; COLUMN_COUNT = none. */
__attribute__((format(printf, 4, 5))) void import_row_refuse(struct import_row *row,
                                                             enum import_column column,
                                                             const char *reason, const char *format,
                                                             ...);

/** The command id: the same for the same batch and key, for ever. */
void import_row_identify(struct import_row *row, const char *batch);

void import_row_done(struct import_row *row);

#endif
