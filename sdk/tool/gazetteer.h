/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_GAZETTEER_H
#define TOOL_GAZETTEER_H

/**
 * @file
 * Places by code and by name: the node's reference data, turned for looking up
 * what people wrote. Names are folded (name_fold.h).
 *
 * Threads: filling, one thread; looking up, any thread.
 */

#include <cpts/reference.h>

/** Bytes of a code with its NUL: a unit's, a département's or region's. */
#define PLACE_CODE_BYTES 10
#define AREA_CODE_BYTES 4

/** A unit of territory. */
struct place {
    char code[PLACE_CODE_BYTES];
    char parent_code[PLACE_CODE_BYTES];
    char department[AREA_CODE_BYTES];
    char region[AREA_CODE_BYTES];
    /** A territory is made of it: neither Paris, nor Lyon, nor Marseille. */
    bool is_leaf;
    int32_t population_count;
    /** As the node writes it; the gazetteer's. */
    const char *name;
};

/** A name that a place has or had. */
struct place_name {
    char *folded;
    size_t place;
    /** A commune that merged into it had the name. */
    bool is_former;
};

struct gazetteer;

/** Empty; NULL when memory is out. */
struct gazetteer *gazetteer_new(void);

/** All of a node's places, over the client. @param ret_gazetteer  Set on
 * CPTS_OK only. @return as cpts_reference_units(). */
CPTS_MUST_CHECK cpts_status gazetteer_fetch(cpts_client *client, struct gazetteer **ret_gazetteer,
                                            struct cpts_error *err);

/** Add, copied; units in the order of their codes. False when memory is out. */
bool gazetteer_add_region(struct gazetteer *gazetteer, const char *code, const char *name);
bool gazetteer_add_department(struct gazetteer *gazetteer, const char *code, const char *name,
                              const char *region);
bool gazetteer_add_unit(struct gazetteer *gazetteer, const struct cpts_unit *unit);

/** Sorts what was added; before that nothing is found. */
void gazetteer_close(struct gazetteer *gazetteer);

/** The place of a code, or of a former code; NULL when there is none. */
const struct place *gazetteer_code(const struct gazetteer *gazetteer, const char *code);
const struct place *gazetteer_old_code(const struct gazetteer *gazetteer, const char *code);

const struct place *gazetteer_place(const struct gazetteer *gazetteer, size_t index);

/** The names equal to a folded one: a run that begins at @p ret_first.
 * @return how many. */
size_t gazetteer_names(const struct gazetteer *gazetteer, const char *folded,
                       const struct place_name **ret_first);

/** The name nearest to a folded one among those of a département ("" = all), or
 * NULL when none is near. */
const struct place_name *gazetteer_near(const struct gazetteer *gazetteer, const char *folded,
                                        const char *department);

/** The next arrondissement of a commune behind @p previous (NULL = first). */
const struct place *gazetteer_child(const struct gazetteer *gazetteer, const struct place *parent,
                                    const struct place *previous);

/** The code of a region or of a département from its code (a lost leading zero
 * is given back) or its name; NULL when there is none. */
const char *gazetteer_region(const struct gazetteer *gazetteer, const char *text);
const char *gazetteer_department(const struct gazetteer *gazetteer, const char *text);

/** Releases; NULL is fine. */
void gazetteer_free(struct gazetteer *gazetteer);

#endif
