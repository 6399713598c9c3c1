// Every key of a scenario in one table, made from the field table of world/scenario, and the readers of single values.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"

enum { PATH_BYTES = 128, NAMES_MAX = 96, LIST_BYTES = 900, TEXT_MAX_BYTES = 8000 };

static bool is_whole(const char *path) {
    static const char *const whole[] = {
        "today_year",           "seed", "replications", "verdict.replications_max", "convergence.iterations_max",
        "transit.boardings_max"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (strcmp(path, whole[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void add(scenario_keys *keys, const char *path, scenario_key_kind kind, size_t offset, const char *doc) {
    scenario_key *k = &keys->key[keys->count++];
    *k = (scenario_key){.path = path, .kind = kind, .unit = "1", .doc = doc, .offset = offset};
}

static void add_field(scenario_keys *keys, const scenario_field *f, const char *path, size_t offset) {
    scenario_key_kind kind = f->type == SCENARIO_PATH ? KEY_PATH : is_whole(path) ? KEY_WHOLE : KEY_NUMBER;
    add(keys, path, kind, offset, f->doc);
    scenario_key *k = &keys->key[keys->count - 1];
    k->min = f->min;
    k->max = f->max;
    k->unit = f->unit;
}

static const char *purpose_path(purpose p, const char *key, arena *a) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "choice.%s.%s", purpose_name(p), key);
    return arena_text(a, path);
}

static err_code add_purpose(scenario_keys *keys, purpose p, const scenario_field *fields, uint32_t field_count,
                            arena *a) {
    size_t start = offsetof(scenario, purpose) + (size_t)p * sizeof(purpose_params);
    const char *out = purpose_path(p, "profile_out", a);
    const char *home = purpose_path(p, "profile_return", a);
    if (out == NULL || home == NULL) {
        return ERR_MEMORY;
    }
    add(keys, out, KEY_TEXT, start + offsetof(purpose_params, profile_out), "profile of departures from home");
    add(keys, home, KEY_TEXT_ANY, start + offsetof(purpose_params, profile_return),
        "profile of departures for home; empty = departure + duration");
    for (uint32_t i = 0; i < field_count; i++) {
        if (fields[i].type == SCENARIO_PURPOSE) {
            const char *last_dot = strrchr(fields[i].path, '.');
            const char *path = purpose_path(p, last_dot == NULL ? fields[i].path : last_dot + 1, a);
            if (path == NULL) {
                return ERR_MEMORY;
            }
            add_field(keys, &fields[i], path, start + fields[i].offset);
        }
    }
    return ERR_OK;
}

err_code scenario_keys_init(scenario_keys *keys, arena *a) {
    uint32_t field_count = 0;
    const scenario_field *fields = scenario_fields(&field_count);
    *keys = (scenario_keys){0};
    ARENA_NEW(a, keys->key, field_count * (PURPOSE_COUNT + 1) + 2 * PURPOSE_COUNT + 9);
    add(keys, "title", KEY_TEXT, offsetof(scenario, title), "what the scenario is called in results");
    add(keys, "based_on", KEY_BASED_ON, 0, "scenario file that everything not said here is taken from");
    for (uint32_t i = 0; i < field_count; i++) {
        if (strcmp(fields[i].path, "today_year") == 0) {
            add_field(keys, &fields[i], fields[i].path, fields[i].offset);
        }
    }
    add(keys, "service_date", KEY_DATE, offsetof(scenario, service_date), "the GTFS day, YYYY-MM-DD");
    add(keys, "years", KEY_YEARS, 0, "years simulated besides today");
    for (uint32_t i = 0; i < field_count; i++) {
        if (fields[i].type == SCENARIO_PATH) {
            add_field(keys, &fields[i], fields[i].path, fields[i].offset);
        }
    }
    for (uint32_t i = 0; i < field_count; i++) {
        if (fields[i].type == SCENARIO_NUMBER && strcmp(fields[i].path, "today_year") != 0) {
            add_field(keys, &fields[i], fields[i].path, fields[i].offset);
        }
    }
    for (int p = 0; p < PURPOSE_COUNT; p++) {
        TRY(add_purpose(keys, (purpose)p, fields, field_count, a));
    }
    add(keys, "programme", KEY_PROGRAMME, 0, "homes to be built");
    add(keys, "measures", KEY_MEASURES, 0, "measures with their start years");
    add(keys, "add_measures", KEY_ADD_MEASURES, 0, "measures after those of the scenario it is based on");
    return ERR_OK;
}

scenario_key *scenario_keys_find(const scenario_keys *keys, const char *path) {
    for (uint32_t i = 0; i < keys->count; i++) {
        if (strcmp(keys->key[i].path, path) == 0) {
            return &keys->key[i];
        }
    }
    return NULL;
}

// The part of path below group up to its next dot, or false when path is not below group.
static bool name_below(const char *path, const char *group, char name[PATH_BYTES]) {
    size_t skip = strlen(group);
    if (skip > 0) {
        if (strncmp(path, group, skip) != 0 || path[skip] != '.') {
            return false;
        }
        skip++;
    }
    size_t length = strcspn(path + skip, ".");
    if (length >= PATH_BYTES) {
        return false;
    }
    memcpy(name, path + skip, length);
    name[length] = '\0';
    return true;
}

bool scenario_keys_is_group(const scenario_keys *keys, const char *path) {
    char name[PATH_BYTES];
    for (uint32_t i = 0; i < keys->count; i++) {
        if (name_below(keys->key[i].path, path, name)) {
            return true;
        }
    }
    return false;
}

// Edit distance (insert, delete, replace), for short names only.
static uint32_t distance(const char *a, const char *b) {
    uint32_t row[PATH_BYTES + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++) {
        row[j] = (uint32_t)j;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        uint32_t diagonal = row[0];
        row[0] = (uint32_t)(i + 1);
        for (size_t j = 0; j < n; j++) {
            uint32_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            uint32_t skip = (row[j] < diagonal ? row[j] : diagonal) + 1;
            row[j + 1] = replace < skip ? replace : skip;
        }
    }
    return row[n];
}

const char *scenario_keys_nearest(const char *given, const char *const *names, uint32_t count) {
    const char *best = NULL;
    size_t length = strlen(given);
    uint32_t best_distance = (uint32_t)(length / 3 < 2 ? 2 : length / 3) + 1;
    for (uint32_t i = 0; i < count && length < PATH_BYTES; i++) {
        if (strlen(names[i]) < PATH_BYTES) {
            uint32_t d = distance(given, names[i]);
            if (d < best_distance && d < length) {
                best_distance = d;
                best = names[i];
            }
        }
    }
    return best;
}

err_code scenario_keys_fail_unknown(const scenario_keys *keys, const yaml_node *n, const char *group) {
    char names[NAMES_MAX][PATH_BYTES];
    const char *name_of[NAMES_MAX];
    char list[LIST_BYTES] = "";
    uint32_t count = 0;
    for (uint32_t i = 0; i < keys->count && count < NAMES_MAX; i++) {
        if (name_below(keys->key[i].path, group, names[count]) &&
            (count == 0 || strcmp(names[count - 1], names[count]) != 0)) {
            name_of[count] = names[count];
            size_t used = strlen(list);
            snprintf(list + used, sizeof list - used, "%s%s", count == 0 ? "" : ", ", names[count]);
            count++;
        }
    }
    const char *nearest = scenario_keys_nearest(n->key, name_of, count);
    char where[PATH_BYTES + 16];
    snprintf(where, sizeof where, group[0] == '\0' ? "in a scenario" : "under '%.120s'", group);
    if (nearest != NULL) {
        return yaml_tree_fail_key(n, ERR_FORMAT, "there is no key '%.100s' %s; did you mean '%s'?", n->key, where,
                                  nearest);
    }
    return yaml_tree_fail_key(n, ERR_FORMAT, "there is no key '%.100s' %s; valid keys: %s", n->key, where, list);
}

static err_code require_scalar(const yaml_node *n, const char *name, const char *expected) {
    if (n->kind != YAML_SCALAR || yaml_tree_is_null(n)) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be %s, but %s stands here", name, expected,
                              yaml_tree_kind_name(n));
    }
    return ERR_OK;
}

// [+-]digits[.digits][e[+-]digits]: neither hexadecimal nor inf nor nan, which strtod would take.
static bool is_number(const char *t) {
    t += *t == '+' || *t == '-';
    size_t whole = strspn(t, "0123456789");
    t += whole;
    size_t fraction = 0;
    if (*t == '.') {
        fraction = strspn(++t, "0123456789");
        t += fraction;
    }
    if (whole + fraction == 0) {
        return false;
    }
    if (*t == 'e' || *t == 'E') {
        t++;
        t += *t == '+' || *t == '-';
        size_t exponent = strspn(t, "0123456789");
        if (exponent == 0) {
            return false;
        }
        t += exponent;
    }
    return *t == '\0';
}

static bool has_decimal_comma(const char *t) {
    t += *t == '+' || *t == '-';
    size_t whole = strspn(t, "0123456789");
    if (whole == 0 || t[whole] != ',') {
        return false;
    }
    size_t fraction = strspn(t + whole + 1, "0123456789");
    return fraction > 0 && t[whole + 1 + fraction] == '\0';
}

err_code scenario_read_number(const yaml_node *n, const char *name, double min, double max, double *out) {
    TRY(require_scalar(n, name, "a number"));
    if (n->quoted) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a number; remove the quotes around '%.60s'", name, n->text);
    }
    if (has_decimal_comma(n->text)) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' has a decimal comma (%.60s); write a decimal point", name, n->text);
    }
    if (!is_number(n->text)) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a number, not '%.60s'", name, n->text);
    }
    double value = strtod(n->text, NULL);
    if (!(value >= min && value <= max)) {
        return yaml_tree_fail(n, ERR_RANGE, "'%s' is %.60s but must be from %.12g to %.12g", name, n->text, min, max);
    }
    *out = value + 0.0;  // -0 becomes 0
    return ERR_OK;
}

err_code scenario_read_whole(const yaml_node *n, const char *name, double min, double max, int *out) {
    double value = 0;
    TRY(scenario_read_number(n, name, min, max, &value));
    if (floor(value) != value) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a whole number, not '%.60s'", name, n->text);
    }
    *out = (int)value;
    return ERR_OK;
}

err_code scenario_read_text(const yaml_node *n, const char *name, bool may_be_empty, arena *a, const char **out) {
    if (n->kind != YAML_SCALAR) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a text, but %s stands here", name, yaml_tree_kind_name(n));
    }
    if (!may_be_empty && n->text[strspn(n->text, " \t\r\n")] == '\0') {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' is empty; write a text", name);
    }
    if (strlen(n->text) > TEXT_MAX_BYTES) {
        return yaml_tree_fail(n, ERR_RANGE, "'%s' has more than %d bytes; shorten it", name, TEXT_MAX_BYTES);
    }
    *out = arena_text(a, n->text);
    return *out == NULL ? ERR_MEMORY : ERR_OK;
}

static bool is_date(const char *t) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(t) != 10 || t[4] != '-' || t[7] != '-' || strspn(t, "0123456789-") != 10) {
        return false;
    }
    for (int i = 0; i < 10; i++) {
        if (i != 4 && i != 7 && t[i] == '-') {
            return false;
        }
    }
    int year = atoi(t), month = atoi(t + 5), day = atoi(t + 8);
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1] || year < 1) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

err_code scenario_read_date(const yaml_node *n, const char *name, arena *a, const char **out) {
    TRY(require_scalar(n, name, "a date, YYYY-MM-DD"));
    if (!is_date(n->text)) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a date as YYYY-MM-DD, not '%.60s'", name, n->text);
    }
    *out = arena_text(a, n->text);
    return *out == NULL ? ERR_MEMORY : ERR_OK;
}

const char *scenario_folder_of(const char *path, arena *a) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return arena_text(a, "");
    }
    return slash == path ? arena_text(a, "/") : arena_text_n(a, path, (size_t)(slash - path));
}

const char *scenario_path_join(const char *folder, const char *name, arena *a) {
    while (name[0] == '.' && name[1] == '/') {
        name += 2;
    }
    if (folder[0] == '\0' || name[0] == '/') {
        return arena_text(a, name);
    }
    size_t used = strlen(folder), more = strlen(name);
    bool slash = folder[used - 1] != '/';
    char *out = arena_alloc(a, used + more + 2, 1);
    if (out != NULL) {
        snprintf(out, used + more + 2, "%s%s%s", folder, slash ? "/" : "", name);
    }
    return out;
}

// An absolute name says where it lies on this machine; results keep only its last part.
static const char *relative_name(const char *given, const scenario_folder *folder, arena *a) {
    if (given[0] != '/') {
        return scenario_path_join(folder->relative, given, a);
    }
    size_t end = strlen(given);
    while (end > 1 && given[end - 1] == '/') {
        end--;
    }
    size_t start = end;
    while (start > 0 && given[start - 1] != '/') {
        start--;
    }
    return arena_text_n(a, given + start, end - start);
}

err_code scenario_read_path(const yaml_node *n, const char *name, const scenario_folder *folder, arena *a,
                            const char **resolved, const char **relative) {
    const char *given = NULL;
    TRY(require_scalar(n, name, "the name of a file or folder"));
    TRY(scenario_read_text(n, name, false, a, &given));
    if (strchr(given, '\n') != NULL || strchr(given, '\r') != NULL) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be one line: the name of a file or folder", name);
    }
    *resolved = scenario_path_join(folder->opened, given, a);
    *relative = relative_name(given, folder, a);
    return *resolved == NULL || *relative == NULL ? ERR_MEMORY : ERR_OK;
}
