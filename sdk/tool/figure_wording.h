/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FIGURE_WORDING_H
#define TOOL_FIGURE_WORDING_H

/**
 * @file
 * Decimals, periods and weeks as people type them, as the node takes them.
 *
 * Threads: any thread.
 */

#include <stdbool.h>

#define FIGURE_DECIMAL_BYTES 24
#define FIGURE_PERIOD_BYTES 8
#define FIGURE_WEEK_BYTES 9

/** Reads `72,4`, `1 234`, `72.4 %`, `oui` (1), `non` (0).
 * @param ret_decimal  "72.4": shortest form; set on success only. */
bool figure_decimal(const char *text, char ret_decimal[FIGURE_DECIMAL_BYTES]);

/** Reads `2024`, `2024-S1`, `S1 2024`, `T3 2024`,
 * `2024-07`, `07/2024`. @param ret_period  "2024-S1"; set on success only. */
bool figure_period(const char *text, char ret_period[FIGURE_PERIOD_BYTES]);

/** Reads `2024-W07`, `2024-S07`, `S07 2024`, `semaine 7 2024`.
 * @param ret_week  "2024-W07"; set on success only. */
bool figure_week(const char *text, char ret_week[FIGURE_WEEK_BYTES]);

#endif
