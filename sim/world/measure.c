#include "world/measure.h"

#include <stdio.h>

#include "base/err.h"

static const measure_rule measure_rules[MEASURE_KIND_COUNT] = {
#define X(kind, name, min, max, unit, target, text, doc) \
    [MEASURE_##kind] = {#name, (min), (max), unit, MEASURE_##target, MEASURE_##text, doc},
    MEASURE_KINDS(X)
#undef X
};

const measure_rule *measure_rule_of(measure_kind kind) {
    ASSERT((unsigned)kind < MEASURE_KIND_COUNT);
    return &measure_rules[kind];
}

bool measure_has_value(measure_kind kind) {
    return measure_rule_of(kind)->unit[0] != '\0';
}

const char *measure_target_words(measure_target target) {
    static const char *const words[MEASURE_TARGET_COUNT] = {
        [MEASURE_NO_TARGET] = "",
        [MEASURE_AREAS] = "areas or zones",
        [MEASURE_PLACES] = "areas, zones or places",
        [MEASURE_HOMES] = "programme entries, areas, zones or places",
        [MEASURE_LINKS] = "streets or links",
        [MEASURE_PLANNED] = "streets or links that open later",
        [MEASURE_NODES] = "nodes, by id or name",
        [MEASURE_LINES] = "lines, `bus` or `train`",
        [MEASURE_LORRIES] = "lorry flows",
    };
    return words[target];
}

const char *measure_text_words(measure_text text) {
    static const char *const words[MEASURE_TEXT_COUNT] = {
        [MEASURE_NO_TEXT] = "",
        [MEASURE_FACILITY] = "the facility's name",
        [MEASURE_CONTROL] = "the junction's control",
        [MEASURE_TIMETABLE] = "the timetable's folder",
    };
    return words[text];
}

void measure_document(measure_kind kind, char *out, uint32_t bytes) {
    const measure_rule *r = measure_rule_of(kind);
    char value[64] = "-";
    if (measure_has_value(kind)) {
        snprintf(value, sizeof value, "%s, %.10g to %.10g", r->unit, r->min, r->max);
    }
    const char *text = r->text == MEASURE_NO_TEXT ? "-" : measure_text_words(r->text);
    const char *target = r->target == MEASURE_NO_TARGET ? "-" : measure_target_words(r->target);
    snprintf(out, bytes, "| `%s` | %s | %s | %s | %s |", r->name, value, text, target, r->doc);
}
