/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_VERB_PATHWAY_H
#define TOOL_VERB_PATHWAY_H

/**
 * @file
 * The verbs about pathways.
 *
 * Threads: one thread at a time.
 */

#include "arguments.h"
#include "session.h"

int verb_pathway_templates(struct session *session, const struct arguments *arguments);
int verb_pathway_start(struct session *session, const struct arguments *arguments);
int verb_pathway_show(struct session *session, const struct arguments *arguments);
int verb_pathway_list(struct session *session, const struct arguments *arguments);

#endif
