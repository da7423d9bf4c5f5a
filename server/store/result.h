/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_RESULT_H
#define STORE_RESULT_H

/**
 * @file
 * What struct rows is inside this folder.
 *
 * Threads: the lane's thread.
 */

#include <libpq-fe.h>

struct rows {
    const PGresult *result;
};

#endif
