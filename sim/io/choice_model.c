#include "io/choice_model.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "choice_program.h"

enum { NAME_BYTES_MAX = 60, NESTS_MAX = CHOICE_NODES_MAX - 1 };

typedef struct loader {
    arena *a;
    choice_model *m;
    struct choice_program *p;
    choice_names *names;
    uint32_t nest_count;  // without the root, in the order of the file
    const yaml_node *nest[NESTS_MAX];
    int nest_parent[NESTS_MAX];  // nest of the file; -1 = the root
    int nest_place[NESTS_MAX];   // node in the tree; 0 = not placed yet
    bool nest_is_member[NESTS_MAX];
    int alternative_parent[CHOICE_ALTERNATIVES_MAX];
    bool alternative_is_member[CHOICE_ALTERNATIVES_MAX];
} loader;

// --- parts of the file --------------------------------------------------------------------------------------------

// The keys of a map must be among those known (a list ended by NULL, at most four).
static err_code check_keys(const yaml_node *map, const char *what, const char *const *known) {
    if (map->kind != YAML_MAP) {
        return yaml_tree_fail(map, ERR_FORMAT, "%s must be a map, not %s", what, yaml_tree_kind_name(map));
    }
    char list[200] = "";
    for (int k = 0; known[k] != NULL; k++) {
        strncat(list, k > 0 ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, known[k], sizeof list - strlen(list) - 1);
    }
    for (const yaml_node *n = map->first; n != NULL; n = n->next) {
        bool found = false;
        for (int k = 0; known[k] != NULL && !found; k++) {
            found = strcmp(n->key, known[k]) == 0;
        }
        if (!found) {
            return yaml_tree_fail_key(n, ERR_FORMAT, "%s has no key '%.60s'; it may have: %s", what, n->key, list);
        }
    }
    return ERR_OK;
}

// Names of alternatives become names of columns, those of coefficients words of expressions.
static err_code check_name(const yaml_node *n, const char *what) {
    bool good = n->key[0] != '\0' && strlen(n->key) <= NAME_BYTES_MAX && strchr("0123456789.", n->key[0]) == NULL;
    for (const char *c = n->key; good && *c != '\0'; c++) {
        good = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' ||
               *c == '.' || (unsigned char)*c >= 0x80;
    }
    if (!good || strcmp(n->key, "and") == 0 || strcmp(n->key, "or") == 0 || strcmp(n->key, "not") == 0 ||
        strcmp(n->key, "ln") == 0) {
        return yaml_tree_fail_key(n, ERR_FORMAT,
                                  "'%.60s' cannot be the name of %s; use letters, digits and _, at most %d bytes, and "
                                  "not and, or, not, ln",
                                  n->key, what, NAME_BYTES_MAX);
    }
    return ERR_OK;
}

static err_code read_text(const yaml_node *map, const char *key, const char **out) {
    const yaml_node *n = yaml_tree_child(map, key);
    if (n == NULL) {
        return ERR_OK;
    }
    if (n->kind != YAML_SCALAR || n->text[0] == '\0') {
        return yaml_tree_fail(n, ERR_FORMAT, "'%s' must be a text", key);
    }
    *out = n->text;
    return ERR_OK;
}

// A number, or an expression of coefficients that stand before it.
static err_code read_constant(loader *l, const yaml_node *n, double *out) {
    choice_expr e;
    TRY(choice_expr_compile(n, l->names, l->a, &e));
    for (uint32_t i = 0; i < e.count; i++) {
        if (e.step[i].op == CHOICE_OP_COLUMN) {
            return yaml_tree_fail(n, ERR_REFERENCE, "'%.60s' is not a number and no coefficient that stands before",
                                  l->names->column[e.step[i].column]);
        }
    }
    *out = choice_expr_run(&e, NULL);
    if (!isfinite(*out)) {
        return yaml_tree_fail(n, ERR_RANGE, "'%.60s' is not a finite number", n->text);
    }
    return ERR_OK;
}

static err_code read_coefficients(loader *l, const yaml_node *map) {
    choice_names *names = l->names;
    l->p->coefficients = map;
    if (map == NULL) {
        return ERR_OK;
    }
    if (map->kind != YAML_MAP) {
        return yaml_tree_fail(map, ERR_FORMAT, "'coefficients' must be a map of names to numbers");
    }
    ARENA_NEW(l->a, names->coefficient, map->child_count);
    ARENA_NEW(l->a, names->value, map->child_count);
    ARENA_NEW(l->a, names->used, map->child_count);
    for (const yaml_node *n = map->first; n != NULL; n = n->next) {
        double value;
        TRY(check_name(n, "a coefficient"));
        TRY(read_constant(l, n, &value));
        names->coefficient[names->coefficient_count] = n->key;
        names->value[names->coefficient_count++] = value;
    }
    return ERR_OK;
}

static err_code read_variables(loader *l, const yaml_node *map) {
    choice_names *names = l->names;
    l->p->variables = map;
    if (map == NULL) {
        return ERR_OK;
    }
    if (map->kind != YAML_MAP) {
        return yaml_tree_fail(map, ERR_FORMAT, "'variables' must be a map of names to expressions");
    }
    ARENA_NEW(l->a, names->variable, map->child_count);
    ARENA_NEW(l->a, names->variable_expr, map->child_count);
    for (const yaml_node *n = map->first; n != NULL; n = n->next) {
        TRY(check_name(n, "a variable"));
        for (uint32_t i = 0; i < names->coefficient_count; i++) {
            if (strcmp(names->coefficient[i], n->key) == 0) {
                return yaml_tree_fail_key(n, ERR_REFERENCE, "'%.60s' is a coefficient already; rename one of them",
                                          n->key);
            }
        }
        TRY(choice_expr_compile(n, names, l->a, &names->variable_expr[names->variable_count]));
        names->variable[names->variable_count++] = n->key;
    }
    return ERR_OK;
}

static err_code read_alternative(loader *l, const yaml_node *n, int ix) {
    static const char *const keys[] = {"value", "available", "utility", NULL};
    TRY(check_name(n, "an alternative"));
    TRY(check_keys(n, "an alternative", keys));
    l->p->alternative[ix] = n;
    l->m->name[ix] = n->key;
    l->m->value[ix] = n->key;
    TRY(read_text(n, "value", &l->m->value[ix]));
    for (int i = 0; i < ix; i++) {
        if (strcmp(l->m->value[i], l->m->value[ix]) == 0) {
            return yaml_tree_fail(n, ERR_REFERENCE, "'%s' and '%s' have the same value '%.60s' of the choice column",
                                  l->m->name[i], n->key, l->m->value[ix]);
        }
    }
    const yaml_node *available = yaml_tree_child(n, "available");
    if (available != NULL) {
        TRY(choice_expr_compile(available, l->names, l->a, &l->p->available[ix]));
    }
    const yaml_node *utility = yaml_tree_child(n, "utility");
    if (utility == NULL) {
        return yaml_tree_fail_key(n, ERR_FORMAT, "alternative '%s' has no utility; add 'utility: ...', 0 for none",
                                  n->key);
    }
    return choice_expr_compile(utility, l->names, l->a, &l->p->utility[ix]);
}

static err_code read_alternatives(loader *l, const yaml_node *root, const yaml_node *map) {
    if (map == NULL || map->kind != YAML_MAP) {
        return yaml_tree_fail(map == NULL ? root : map, ERR_FORMAT,
                              "'alternatives' is needed: a map of names to {utility, available, value}");
    }
    if (map->child_count > CHOICE_ALTERNATIVES_MAX) {
        return yaml_tree_fail(map, ERR_RANGE, "there are %u alternatives; at most %d are possible", map->child_count,
                              CHOICE_ALTERNATIVES_MAX);
    }
    for (const yaml_node *n = map->first; n != NULL; n = n->next) {
        TRY(read_alternative(l, n, l->m->tree.alternative_count));
        l->m->tree.alternative_count++;
    }
    return ERR_OK;
}

// --- nests --------------------------------------------------------------------------------------------------------

static err_code read_member(loader *l, const yaml_node *member, int nest) {
    bool *taken = NULL;
    if (member->kind != YAML_SCALAR) {
        return yaml_tree_fail(member, ERR_FORMAT, "a member is the name of an alternative or nest");
    }
    for (int i = 0; i < l->m->tree.alternative_count && taken == NULL; i++) {
        if (strcmp(l->m->name[i], member->text) == 0) {
            l->alternative_parent[i] = l->alternative_is_member[i] ? l->alternative_parent[i] : nest;
            taken = &l->alternative_is_member[i];
        }
    }
    for (uint32_t i = 0; i < l->nest_count && taken == NULL; i++) {
        if (strcmp(l->nest[i]->key, member->text) == 0) {
            l->nest_parent[i] = l->nest_is_member[i] ? l->nest_parent[i] : nest;
            taken = &l->nest_is_member[i];
        }
    }
    if (taken == NULL) {
        return yaml_tree_fail(member, ERR_REFERENCE, "there is no alternative and no nest '%.60s'", member->text);
    }
    if (*taken) {
        return yaml_tree_fail(member, ERR_REFERENCE, "'%.60s' is in a nest already; each may be in one only",
                              member->text);
    }
    *taken = true;
    return ERR_OK;
}

static err_code read_members(loader *l, int nest) {
    const yaml_node *n = l->nest[nest];
    const yaml_node *members = yaml_tree_child(n, "members");
    if (members == NULL || members->kind != YAML_LIST || members->child_count == 0) {
        return yaml_tree_fail(members == NULL ? n : members, ERR_FORMAT,
                              "nest '%s' needs 'members: [...]', a list of alternatives or nests", n->key);
    }
    for (const yaml_node *k = members->first; k != NULL; k = k->next) {
        TRY(read_member(l, k, nest));
    }
    return ERR_OK;
}

static err_code read_nests(loader *l, const yaml_node *map) {
    static const char *const keys[] = {"lambda", "mu", "members", NULL};
    if (map == NULL) {
        return ERR_OK;
    }
    if (map->kind != YAML_MAP || map->child_count > NESTS_MAX) {
        return yaml_tree_fail(map, ERR_FORMAT, "'nests' must be a map of at most %d names to {lambda or mu, members}",
                              NESTS_MAX);
    }
    for (const yaml_node *n = map->first; n != NULL; n = n->next) {
        TRY(check_name(n, "a nest"));
        TRY(check_keys(n, "a nest", keys));
        for (int i = 0; i < l->m->tree.alternative_count; i++) {
            if (strcmp(l->m->name[i], n->key) == 0) {
                return yaml_tree_fail_key(n, ERR_REFERENCE, "'%.60s' is an alternative already; rename the nest",
                                          n->key);
            }
        }
        l->nest_parent[l->nest_count] = -1;
        l->nest[l->nest_count++] = n;
    }
    for (uint32_t i = 0; i < l->nest_count; i++) {
        TRY(read_members(l, (int)i));
    }
    return ERR_OK;
}

// lambda against the parent, or mu against the root (the inverse of the product of lambdas on the way).
static err_code read_scale(loader *l, int nest, double parent_mu, double *mu, double *lambda) {
    const yaml_node *n = l->nest[nest];
    const yaml_node *as_lambda = yaml_tree_child(n, "lambda");
    const yaml_node *as_mu = yaml_tree_child(n, "mu");
    if ((as_lambda == NULL) == (as_mu == NULL)) {
        return yaml_tree_fail_key(n, ERR_FORMAT,
                                  "nest '%s' needs either lambda (against the nest above, in (0,1]) or mu (against the "
                                  "root, not below the mu above)",
                                  n->key);
    }
    if (as_lambda != NULL) {
        TRY(read_constant(l, as_lambda, lambda));
        if (!(*lambda > 0.0 && *lambda <= 1.0)) {
            return yaml_tree_fail(as_lambda, ERR_RANGE,
                                  "nest '%s' has lambda %g; it must be above 0 and at most 1, or the model is not one "
                                  "of maximal utility: give lambda: 1 or dissolve the nest",
                                  n->key, *lambda);
        }
        *mu = parent_mu / *lambda;
        return ERR_OK;
    }
    TRY(read_constant(l, as_mu, mu));
    if (!(*mu >= parent_mu)) {
        return yaml_tree_fail(
            as_mu, ERR_RANGE,
            "nest '%s' has mu %g, below %g of what is above it; mu must not fall from the root (1) to "
            "the leaves, or the model is not one of maximal utility: give mu: %g or dissolve the nest",
            n->key, *mu, parent_mu, parent_mu);
    }
    *lambda = parent_mu / *mu;
    return ERR_OK;
}

// Nests in an order in which the parent comes first, as model/choice wants them.
static err_code place_nests(loader *l) {
    choice_tree *t = &l->m->tree;
    double mu[CHOICE_NODES_MAX] = {1.0};
    t->nest_count = 1;
    t->nest_parent[0] = -1;
    t->nest_lambda[0] = 1.0;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t i = 0; i < l->nest_count; i++) {
            int above = l->nest_parent[i];
            int parent = above < 0 ? 0 : l->nest_place[above];
            if (l->nest_place[i] == 0 && (above < 0 || parent > 0)) {
                int place = t->nest_count++;
                l->nest_place[i] = place;
                t->nest_parent[place] = parent;
                TRY(read_scale(l, (int)i, mu[parent], &mu[place], &t->nest_lambda[place]));
                if (mu[place] > 1.0 / CHOICE_SCALE_MIN) {
                    return yaml_tree_fail_key(
                        l->nest[i], ERR_RANGE,
                        "nest '%s' has mu %g against the root; above %g the numbers are lost: give "
                        "a larger lambda",
                        l->nest[i]->key, mu[place], 1.0 / CHOICE_SCALE_MIN);
                }
                moved = true;
            }
        }
    }
    for (uint32_t i = 0; i < l->nest_count; i++) {
        if (l->nest_place[i] == 0) {
            return yaml_tree_fail_key(l->nest[i], ERR_REFERENCE,
                                      "nest '%s' lies within itself; the nests must form a tree", l->nest[i]->key);
        }
    }
    for (int i = 0; i < t->alternative_count; i++) {
        t->alternative_nest[i] = l->alternative_is_member[i] ? l->nest_place[l->alternative_parent[i]] : 0;
    }
    return choice_validate(t);
}

// --- the whole ----------------------------------------------------------------------------------------------------

static void warn_unused(const loader *l) {
    uint32_t i = 0;
    for (const yaml_node *n = l->p->coefficients == NULL ? NULL : l->p->coefficients->first; n != NULL; n = n->next) {
        if (!l->names->used[i++]) {
            log_warn("%s:%d:%d: coefficient '%s' is not used", n->file, n->key_line, n->key_column, n->key);
        }
    }
}

static err_code read_model(loader *l, const yaml_node *root) {
    static const char *const keys[] = {"title",     "choice",       "weight", "id", "coefficients",
                                       "variables", "alternatives", "nests",  NULL};
    TRY(check_keys(root, "a choice model", keys));
    l->p->root = root;
    l->m->title = "";
    TRY(read_text(root, "title", &l->m->title));
    TRY(read_text(root, "choice", &l->m->choice_column));
    TRY(read_text(root, "weight", &l->m->weight_column));
    TRY(read_text(root, "id", &l->m->id_column));
    TRY(read_coefficients(l, yaml_tree_child(root, "coefficients")));
    TRY(read_variables(l, yaml_tree_child(root, "variables")));
    TRY(read_alternatives(l, root, yaml_tree_child(root, "alternatives")));
    TRY(read_nests(l, yaml_tree_child(root, "nests")));
    TRY(place_nests(l));
    warn_unused(l);
    return ERR_OK;
}

err_code choice_model_load(const char *path, arena *a, choice_model *out) {
    yaml_node *root;
    *out = (choice_model){0};
    loader l = {.a = a, .m = out};
    TRY(yaml_tree_load(path, a, &root));
    ARENA_NEW(a, out->program, 1);
    out->file = root->file;
    l.p = out->program;
    l.names = &out->program->names;
    l.names->column_room = CHOICE_MODEL_COLUMNS_MAX;
    ARENA_NEW(a, l.names->column, CHOICE_MODEL_COLUMNS_MAX);
    ARENA_NEW(a, l.names->column_node, CHOICE_MODEL_COLUMNS_MAX);
    return read_model(&l, root);
}
