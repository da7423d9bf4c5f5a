/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_EXPORT_PACKAGE_H
#define TOOL_EXPORT_PACKAGE_H

/**
 * @file
 * datapackage.json: a Tabular Data Package (Frictionless, version 1) whose
 * resources are the tables of an export, each with its Table Schema.
 *
 * Threads: any thread.
 */

#include "export_writer.h"

/** Name of the package and of its file; by them an export is known again. */
#define EXPORT_PACKAGE_NAME "cpts-export"
#define EXPORT_PACKAGE_FILE "datapackage.json"

/** The text, from malloc; NULL when memory is out. */
char *export_package_text(const struct export *export, const struct export_counts *counts);

/** Whether a text is the datapackage.json of an export. */
bool export_package_is_own(const char *text);

#endif
