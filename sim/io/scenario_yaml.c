// Reads the file and the files it is based on, oldest first, then the overrides; then checks the whole.
#include "io/scenario_yaml.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/table.h"
#include "scenario_parts.h"

enum { BASED_ON_MAX = 16, PATH_BYTES = 128, YEARS_MAX = 200, ORIGIN_BYTES = 160 };

typedef struct loader {
    arena *a;        // what the scenario keeps
    arena *scratch;  // trees and keys, gone when the scenario is loaded
    scenario *s;
    scenario_keys keys;
    const char *main_file;
} loader;

// A file being read and the files that asked for it.
typedef struct source_file {
    const char *path;
    scenario_folder folder;
    dev_t device;
    ino_t inode;
    const struct source_file *asked_by;
    int depth;
} source_file;

static err_code apply_group(loader *l, const yaml_node *map, const char *group, const scenario_folder *folder);

static double *number_at(loader *l, const scenario_key *k) {
    return (double *)(void *)((char *)l->s + k->offset);
}

static const char **text_at(loader *l, const scenario_key *k) {
    return (const char **)(void *)((char *)l->s + k->offset);
}

static err_code add_year(loader *l, const yaml_node *n) {
    int year = 0;
    TRY(scenario_read_whole(n, "years", 1990, 2150, &year));
    for (uint32_t i = 0; i < l->s->year_count; i++) {
        if (l->s->year[i] == year) {
            return yaml_tree_fail(n, ERR_RANGE, "the year %d is given twice in 'years'", year);
        }
    }
    if (l->s->year_count == YEARS_MAX) {
        return yaml_tree_fail(n, ERR_RANGE, "'years' has more than %d entries", YEARS_MAX);
    }
    l->s->year[l->s->year_count++] = year;
    return ERR_OK;
}

// A list, or (as from the command line) texts with commas between.
static err_code apply_years(loader *l, const yaml_node *n) {
    if (n->kind == YAML_MAP) {
        return yaml_tree_fail(n, ERR_FORMAT, "'years' must be a list such as [2030, 2040], but %s stands here",
                              yaml_tree_kind_name(n));
    }
    ARENA_NEW(l->a, l->s->year, YEARS_MAX);
    l->s->year_count = 0;
    for (const yaml_node *c = n->first; c != NULL; c = c->next) {
        TRY(add_year(l, c));
    }
    const char *text = n->kind == YAML_SCALAR ? n->text : "";
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        yaml_node one = *n;
        one.text = arena_text_n(l->scratch, text, length);
        if (one.text == NULL) {
            return ERR_MEMORY;
        }
        TRY(add_year(l, &one));
        text += length;
        if (*text == ',' && *++text == '\0') {
            return yaml_tree_fail(n, ERR_FORMAT, "'years' ends with a comma; write as in 2030,2040");
        }
    }
    return ERR_OK;
}

static err_code apply_whole(loader *l, scenario_key *k, const yaml_node *n) {
    double value = 0;
    TRY(scenario_read_number(n, k->path, k->min, k->max, &value));
    if (floor(value) != value) {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a whole number, not '%.60s'", k->path, n->text);
    }
    *number_at(l, k) = value;
    return ERR_OK;
}

// One file either gives all measures or adds to those of the scenario it is based on.
static err_code refuse_both(const loader *l, const yaml_node *n, const char *other) {
    const scenario_key *k = scenario_keys_find(&l->keys, other);
    if (k->set_by != NULL && k->set_by->file == n->file && n->line > 0) {
        return yaml_tree_fail_key(n, ERR_FORMAT, "'%s' and '%s' (line %d) in one file; keep one", n->key, other,
                                  k->set_by->key_line);
    }
    return ERR_OK;
}

static err_code apply_key(loader *l, scenario_key *k, const yaml_node *n, const scenario_folder *folder) {
    if (k->set_by != NULL && k->set_by->file == n->file && n->line > 0) {
        return yaml_tree_fail_key(n, ERR_FORMAT, "'%s' is given twice, first on line %d; keep one", k->path,
                                  k->set_by->key_line);
    }
    k->set_by = n;
    switch (k->kind) {
        case KEY_NUMBER:
            return scenario_read_number(n, k->path, k->min, k->max, number_at(l, k));
        case KEY_WHOLE:
            return apply_whole(l, k, n);
        case KEY_PATH:
            return scenario_read_path(n, k->path, folder, l->a, text_at(l, k), &k->relative);
        case KEY_TEXT:
            return scenario_read_text(n, k->path, false, l->a, text_at(l, k));
        case KEY_TEXT_ANY:
            return scenario_read_text(n, k->path, true, l->a, text_at(l, k));
        case KEY_DATE:
            return scenario_read_date(n, k->path, l->a, text_at(l, k));
        case KEY_YEARS:
            return apply_years(l, n);
        case KEY_PROGRAMME:
            return scenario_list_programme(n, l->a, l->s);
        case KEY_MEASURES:
            TRY(refuse_both(l, n, "add_measures"));
            return scenario_list_measures(n, false, folder, l->a, l->s, &l->keys);
        case KEY_ADD_MEASURES:
            TRY(refuse_both(l, n, "measures"));
            return scenario_list_measures(n, true, folder, l->a, l->s, &l->keys);
        case KEY_BASED_ON:
            return ERR_OK;  // followed before anything was applied
    }
    return ERR_OK;
}

static err_code apply_entry(loader *l, const yaml_node *n, const char *group, const scenario_folder *folder) {
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s%s%s", group, group[0] != '\0' ? "." : "", n->key);
    if (length < 0 || (size_t)length >= sizeof path) {
        return scenario_keys_fail_unknown(&l->keys, n, group);
    }
    // "transit" is both a key (the timetable) and a group of keys: what stands there decides.
    bool is_group = scenario_keys_is_group(&l->keys, path);
    if (is_group && n->kind == YAML_MAP) {
        return apply_group(l, n, path, folder);
    }
    scenario_key *k = scenario_keys_find(&l->keys, path);
    if (k != NULL) {
        return apply_key(l, k, n, folder);
    }
    if (is_group) {
        if (yaml_tree_is_null(n)) {
            return ERR_OK;
        }
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' is a group of keys, but %s stands here", path,
                              yaml_tree_kind_name(n));
    }
    // A dotted key may have a wrong last part only: look for likely names where it belongs.
    const char *dot = strrchr(n->key, '.');
    if (dot != NULL) {
        path[(size_t)length - strlen(dot)] = '\0';
        if (scenario_keys_is_group(&l->keys, path)) {
            yaml_node last = *n;
            last.key = dot + 1;
            return scenario_keys_fail_unknown(&l->keys, &last, path);
        }
    }
    return scenario_keys_fail_unknown(&l->keys, n, group);
}

static err_code apply_group(loader *l, const yaml_node *map, const char *group, const scenario_folder *folder) {
    for (const yaml_node *c = map->first; c != NULL; c = c->next) {
        TRY(apply_entry(l, c, group, folder));
    }
    return ERR_OK;
}

static err_code check_cycle(const source_file *f, const yaml_node *asked_at) {
    if (f->depth > BASED_ON_MAX) {
        return yaml_tree_fail(asked_at, ERR_REFERENCE, "based_on goes through more than %d files", BASED_ON_MAX);
    }
    for (const source_file *up = f->asked_by; up != NULL; up = up->asked_by) {
        if (up->device == f->device && up->inode == f->inode) {
            return yaml_tree_fail(asked_at, ERR_REFERENCE,
                                  "based_on: '%s' is, through its own based_on, based on itself; break the circle",
                                  f->path);
        }
    }
    return ERR_OK;
}

static err_code load_file(loader *l, source_file *f, const yaml_node *asked_at);

static err_code load_base(loader *l, const source_file *f, const yaml_node *based_on) {
    source_file base = {.asked_by = f, .depth = f->depth + 1};
    const char *relative = NULL;
    TRY(scenario_read_path(based_on, "based_on", &f->folder, l->a, &base.path, &relative));
    base.folder.opened = scenario_folder_of(base.path, l->a);
    // Below an absolute folder, names are taken as seen from the file there: the folder is this machine's matter.
    base.folder.relative = based_on->text[0] == '/' ? "" : scenario_folder_of(relative, l->a);
    if (base.folder.opened == NULL || base.folder.relative == NULL) {
        return ERR_MEMORY;
    }
    return load_file(l, &base, based_on);
}

static err_code load_file(loader *l, source_file *f, const yaml_node *asked_at) {
    struct stat about;
    if (stat(f->path, &about) == 0) {
        f->device = about.st_dev;
        f->inode = about.st_ino;
        TRY(check_cycle(f, asked_at));
    }
    yaml_node *root = NULL;
    err_code code = yaml_tree_load(f->path, l->scratch, &root);
    if (code == ERR_FILE && asked_at != NULL) {
        return err_prefix(code, "%s:%d:%d: based_on", asked_at->file, asked_at->line, asked_at->column);
    }
    TRY(code);
    if (root->kind != YAML_MAP) {
        return yaml_tree_fail(root, ERR_FORMAT, "a scenario is a group of keys (key: value), but %s stands here",
                              yaml_tree_kind_name(root));
    }
    const yaml_node *based_on = yaml_tree_child(root, "based_on");
    if (based_on != NULL) {
        TRY(load_base(l, f, based_on));
    }
    return apply_group(l, root, "", &f->folder);
}

// "key=value" as a node. Lists and groups in YAML's flow form are parsed, everything else is taken as it stands.
static err_code override_node(loader *l, const char *given, yaml_node **out) {
    char origin[ORIGIN_BYTES];
    snprintf(origin, sizeof origin, "--set %.140s", given);
    const char *file = arena_text(l->scratch, origin);
    const char *equals = strchr(given, '=');
    CHECK(equals != NULL && equals != given, ERR_FORMAT, "%s: write --set key=value, for example --set scale=0.1",
          origin);
    TRY(table_check_utf8(origin, given, strlen(given)));
    const char *key = arena_text_n(l->scratch, given, (size_t)(equals - given));
    const char *value = arena_text(l->scratch, equals + 1);
    if (file == NULL || key == NULL || value == NULL) {
        return ERR_MEMORY;
    }
    yaml_node *n = NULL;
    if (value[0] == '[') {
        TRY(yaml_tree_parse(file, value, strlen(value), l->scratch, &n));
    } else {
        n = yaml_tree_new(YAML_SCALAR, file, NULL, value, l->scratch);
    }
    if (n == NULL) {
        return ERR_MEMORY;
    }
    n->key = key;
    n->line = n->key_line = 0;
    *out = n;
    return ERR_OK;
}

static err_code apply_override(loader *l, const char *given, const scenario_folder *folder) {
    yaml_node *n = NULL;
    TRY(override_node(l, given, &n));
    if (strcmp(n->key, "based_on") == 0) {
        return yaml_tree_fail(n, ERR_FORMAT, "based_on can only be said in a file");
    }
    return apply_entry(l, n, "", folder);
}

static err_code fail_missing(const loader *l, const scenario_key *k) {
    return err_raise(ERR_FORMAT,
                     "%s: the key '%s' (%s%s%s) is required, but neither this file nor one it is based on gives it",
                     l->main_file, k->path, k->doc, strcmp(k->unit, "1") != 0 ? ", in " : "",
                     strcmp(k->unit, "1") != 0 ? k->unit : "");
}

static err_code check_required(loader *l) {
    for (uint32_t i = 0; i < l->keys.count; i++) {
        const scenario_key *k = &l->keys.key[i];
        if (k->set_by != NULL) {
            continue;
        }
        bool missing = false;
        if (k->kind == KEY_NUMBER || k->kind == KEY_WHOLE) {
            missing = isnan(*number_at(l, k));
        } else if (k->kind == KEY_TEXT || k->kind == KEY_DATE || k->kind == KEY_PATH) {
            missing = *text_at(l, k) == NULL;
        } else if (k->kind == KEY_TEXT_ANY) {
            *text_at(l, k) = "";
        }
        if (missing) {
            return fail_missing(l, k);
        }
    }
    return ERR_OK;
}

// Where the key stands that a message of scenario_validate speaks of: the first key path in the message, and the
// longest of those that begin there.
static const yaml_node *place_of_message(const loader *l) {
    const yaml_node *best = NULL;
    const char *best_at = NULL;
    size_t best_length = 0;
    for (uint32_t i = 0; i < l->keys.count; i++) {
        const scenario_key *k = &l->keys.key[i];
        const char *at = strstr(err_message(), k->path);
        size_t length = strlen(k->path);
        if (at != NULL && (best_at == NULL || at < best_at || (at == best_at && length > best_length))) {
            best = k->set_by;
            best_at = at;
            best_length = length;
        }
    }
    return best;
}

static bool message_is_located(const loader *l) {
    if (strstr(err_message(), l->main_file) != NULL) {
        return true;
    }
    for (uint32_t i = 0; i < l->s->measure_count; i++) {
        if (strstr(err_message(), l->s->measure[i].file) != NULL) {
            return true;
        }
    }
    for (uint32_t i = 0; i < l->s->programme_count; i++) {
        if (strstr(err_message(), l->s->programme[i].file) != NULL) {
            return true;
        }
    }
    return false;
}

static err_code validate_whole(const loader *l) {
    err_code code = scenario_validate(l->s);
    if (code == ERR_OK || message_is_located(l)) {
        return code;
    }
    const yaml_node *place = place_of_message(l);
    if (place == NULL) {
        return err_prefix(code, "%s", l->main_file);
    }
    if (place->line == 0) {
        return err_prefix(code, "%s", place->file);
    }
    return err_prefix(code, "%s:%d:%d", place->file, place->line, place->column);
}

// The file's name without folder and ending.
static err_code set_name(loader *l) {
    const char *slash = strrchr(l->main_file, '/');
    const char *start = slash == NULL ? l->main_file : slash + 1;
    size_t length = strlen(start);
    if (length > 5 && strcmp(start + length - 5, ".yaml") == 0) {
        length -= 5;
    } else if (length > 4 && strcmp(start + length - 4, ".yml") == 0) {
        length -= 4;
    }
    l->s->name = arena_text_n(l->a, start, length);
    l->s->path = arena_text(l->a, l->main_file);
    return l->s->name == NULL || l->s->path == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code load_all(loader *l, const char *const *override, uint32_t override_count) {
    scenario_set_defaults(l->s);
    TRY(scenario_keys_init(&l->keys, l->scratch));
    TRY(set_name(l));
    source_file f = {.path = l->main_file,
                     .folder = {.opened = scenario_folder_of(l->main_file, l->a), .relative = ""}};
    if (f.folder.opened == NULL) {
        return ERR_MEMORY;
    }
    TRY(load_file(l, &f, NULL));
    for (uint32_t i = 0; i < override_count; i++) {
        TRY(apply_override(l, override[i], &f.folder));
    }
    TRY(check_required(l));
    TRY(validate_whole(l));
    return scenario_effective_write(l->s, &l->keys, l->a, &l->s->effective_yaml);
}

err_code scenario_yaml_load(const char *path, const char *const *override, uint32_t override_count, arena *a,
                            scenario *out) {
    arena scratch;
    arena_init(&scratch);
    *out = (scenario){0};
    loader l = {.a = a, .scratch = &scratch, .s = out, .main_file = path};
    err_code code = load_all(&l, override, override_count);
    arena_free(&scratch);
    return code;
}
