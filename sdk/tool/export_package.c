/* SPDX-License-Identifier: Apache-2.0 */
#include "export_package.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export_note.h"

#define PATH_BYTES 128
#define INDENT 2

/* By enum export_type. */
static const struct {
    const char *type, *format;
} TYPES[EXPORT_TYPE_COUNT] = {
    [EXPORT_TEXT] = {"string", NULL},
    [EXPORT_UUID] = {"string", "uuid"},
    [EXPORT_INTEGER] = {"integer", NULL},
    [EXPORT_NUMBER] = {"number", NULL},
    [EXPORT_BOOLEAN] = {"boolean", NULL},
    [EXPORT_DATE] = {"date", NULL},
    [EXPORT_INSTANT] = {"datetime", "%Y-%m-%dT%H:%M:%S.%fZ"},
};

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, json_string(text));
}

static void set_limit(json_t *constraints, const char *name, const struct export_column *column,
                      const char *limit)
{
    if (limit == NULL)
        return;
    json_t *value = column->type == EXPORT_INTEGER ? json_integer(strtoll(limit, NULL, 10))
                                                   : json_real(strtod(limit, NULL));
    json_object_set_new(constraints, name, value);
}

/* The key of one column is unique; that of several is so together only. */
static bool is_sole_key(const struct export_table *table, const struct export_column *column)
{
    return strcmp(table->primary_key, column->name) == 0;
}

static json_t *constraints_of(const struct export_table *table, const struct export_column *column)
{
    char pattern[PATH_BYTES];
    json_t *constraints = json_object();
    json_object_set_new(constraints, "required", json_boolean(column->is_required));
    if (is_sole_key(table, column))
        json_object_set_new(constraints, "unique", json_true());
    if (column->pattern != NULL) {
        snprintf(pattern, sizeof pattern, "^%s$", column->pattern);
        set_text(constraints, "pattern", pattern);
    }
    set_limit(constraints, "minimum", column, column->minimum);
    set_limit(constraints, "maximum", column, column->maximum);
    if (column->values != NULL) {
        json_t *values = json_array();
        for (size_t i = 0; column->values[i] != NULL; i++)
            json_array_append_new(values, json_string(column->values[i]));
        json_object_set_new(constraints, "enum", values);
    }
    return constraints;
}

static json_t *field_of(const struct export_table *table, const struct export_column *column)
{
    json_t *field = json_object();
    set_text(field, "name", column->name);
    set_text(field, "title", column->label);
    set_text(field, "type", TYPES[column->type].type);
    set_text(field, "format", TYPES[column->type].format);
    set_text(field, "description", column->description);
    set_text(field, "unit", column->unit);
    json_object_set_new(field, "constraints", constraints_of(table, column));
    return field;
}

static json_t *words_of(const char *list)
{
    json_t *words = json_array();
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        json_array_append_new(words, json_stringn(at, length));
        at += length;
    }
    return words;
}

static json_t *schema_of(const struct export_table *table)
{
    json_t *schema = json_object(), *fields = json_array();
    for (size_t i = 0; i < table->column_count; i++)
        json_array_append_new(fields, field_of(table, &table->columns[i]));
    json_object_set_new(schema, "fields", fields);
    json_object_set_new(schema, "missingValues", json_pack("[s]", ""));
    json_object_set_new(schema, "primaryKey", words_of(table->primary_key));
    if (table->references == NULL)
        return schema;
    json_t *keys = json_array();
    for (const struct export_reference *one = table->references; one->column != NULL; one++)
        json_array_append_new(keys,
                              json_pack("{s:s, s:{s:s, s:s}}", "fields", one->column, "reference",
                                        "resource", one->table, "fields", one->target));
    json_object_set_new(schema, "foreignKeys", keys);
    return schema;
}

/* The sources whose bits are set, or their licences. */
static json_t *sources_of(unsigned sources, bool is_licence)
{
    json_t *list = json_array();
    for (size_t i = 0; i < EXPORT_SOURCE_COUNT; i++) {
        const struct export_source_row *source = &EXPORT_SOURCES[i];
        if ((sources & (1u << i)) == 0 || (is_licence && source->licence_name == NULL))
            continue;
        json_t *one = json_object();
        set_text(one, "name", is_licence ? source->licence_name : NULL);
        set_text(one, "title", is_licence ? source->licence_title : source->title);
        set_text(one, "path", is_licence ? source->licence_path : source->path);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *resource_of(const struct export_table *table, size_t row_count)
{
    char path[PATH_BYTES];
    json_t *resource = json_object();
    snprintf(path, sizeof path, "%s.csv", table->name);
    set_text(resource, "name", table->name);
    set_text(resource, "title", table->title);
    set_text(resource, "description", table->description);
    set_text(resource, "profile", "tabular-data-resource");
    set_text(resource, "path", path);
    set_text(resource, "format", "csv");
    set_text(resource, "mediatype", "text/csv");
    set_text(resource, "encoding", "utf-8");
    json_object_set_new(resource, "dialect",
                        json_pack("{s:s, s:s, s:s, s:b, s:b}", "delimiter", ",", "lineTerminator",
                                  "\r\n", "quoteChar", "\"", "doubleQuote", 1, "header", 1));
    json_object_set_new(resource, "rows", json_integer((json_int_t)row_count));
    json_object_set_new(resource, "sources", sources_of(table->sources, false));
    json_t *licences = sources_of(table->sources, true);
    if (json_array_size(licences) > 0)
        json_object_set(resource, "licenses", licences);
    json_decref(licences);
    json_object_set_new(resource, "schema", schema_of(table));
    return resource;
}

/* A note as Markdown, behind those before. */
static void add_note(void *data, const char *heading, const char *text)
{
    FILE *stream = data;
    fprintf(stream, "**%s** : %s\n\n", heading, text);
}

static char *describe(const struct export *export, const struct export_counts *counts)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return NULL;
    export_notes(export, counts, add_note, stream);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static json_t *package_of(const struct export *export, const struct export_counts *counts,
                          const char *description)
{
    char title[EXPORT_NOTE_BYTES], known_at[EXPORT_INSTANT_BYTES], now[EXPORT_INSTANT_BYTES];
    json_t *package = json_object(), *resources = json_array();
    export_title(export, title);
    export_instant(export->known_at_us, known_at);
    export_instant((int64_t)time(NULL) * 1000000, now);
    set_text(package, "profile", "tabular-data-package");
    set_text(package, "name", EXPORT_PACKAGE_NAME);
    set_text(package, "title", title);
    set_text(package, "description", description);
    set_text(package, "created", now);
    set_text(package, "as_of", export->as_of);
    set_text(package, "known_at", known_at);
    json_object_set_new(package, "region",
                        export->region == NULL ? json_null() : json_string(export->region));
    json_object_set_new(package, "synthetic", json_boolean(export->synthetic_count > 0));
    json_object_set_new(package, "sources", sources_of(~0u, false));
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++)
        json_array_append_new(resources, resource_of(EXPORT_TABLES[i], counts->rows[i]));
    json_object_set_new(package, "resources", resources);
    return package;
}

char *export_package_text(const struct export *export, const struct export_counts *counts)
{
    char *description = describe(export, counts);
    if (description == NULL)
        return NULL;
    json_t *package = package_of(export, counts, description);
    char *text = json_dumps(package, JSON_INDENT(INDENT));
    json_decref(package);
    free(description);
    return text;
}

bool export_package_is_own(const char *text)
{
    json_t *package = json_loads(text, 0, NULL);
    const char *name = json_string_value(json_object_get(package, "name"));
    bool is_own = name != NULL && strcmp(name, EXPORT_PACKAGE_NAME) == 0;
    json_decref(package);
    return is_own;
}
