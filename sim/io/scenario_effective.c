// The effective scenario: every value that holds, in one fixed order, as YAML that scenario_yaml_load reads back to the
// same values when it lies beside the files it names. File names are as given, never absolute.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"

enum { NUMBER_BYTES = 40, INDENT = 2, START_BYTES = 16384 };

typedef struct writer {
    char *text;
    size_t used;
    size_t room;
    bool failed;
} writer;

static void put_bytes(writer *w, const char *bytes, size_t count) {
    if (w->failed) {
        return;
    }
    if (w->used + count + 1 > w->room) {
        size_t room = (w->used + count + 1) * 2 + START_BYTES;
        char *larger = mem_grow(w->text, w->room, room);
        if (larger == NULL) {
            w->failed = true;
            return;
        }
        w->text = larger;
        w->room = room;
    }
    memcpy(w->text + w->used, bytes, count);
    w->used += count;
}

static void put(writer *w, const char *text) {
    put_bytes(w, text, strlen(text));
}

static void put_indent(writer *w, int depth) {
    for (int i = 0; i < depth * INDENT; i++) {
        put(w, " ");
    }
}

// The shortest decimal text that reads back as the same double, without an exponent for everyday sizes.
static void put_number(writer *w, double value) {
    char text[NUMBER_BYTES];
    double size = fabs(value);
    bool plain = value == 0 || (size >= 1e-4 && size < 1e15);
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value && !(plain && strchr(text, 'e') != NULL)) {
            break;
        }
    }
    put(w, text);
}

static void put_int(writer *w, int value) {
    char text[NUMBER_BYTES];
    snprintf(text, sizeof text, "%d", value);
    put(w, text);
}

// Always in double quotes, so that no text can be taken for anything else.
static void put_text(writer *w, const char *text) {
    put(w, "\"");
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\') {
            put(w, "\\");
            put_bytes(w, c, 1);
        } else if (byte < 0x20 || byte == 0x7f) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\x%02x", (unsigned)byte);
            put(w, escape);
        } else {
            put_bytes(w, c, 1);
        }
    }
    put(w, "\"");
}

static void put_value(writer *w, const scenario *s, const scenario_key *k) {
    const char *base = (const char *)s + k->offset;
    if (k->kind == KEY_NUMBER || k->kind == KEY_WHOLE) {
        put_number(w, *(const double *)(const void *)base);
    } else if (k->kind == KEY_PATH) {
        put_text(w, k->relative != NULL ? k->relative : "");
    } else if (k->kind == KEY_YEARS) {
        put(w, "[");
        for (uint32_t i = 0; i < s->year_count; i++) {
            put(w, i > 0 ? ", " : "");
            put_int(w, s->year[i]);
        }
        put(w, "]");
    } else {
        const char *text = *(const char *const *)(const void *)base;
        put_text(w, text != NULL ? text : "");
    }
}

static bool is_single(const scenario_key *k) {
    return k->kind != KEY_BASED_ON && k->kind != KEY_PROGRAMME && k->kind != KEY_MEASURES &&
           k->kind != KEY_ADD_MEASURES;
}

// Do the first bytes of path, up to a dot, say group?
static bool is_below(const char *path, const char *group, size_t group_bytes) {
    return strncmp(path, group, group_bytes) == 0 && path[group_bytes] == '.';
}

static bool was_written(const scenario_keys *keys, uint32_t ix, const char *group, size_t group_bytes) {
    for (uint32_t i = 0; i < ix; i++) {
        if (is_below(keys->key[i].path, group, group_bytes)) {
            return true;
        }
    }
    return false;
}

// The keys whose path begins with the first `skip` bytes of prefix, each group once, at its first key's place.
static void put_keys(writer *w, const scenario *s, const scenario_keys *keys, const char *prefix, size_t skip,
                     int depth) {
    for (uint32_t i = 0; i < keys->count; i++) {
        const scenario_key *k = &keys->key[i];
        if (!is_single(k) || strncmp(k->path, prefix, skip) != 0) {
            continue;
        }
        const char *name = k->path + skip;
        size_t length = strcspn(name, ".");
        size_t group_bytes = skip + length;
        char group[128];
        snprintf(group, sizeof group, "%.*s", (int)group_bytes, k->path);
        // A group with the name of a key ("transit") cannot stand beside it: its keys are written with the dot.
        if (name[length] == '\0' || (depth == 0 && scenario_keys_find(keys, group) != NULL)) {
            put_indent(w, depth);
            put(w, name);
            put(w, ": ");
            put_value(w, s, k);
            put(w, "\n");
        } else if (!was_written(keys, i, k->path, group_bytes)) {
            put_indent(w, depth);
            put_bytes(w, name, length);
            put(w, ":\n");
            put_keys(w, s, keys, k->path, group_bytes + 1, depth + 1);
        }
    }
}

static void put_field(writer *w, const char *name, const char *text) {
    put(w, name);
    put(w, ": ");
    put_text(w, text);
    put(w, "\n");
}

static void put_field_int(writer *w, const char *name, int value) {
    put(w, name);
    put(w, ": ");
    put_int(w, value);
    put(w, "\n");
}

static void put_field_number(writer *w, const char *name, double value) {
    put(w, name);
    put(w, ": ");
    put_number(w, value);
    put(w, "\n");
}

static void put_programme(writer *w, const scenario *s) {
    put(w, s->programme_count > 0 ? "programme:\n" : "programme: []\n");
    for (uint32_t i = 0; i < s->programme_count; i++) {
        const scenario_programme *p = &s->programme[i];
        put_field(w, "  - id", p->id);
        put_field(w, "    place", p->place_id);
        put_field(w, "    dwelling", scenario_list_dwelling_name(p->dwelling));
        put_field_int(w, "    homes", p->homes);
        put_field_int(w, "    from", p->from_year);
        put_field_int(w, "    to", p->to_year);
        put_field_number(w, "    parking_norm", p->parking_norm);
        put_field(w, "    source", p->source);
    }
}

static void put_measures(writer *w, const scenario *s, const scenario_keys *keys) {
    put(w, s->measure_count > 0 ? "measures:\n" : "measures: []\n");
    for (uint32_t i = 0; i < s->measure_count; i++) {
        const scenario_measure *m = &s->measure[i];
        put_field(w, "  - kind", scenario_measure_name(m->kind));
        put_field_int(w, "    start_year", m->start_year);
        if (measure_has_value(m->kind)) {
            put_field_number(w, "    value", m->value);
        }
        if (measure_rule_of(m->kind)->text == MEASURE_TIMETABLE) {
            put_field(w, "    text", keys->measure_relative[i]);
        } else if (m->text != NULL) {
            put_field(w, "    text", m->text);
        }
        if (m->target_count > 0) {
            put(w, "    targets:\n");
            for (uint32_t j = 0; j < m->target_count; j++) {
                put(w, "      - ");
                put_text(w, m->target[j]);
                put(w, "\n");
            }
        }
        put_field(w, "    source", m->source);
    }
}

err_code scenario_effective_write(const scenario *s, const scenario_keys *keys, arena *a, const char **out) {
    writer w = {0};
    put_keys(&w, s, keys, "", 0, 0);
    put_programme(&w, s);
    put_measures(&w, s, keys);
    err_code code = w.failed ? ERR_MEMORY : ERR_OK;
    if (code == ERR_OK) {
        *out = arena_text_n(a, w.text, w.used);
        code = *out == NULL ? ERR_MEMORY : ERR_OK;
    }
    mem_free(w.text);
    return code;
}
