// The two lists of a scenario: the housing programme and the measures.
#include <stdio.h>
#include <string.h>

#include "scenario_parts.h"
#include "world/network.h"

enum { ITEMS_MAX = 10000, LIST_BYTES = 768, FIELD_NAME_BYTES = 64 };
enum { YEAR_MIN = 1990, YEAR_MAX = 2150, HOMES_MAX = 1000000 };

const char *scenario_list_dwelling_name(int dwelling) {
    static const char *const names[] = {"detached", "row", "flat"};
    return dwelling >= 0 && dwelling < 3 ? names[dwelling] : "?";
}

static const char *kind_name(int kind) {
    return scenario_measure_name((measure_kind)kind);
}

static const char *facility_name(int facility) {
    return network_cycle_facility_name((cycle_facility)facility);
}

static const char *control_name(int control) {
    return network_control_name((junction_control)control);
}

// The number of a name among count names, or a located error that lists them.
static err_code read_choice(const yaml_node *n, const char *what, const char *(*name_of)(int), int count, int *out) {
    const char *names[64];
    char list[LIST_BYTES] = "";
    ASSERT(count <= 64);
    for (int i = 0; i < count; i++) {
        names[i] = name_of(i);
        if (n->kind == YAML_SCALAR && strcmp(n->text, names[i]) == 0) {
            *out = i;
            return ERR_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    if (n->kind != YAML_SCALAR) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be one of %s, but %s stands here", what, list,
                              yaml_tree_kind_name(n));
    }
    const char *nearest = scenario_keys_nearest(n->text, names, (uint32_t)count);
    return yaml_tree_fail(n, ERR_FORMAT, "there is no %s '%.60s'%s%s%s; valid: %s", what, n->text,
                          nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                          nearest != NULL ? "'?" : "", list);
}

// Every key of an item must be one of names; the first required of them must be there.
static err_code check_item_keys(const yaml_node *item, const char *what, const char *const *names, uint32_t name_count,
                                uint32_t required) {
    if (item->kind != YAML_MAP) {
        return yaml_tree_fail(item, ERR_FORMAT, "an entry of '%s' is a group of keys, but %s stands here", what,
                              yaml_tree_kind_name(item));
    }
    char list[LIST_BYTES] = "";
    for (uint32_t i = 0; i < name_count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    for (const yaml_node *c = item->first; c != NULL; c = c->next) {
        uint32_t i = 0;
        while (i < name_count && strcmp(names[i], c->key) != 0) {
            i++;
        }
        if (i == name_count) {
            const char *nearest = scenario_keys_nearest(c->key, names, name_count);
            return yaml_tree_fail_key(c, ERR_FORMAT,
                                      "there is no key '%.60s' in an entry of '%s'%s%s%s; valid keys: %s", c->key, what,
                                      nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                                      nearest != NULL ? "'?" : "", list);
        }
    }
    for (uint32_t i = 0; i < required; i++) {
        if (yaml_tree_child(item, names[i]) == NULL) {
            return yaml_tree_fail(item, ERR_FORMAT, "this entry of '%s' has no '%s'%s", what, names[i],
                                  strcmp(names[i], "source") == 0
                                      ? "; say where its numbers come from, or write \"assumption: ...\""
                                      : "; add it");
        }
    }
    return ERR_OK;
}

static err_code check_list(const yaml_node *list, const char *what) {
    if (yaml_tree_is_null(list)) {
        return ERR_OK;
    }
    if (list->kind != YAML_LIST) {
        return yaml_tree_fail(list, ERR_FORMAT, "'%s' must be a list ([] if there is none), but %s stands here", what,
                              yaml_tree_kind_name(list));
    }
    if (list->child_count > ITEMS_MAX) {
        return yaml_tree_fail(list, ERR_RANGE, "'%s' has %u entries; at most %d are read", what, list->child_count,
                              ITEMS_MAX);
    }
    return ERR_OK;
}

static err_code read_source(const yaml_node *item, arena *a, const char **source, const char **file, int *line) {
    TRY(scenario_read_text(yaml_tree_child(item, "source"), "source", false, a, source));
    *file = arena_text(a, item->file);
    *line = item->line;
    return *file == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code read_homes(const yaml_node *item, arena *a, scenario_programme *out) {
    static const char *const names[] = {"id", "place", "dwelling", "homes", "from", "to", "source", "parking_norm"};
    TRY(check_item_keys(item, "programme", names, 8, 7));
    TRY(scenario_read_text(yaml_tree_child(item, "id"), "id", false, a, &out->id));
    TRY(scenario_read_text(yaml_tree_child(item, "place"), "place", false, a, &out->place_id));
    TRY(read_choice(yaml_tree_child(item, "dwelling"), "dwelling", scenario_list_dwelling_name, 3, &out->dwelling));
    TRY(scenario_read_whole(yaml_tree_child(item, "homes"), "homes", 0, HOMES_MAX, &out->homes));
    TRY(scenario_read_whole(yaml_tree_child(item, "from"), "from", YEAR_MIN, YEAR_MAX, &out->from_year));
    TRY(scenario_read_whole(yaml_tree_child(item, "to"), "to", YEAR_MIN, YEAR_MAX, &out->to_year));
    if (out->to_year < out->from_year) {
        return yaml_tree_fail(yaml_tree_child(item, "to"), ERR_RANGE, "'to' (%d) is before 'from' (%d)", out->to_year,
                              out->from_year);
    }
    out->parking_norm = -1;
    const yaml_node *norm = yaml_tree_child(item, "parking_norm");
    if (norm != NULL) {
        TRY(scenario_read_number(norm, "parking_norm", -1, 20, &out->parking_norm));
    }
    return read_source(item, a, &out->source, &out->file, &out->line);
}

err_code scenario_list_programme(const yaml_node *list, arena *a, scenario *s) {
    TRY(check_list(list, "programme"));
    ARENA_NEW(a, s->programme, list->child_count);
    s->programme_count = 0;
    idmap ids;
    TRY(idmap_init(&ids, a, list->child_count));
    for (const yaml_node *item = list->first; item != NULL; item = item->next) {
        scenario_programme *p = &s->programme[s->programme_count];
        TRY(read_homes(item, a, p));
        uint32_t earlier = idmap_put(&ids, p->id, s->programme_count);
        if (earlier != IX_NONE) {
            return yaml_tree_fail(yaml_tree_child(item, "id"), ERR_REFERENCE,
                                  "the id '%.60s' is used twice in 'programme', first on line %d; ids must differ",
                                  p->id, s->programme[earlier].line);
        }
        s->programme_count++;
    }
    return ERR_OK;
}

static err_code read_targets(const yaml_node *n, arena *a, scenario_measure *m) {
    if (n->kind != YAML_LIST || n->child_count == 0) {
        return yaml_tree_fail(n, ERR_FORMAT, "'targets' must be a list such as [sentrum], but %s stands here",
                              n->kind == YAML_LIST ? "an empty list" : yaml_tree_kind_name(n));
    }
    const char **target = NULL;
    ARENA_NEW(a, target, n->child_count);
    for (const yaml_node *c = n->first; c != NULL; c = c->next) {
        TRY(scenario_read_text(c, "targets", false, a, &target[m->target_count]));
        m->target_count++;
    }
    m->target = target;
    return ERR_OK;
}

// A kind's own keys: those it needs must be there, those it has no use for must not.
static err_code check_use(const yaml_node *item, measure_kind kind, const char *key, bool needed) {
    const yaml_node *n = yaml_tree_child(item, key);
    if (needed && n == NULL) {
        return yaml_tree_fail(item, ERR_FORMAT, "a measure of kind '%s' needs '%s'", scenario_measure_name(kind), key);
    }
    if (!needed && n != NULL) {
        return yaml_tree_fail_key(n, ERR_FORMAT, "'%s' means nothing to a measure of kind '%s'; remove it", key,
                                  scenario_measure_name(kind));
    }
    return ERR_OK;
}

static err_code read_measure_text(const yaml_node *n, const scenario_folder *folder, arena *a, scenario_measure *m,
                                  const char **relative) {
    int choice = 0;
    switch (measure_rule_of(m->kind)->text) {
        case MEASURE_TIMETABLE:
            return scenario_read_path(n, "text", folder, a, &m->text, relative);
        case MEASURE_FACILITY:
            TRY(read_choice(n, "cycle facility", facility_name, CYCLE_FACILITY_COUNT, &choice));
            m->text = facility_name(choice);
            return ERR_OK;
        case MEASURE_CONTROL:
            TRY(read_choice(n, "junction control", control_name, CONTROL_ROUNDABOUT + 1, &choice));
            m->text = control_name(choice);
            return ERR_OK;
        default:
            return ERR_OK;
    }
}

static err_code read_measure(const yaml_node *item, const scenario_folder *folder, arena *a, scenario_measure *m,
                             const char **relative) {
    static const char *const names[] = {"kind", "start_year", "source", "value", "text", "targets"};
    TRY(check_item_keys(item, "measures", names, 6, 3));
    int kind = 0;
    TRY(read_choice(yaml_tree_child(item, "kind"), "kind of measure", kind_name, MEASURE_KIND_COUNT, &kind));
    m->kind = (measure_kind)kind;
    const measure_rule *rule = measure_rule_of(m->kind);
    const bool value = measure_has_value(m->kind);
    const bool words = rule->text != MEASURE_NO_TEXT;
    const bool targets = rule->target != MEASURE_NO_TARGET;
    // What a kind has no use for is refused, so that nothing is written down without effect.
    TRY(check_use(item, m->kind, "value", value));
    TRY(check_use(item, m->kind, "text", words));
    TRY(check_use(item, m->kind, "targets", targets));
    TRY(scenario_read_whole(yaml_tree_child(item, "start_year"), "start_year", YEAR_MIN, YEAR_MAX, &m->start_year));
    if (value) {
        char name[FIELD_NAME_BYTES];
        snprintf(name, sizeof name, "value (%s)", rule->unit);
        TRY(scenario_read_number(yaml_tree_child(item, "value"), name, rule->min, rule->max, &m->value));
    }
    if (words) {
        TRY(read_measure_text(yaml_tree_child(item, "text"), folder, a, m, relative));
    }
    if (targets) {
        TRY(read_targets(yaml_tree_child(item, "targets"), a, m));
    }
    return read_source(item, a, &m->source, &m->file, &m->line);
}

err_code scenario_list_measures(const yaml_node *list, bool add, const scenario_folder *folder, arena *a, scenario *s,
                                scenario_keys *keys) {
    TRY(check_list(list, add ? "add_measures" : "measures"));
    const char **relative = NULL;
    scenario_measure *measure = NULL;
    uint32_t before = add ? s->measure_count : 0;
    ARENA_NEW(a, measure, before + list->child_count);
    ARENA_NEW(a, relative, before + list->child_count);
    for (uint32_t i = 0; i < before; i++) {
        measure[i] = s->measure[i];
        relative[i] = keys->measure_relative[i];
    }
    s->measure = measure;
    s->measure_count = before;
    for (const yaml_node *item = list->first; item != NULL; item = item->next) {
        TRY(read_measure(item, folder, a, &s->measure[s->measure_count], &relative[s->measure_count]));
        s->measure_count++;
    }
    keys->measure_relative = relative;
    return ERR_OK;
}
