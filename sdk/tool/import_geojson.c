/* SPDX-License-Identifier: Apache-2.0 */
#include "import_geojson.h"

#include <cpts/value.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "json_span.h"

#define NUMBER_BYTES 64
#define CELL_SEPARATOR "; "

/* A feature's properties, and where it begins. */
struct feature {
    json_t *properties;
    int line;
};

/* Two passes: features first, then the table, whose header is their union. */
struct layer {
    struct feature *features;
    size_t feature_count, capacity;
    char *names[GEOJSON_PROPERTIES_MAX];
    size_t name_count;
    char *problem;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct layer *layer, const char *format,
                                                         ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(layer->problem, CSV_PROBLEM_BYTES, format, values);
    va_end(values);
    return false;
}

static bool add_names(struct layer *layer, json_t *properties, int line)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(properties, name, value)
    {
        size_t i = 0;
        while (i < layer->name_count && strcmp(layer->names[i], name) != 0)
            i++;
        if (i < layer->name_count)
            continue;
        if (i == GEOJSON_PROPERTIES_MAX)
            return refuse(layer, "line %d: more than %d properties", line, GEOJSON_PROPERTIES_MAX);
        layer->names[i] = strdup(name);
        if (layer->names[i] == NULL)
            return refuse(layer, "no memory for the file");
        layer->name_count++;
    }
    return true;
}

static bool add_properties(struct layer *layer, const struct json_span *span, int line)
{
    json_error_t error;
    json_t *properties = json_loadb(span->text, span->length, JSON_REJECT_DUPLICATES, &error);
    if (properties == NULL)
        return refuse(layer, "line %d: %.120s", span->line + error.line - 1, error.text);
    if (!json_is_object(properties)) {
        json_decref(properties);
        return refuse(layer, "line %d: the feature's properties are no object", line);
    }
    layer->features[layer->feature_count++] =
        (struct feature){.properties = properties, .line = line};
    return add_names(layer, properties, line);
}

static bool grow(struct layer *layer)
{
    if (layer->feature_count < layer->capacity)
        return true;
    size_t larger = layer->capacity == 0 ? 256 : layer->capacity * 2;
    struct feature *moved = reallocarray(layer->features, larger, sizeof *moved);
    if (moved == NULL)
        return refuse(layer, "no memory for the file");
    layer->features = moved;
    layer->capacity = larger;
    return true;
}

/* A feature: of its members only the properties are looked at. */
static bool read_feature(struct layer *layer, struct json_walk *walk)
{
    struct json_span name, value, properties = {0};
    bool is_first = true;
    int more = 0, line = 0;
    bool is_object = json_walk_enter(walk, '{');
    line = walk->line;
    while (is_object && (more = json_walk_next(walk, '}', &is_first)) == 1) {
        if (!json_walk_name(walk, &name) || !json_walk_value(walk, &value)) {
            more = -1;
            break;
        }
        if (json_span_is(&name, "properties"))
            properties = value;
    }
    if (!is_object || more < 0)
        return refuse(layer, "line %d: the JSON breaks off in feature %zu, which begins on line %d",
                      walk->line, layer->feature_count + 1, line);
    if (properties.text == NULL)
        return refuse(layer, "line %d: feature %zu has no properties", line,
                      layer->feature_count + 1);
    if (layer->feature_count == CSV_LINES_MAX)
        return refuse(layer, "the file has more than %d features", CSV_LINES_MAX);
    return grow(layer) && add_properties(layer, &properties, line);
}

static bool read_features(struct layer *layer, struct json_walk *walk)
{
    bool is_first = true;
    int more = 0;
    if (!json_walk_enter(walk, '['))
        return refuse(layer, "line %d: \"features\" is no list", walk->line);
    while ((more = json_walk_next(walk, ']', &is_first)) == 1) {
        if (!read_feature(layer, walk))
            return false;
    }
    return more == 0 || refuse(layer, "line %d: the JSON breaks off", walk->line);
}

static bool read_collection(struct layer *layer, struct json_walk *walk)
{
    struct json_span name, value;
    bool is_first = true, is_collection = false;
    int more = 0;
    if (!json_walk_enter(walk, '{'))
        return refuse(layer, "line %d: no JSON object begins here", walk->line);
    while ((more = json_walk_next(walk, '}', &is_first)) == 1) {
        if (!json_walk_name(walk, &name))
            return refuse(layer, "line %d: broken JSON", walk->line);
        if (json_span_is(&name, "features")) {
            if (layer->feature_count > 0)
                return refuse(layer, "line %d: \"features\" stands twice", walk->line);
            is_collection = true;
            if (!read_features(layer, walk))
                return false;
        } else if (!json_walk_value(walk, &value)) {
            return refuse(layer, "line %d: broken JSON", walk->line);
        }
    }
    if (more < 0)
        return refuse(layer, "line %d: the JSON breaks off", walk->line);
    if (!is_collection || layer->feature_count == 0)
        return refuse(layer, "a GeoJSON layer is a FeatureCollection with features; this has none");
    return true;
}

static void write_scalar(FILE *stream, const json_t *value)
{
    if (json_is_string(value))
        fputs(json_string_value(value), stream);
    else if (json_is_integer(value))
        fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(stream, "%.15g", json_real_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", stream);
}

static bool is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

/* A value as the text of a cell: lists joined, what is deeper left out. */
static bool add_value(struct csv_table *table, const json_t *value)
{
    char *text = NULL;
    size_t length = 0, index = 0;
    json_t *element = NULL;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return false;
    if (value != NULL && is_scalar(value))
        write_scalar(stream, value);
    json_array_foreach(value, index, element)
    {
        fputs(index == 0 ? "" : CELL_SEPARATOR, stream);
        if (is_scalar(element))
            write_scalar(stream, element);
    }
    bool is_fine = fclose(stream) == 0 && csv_table_add_cell(table, text);
    free(text);
    return is_fine;
}

static bool add_row(struct csv_table *table, const struct layer *layer,
                    const struct feature *feature)
{
    bool is_fine = true;
    for (size_t i = 0; is_fine && i < layer->name_count; i++)
        is_fine = add_value(table, json_object_get(feature->properties, layer->names[i]));
    return is_fine && csv_table_end_row(table, feature->line);
}

static bool make_table(struct csv_table *table, struct layer *layer)
{
    bool is_fine = true;
    for (size_t i = 0; is_fine && i < layer->name_count; i++)
        is_fine = csv_table_add_cell(table, layer->names[i]);
    is_fine = is_fine && csv_table_end_row(table, 1);
    for (size_t i = 0; is_fine && i < layer->feature_count; i++)
        is_fine = add_row(table, layer, &layer->features[i]);
    if (!is_fine)
        csv_table_done(table);
    return is_fine || refuse(layer, "no memory for the file");
}

bool geojson_table_parse(struct csv_table *table, const char *text, size_t length,
                         char ret_problem[CSV_PROBLEM_BYTES])
{
    struct layer layer = {.feature_count = 0};
    struct json_walk walk = {.at = text, .end = text + length, .line = 1};
    memset(table, 0, sizeof *table);
    layer.problem = ret_problem;
    bool is_fine = read_collection(&layer, &walk) && make_table(table, &layer);
    for (size_t i = 0; i < layer.feature_count; i++)
        json_decref(layer.features[i].properties);
    for (size_t i = 0; i < layer.name_count; i++)
        free(layer.names[i]);
    free(layer.features);
    return is_fine;
}
