/* SPDX-License-Identifier: Apache-2.0 */
#include "wiping_heap.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void wiping_heap_clear(void *block)
{
    if (block != NULL)
        explicit_bzero(block, malloc_usable_size(block));
}

static void release(void *block)
{
    wiping_heap_clear(block);
    free(block);
}

void wiping_heap_begin(void)
{
    json_set_alloc_funcs(malloc, release);
}
