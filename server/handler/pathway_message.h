/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_PATHWAY_MESSAGE_H
#define HANDLER_PATHWAY_MESSAGE_H

/**
 * @file
 * Steps of pathways and of their templates from rows: what both reads share.
 *
 * Threads: the lane's thread.
 */

#include "cpts/v1/pathway.pb-c.h"

struct call;
struct rows;

/** A step of a template from eight columns: step, label, use case, urgency, profession,
 * speciality, previous (text[]), delay. NULL when the arena is full. */
Cpts__V1__PathwayTemplateStep *pathway_step_read(struct call *call, const struct rows *rows,
                                                 int row, int column);

/** The number of a name in an enum whose values begin with @p prefix; 0 when there is none. */
int pathway_enum_find(const ProtobufCEnumDescriptor *type, const char *prefix, const char *name);

#endif
