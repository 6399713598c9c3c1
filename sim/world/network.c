#include "world/network.h"

#include <math.h>

#include "base/par.h"

enum { NETWORK_ALLOW_ALL = ALLOW_CAR | ALLOW_BUS | ALLOW_CYCLE | ALLOW_WALK | ALLOW_LORRY };

static err_code network_alloc_nodes(node_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(NODE_COLUMNS)
    return ERR_OK;
}

static err_code network_alloc_links(link_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(LINK_COLUMNS)
    return ERR_OK;
}

err_code network_alloc(network *n, arena *a, uint32_t node_count, uint32_t link_count) {
    *n = (network){0};
    CHECK(node_count < IX_NONE && link_count < IX_NONE, ERR_RANGE, "a network of %u nodes and %u links is too large",
          node_count, link_count);
    TRY(network_alloc_nodes(&n->node, a, node_count));
    return network_alloc_links(&n->link, a, link_count);
}

// Reorders every column so that row i is the former row order[i].
static err_code network_gather_links(link_columns *t, arena *a, const uint32_t *order) {
#define NETWORK_GATHER(type, name, unit, doc)     \
    {                                             \
        type *sorted;                             \
        ARENA_NEW(a, sorted, t->count);           \
        for (uint32_t i = 0; i < t->count; i++) { \
            sorted[i] = t->name[order[i]];        \
        }                                         \
        t->name = sorted;                         \
    }
    LINK_COLUMNS(NETWORK_GATHER)
#undef NETWORK_GATHER
    return ERR_OK;
}

static err_code network_check_ends(const network *n) {
    for (uint32_t e = 0; e < n->link.count; e++) {
        CHECK(n->link.id[e] != NULL && n->link.id[e][0] != '\0', ERR_REFERENCE, "link %u of the table has no id", e);
        CHECK(n->link.from_ix[e] < n->node.count && n->link.to_ix[e] < n->node.count, ERR_REFERENCE,
              "link '%s': its %s node is not in the network", n->link.id[e],
              n->link.from_ix[e] < n->node.count ? "to" : "from");
    }
    return ERR_OK;
}

static err_code network_map(idmap *m, arena *a, const char *what, const text *id, uint32_t count) {
    TRY(idmap_init(m, a, count));
    for (uint32_t i = 0; i < count; i++) {
        CHECK(id[i] != NULL && id[i][0] != '\0', ERR_REFERENCE, "%s %u of the table has no id", what, i);
        CHECK(idmap_put(m, id[i], i) == IX_NONE, ERR_REFERENCE, "%s id '%s' is used twice; every %s needs its own id",
              what, id[i], what);
    }
    return ERR_OK;
}

err_code network_build(network *n, arena *a) {
    uint32_t nodes = n->node.count, links = n->link.count;
    uint32_t *order;
    TRY(network_check_ends(n));
    ARENA_NEW(a, order, links);
    ARENA_NEW(a, n->in_first, (size_t)nodes + 1);
    TRY(par_group_u32(n->link.to_ix, links, nodes, n->in_first, order));
    TRY(network_gather_links(&n->link, a, order));
    ARENA_NEW(a, n->out_first, (size_t)nodes + 1);
    ARENA_NEW(a, n->out_link, links);
    TRY(par_group_u32(n->link.from_ix, links, nodes, n->out_first, n->out_link));
    TRY(network_map(&n->node_map, a, "node", n->node.id, nodes));
    return network_map(&n->link_map, a, "link", n->link.id, links);
}

static bool network_is_positive(float value) {
    return isfinite(value) && value > 0;
}

static err_code network_validate_node(const network *n, uint32_t v) {
    const node_columns *t = &n->node;
    CHECK(
        isfinite(t->x_m[v]) && isfinite(t->y_m[v]) && isfinite(t->lon[v]) && isfinite(t->lat[v]) && isfinite(t->z_m[v]),
        ERR_RANGE, "node '%s': its coordinates are not finite numbers", t->id[v]);
    CHECK(t->control[v] <= CONTROL_ROUNDABOUT, ERR_RANGE, "node '%s': junction control %u is unknown", t->id[v],
          t->control[v]);
    return ERR_OK;
}

static err_code network_validate_link(const network *n, uint32_t e) {
    const link_columns *t = &n->link;
    const char *id = t->id[e];
    CHECK(t->from_ix[e] != t->to_ix[e], ERR_REFERENCE,
          "link '%s': starts and ends at the same node; put a node in between", id);
    CHECK(network_is_positive(t->length_m[e]), ERR_RANGE, "link '%s': length %g m must be above 0", id,
          (double)t->length_m[e]);
    CHECK(t->allowed[e] != 0, ERR_RANGE, "link '%s': nobody may use it; name at least one of its users", id);
    CHECK((t->allowed[e] & ~NETWORK_ALLOW_ALL) == 0, ERR_RANGE, "link '%s': unknown users (bits %u)", id,
          t->allowed[e]);
    CHECK(isfinite(t->grade_pct[e]) && fabs((double)t->grade_pct[e]) <= 100, ERR_RANGE,
          "link '%s': gradient %g %% is outside -100 to 100", id, (double)t->grade_pct[e]);
    CHECK(isfinite(t->toll_nok[e]) && t->toll_nok[e] >= 0, ERR_RANGE, "link '%s': toll %g NOK must not be negative", id,
          (double)t->toll_nok[e]);
    CHECK(t->cycle_facility[e] < CYCLE_FACILITY_COUNT, ERR_RANGE, "link '%s': cycle facility %u is unknown", id,
          t->cycle_facility[e]);
    CHECK(t->inside[e] <= 2 && t->cordon[e] <= 2, ERR_RANGE, "link '%s': inside and cordon must be 0, 1 or 2", id);
    if ((t->allowed[e] & (ALLOW_CAR | ALLOW_LORRY)) == 0) {
        return ERR_OK;
    }
    CHECK(network_is_positive(t->free_speed_mps[e]), ERR_RANGE,
          "link '%s': free speed must be above 0 where cars drive", id);
    CHECK(network_is_positive(t->capacity_vph[e]), ERR_RANGE, "link '%s': capacity must be above 0 where cars drive",
          id);
    CHECK(network_is_positive(t->lanes[e]), ERR_RANGE, "link '%s': lanes must be above 0 where cars drive", id);
    return ERR_OK;
}

// in_first and out_first agree with the links' ends.
static err_code network_validate_adjacency(const network *n) {
    const link_columns *t = &n->link;
    CHECK(n->in_first[n->node.count] == t->count && n->out_first[n->node.count] == t->count, ERR_INTERNAL,
          "the network's adjacency does not cover its links; build it again");
    for (uint32_t v = 0; v < n->node.count; v++) {
        for (uint32_t e = n->in_first[v]; e < n->in_first[v + 1]; e++) {
            CHECK(e < t->count && t->to_ix[e] == v, ERR_INTERNAL, "node '%s': its in-links are out of order",
                  n->node.id[v]);
        }
        for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1]; i++) {
            CHECK(i < t->count && n->out_link[i] < t->count && t->from_ix[n->out_link[i]] == v, ERR_INTERNAL,
                  "node '%s': its out-links are out of order", n->node.id[v]);
        }
    }
    return ERR_OK;
}

static err_code network_validate_turn(const network *n, uint32_t row) {
    const turn_table *t = &n->turn;
    CHECK(t->in_ix[row] < n->link.count && t->out_ix[row] < n->link.count, ERR_REFERENCE,
          "turn %u: its links are not in the network", row + 1);
    const char *in = n->link.id[t->in_ix[row]], *out = n->link.id[t->out_ix[row]];
    CHECK(n->link.to_ix[t->in_ix[row]] == n->link.from_ix[t->out_ix[row]], ERR_REFERENCE,
          "turn from link '%s' to link '%s': the first does not end where the second starts", in, out);
    CHECK(t->control[row] <= CONTROL_ROUNDABOUT || t->control[row] == TURN_CONTROL_NODE, ERR_RANGE,
          "turn from link '%s' to link '%s': control %u is unknown", in, out, t->control[row]);
    CHECK(isfinite(t->penalty_s[row]) && t->penalty_s[row] >= 0 && t->penalty_s[row] <= 3600, ERR_RANGE,
          "turn from link '%s' to link '%s': penalty %g s is outside 0 to 3600", in, out, (double)t->penalty_s[row]);
    CHECK(isfinite(t->capacity_vph[row]) && t->capacity_vph[row] >= 0, ERR_RANGE,
          "turn from link '%s' to link '%s': capacity %g must not be negative", in, out, (double)t->capacity_vph[row]);
    CHECK(t->cycle_s[row] == 0 || (t->green_s[row] > 0 && t->green_from_s[row] < t->cycle_s[row] &&
                                   t->green_s[row] <= t->cycle_s[row] - t->green_from_s[row]),
          ERR_RANGE, "turn from link '%s' to link '%s': its green (%u s from %u s) must lie within its cycle of %u s",
          in, out, t->green_s[row], t->green_from_s[row], t->cycle_s[row]);
    return ERR_OK;
}

err_code network_validate(const network *n) {
    CHECK(n->node.count > 0 && n->link.count > 0, ERR_RANGE, "the network has %u nodes and %u links; both are needed",
          n->node.count, n->link.count);
    TRY(network_check_ends(n));
    for (uint32_t v = 0; v < n->node.count; v++) {
        TRY(network_validate_node(n, v));
    }
    for (uint32_t e = 0; e < n->link.count; e++) {
        TRY(network_validate_link(n, e));
    }
    for (uint32_t row = 0; row < n->turn.count; row++) {
        TRY(network_validate_turn(n, row));
    }
    return n->in_first == NULL ? ERR_OK : network_validate_adjacency(n);
}

static err_code network_copy_nodes(const node_columns *f_, arena *a_, node_columns *t_) {
    uint32_t n_ = f_->count;
    t_->count = n_;
    COLUMN_COPY(NODE_COLUMNS)
    return ERR_OK;
}

static err_code network_copy_links(const link_columns *f_, arena *a_, link_columns *t_) {
    uint32_t n_ = f_->count;
    t_->count = n_;
    COLUMN_COPY(LINK_COLUMNS)
    return ERR_OK;
}

static err_code network_copy_u32(arena *a, const uint32_t *from, size_t count, uint32_t **to) {
    ARENA_NEW(a, *to, count);
    if (count > 0) {
        memcpy(*to, from, count * sizeof **to);
    }
    return ERR_OK;
}

err_code network_copy(const network *from, arena *a, network *to) {
    *to = (network){.node_map = from->node_map, .link_map = from->link_map};
    TRY(network_copy_nodes(&from->node, a, &to->node));
    TRY(network_copy_links(&from->link, a, &to->link));
    TRY(turn_copy(&from->turn, a, &to->turn));
    if (from->in_first == NULL) {
        return ERR_OK;  // not built yet
    }
    size_t ends = (size_t)from->node.count + 1;
    TRY(network_copy_u32(a, from->in_first, ends, &to->in_first));
    TRY(network_copy_u32(a, from->out_first, ends, &to->out_first));
    return network_copy_u32(a, from->out_link, from->link.count, &to->out_link);
}

uint64_t network_hash(const network *n) {
    column nodes[COLUMN_COUNT(NODE_COLUMNS)], links[COLUMN_COUNT(LINK_COLUMNS)];
    network_describe_nodes(n, nodes);
    network_describe_links(n, links);
    uint64_t h = column_hash(HASH_SEED, nodes, COLUMN_COUNT(NODE_COLUMNS), n->node.count);
    h = column_hash(h, links, COLUMN_COUNT(LINK_COLUMNS), n->link.count);
    return hash_finish(turn_hash(&n->turn, h));
}

uint32_t network_find_node(const network *n, const char *id) {
    return idmap_find(&n->node_map, id);
}

uint32_t network_find_link(const network *n, const char *id) {
    return idmap_find(&n->link_map, id);
}

static bool network_touches(const network *n, uint32_t v, uint8_t allow) {
    for (uint32_t e = n->in_first[v]; e < n->in_first[v + 1]; e++) {
        if ((n->link.allowed[e] & allow) == allow) {
            return true;
        }
    }
    for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1]; i++) {
        if ((n->link.allowed[n->out_link[i]] & allow) == allow) {
            return true;
        }
    }
    return false;
}

uint32_t network_nearest_node(const network *n, double x_m, double y_m, uint8_t allow) {
    uint32_t best = IX_NONE;
    double best_m2 = 0;
    for (uint32_t v = 0; v < n->node.count; v++) {
        double dx = n->node.x_m[v] - x_m, dy = n->node.y_m[v] - y_m;
        double m2 = dx * dx + dy * dy;
        if ((best == IX_NONE || m2 < best_m2) && network_touches(n, v, allow)) {
            best = v;
            best_m2 = m2;
        }
    }
    return best;
}

void network_describe_nodes(const network *n, column out[COLUMN_COUNT(NODE_COLUMNS)]) {
    const node_columns *t_ = &n->node;
    const column all[] = {COLUMN_DESCRIBE(NODE_COLUMNS)};
    _Static_assert(sizeof all / sizeof *all == COLUMN_COUNT(NODE_COLUMNS), "one description a column");
    memcpy(out, all, sizeof all);
}

void network_describe_links(const network *n, column out[COLUMN_COUNT(LINK_COLUMNS)]) {
    const link_columns *t_ = &n->link;
    const column all[] = {COLUMN_DESCRIBE(LINK_COLUMNS)};
    _Static_assert(sizeof all / sizeof *all == COLUMN_COUNT(LINK_COLUMNS), "one description a column");
    memcpy(out, all, sizeof all);
}

const char *network_cycle_facility_name(cycle_facility f) {
    static const char *const names[CYCLE_FACILITY_COUNT] = {"mixed_slow", "mixed_fast", "lane", "path_along",
                                                            "path_own"};
    return (unsigned)f < CYCLE_FACILITY_COUNT ? names[f] : "?";
}

const char *network_control_name(junction_control c) {
    static const char *const names[] = {"none", "yield", "stop", "signal", "roundabout"};
    return (unsigned)c <= CONTROL_ROUNDABOUT ? names[c] : "?";
}
