/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/word_list.h"

#include <string.h>

size_t word_list_split(char *text, char separator, const char **ret_parts, size_t max)
{
    size_t count = 0;
    while (text != NULL && text[0] != '\0' && count < max) {
        ret_parts[count++] = text;
        text = strchr(text, separator);
        if (text != NULL)
            *text++ = '\0';
    }
    return count;
}
