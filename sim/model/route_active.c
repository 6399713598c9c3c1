#include "model/route_active.h"

#include <math.h>

#include "route_heap.h"

typedef struct active_arc {
    uint32_t head_ix;
    uint32_t link_ix;
    uint32_t time_ds;
    uint32_t perceived_ds;
} active_arc;

typedef struct active_graph {  // of one mode
    uint32_t *arc_first;       // [node + 1]
    active_arc *arc;
    uint32_t *tail_ix;  // [arc]
    uint32_t *link_ds;  // [link]; IX_NONE = not allowed
} active_graph;

struct route_active_index {
    uint32_t node_count;
    uint32_t link_count;
    float *length_m;  // [link]
    active_graph graph[ACTIVE_MODE_COUNT];
};

struct route_active_query {
    route_heap heap;
    const active_graph *graph;  // of the last tree
    uint64_t *length_mm;        // [node]
};

// behaviour.md 2.3 and params/cycling_infra_vot.csv (REC.factor.*): time on the facility against time on a path of
// one's own.
static const double facility_factor[CYCLE_FACILITY_COUNT] = {
    [CYCLE_MIXED_SLOW] = 1.35, [CYCLE_MIXED_FAST] = 1.6, [CYCLE_LANE] = 1.3,
    [CYCLE_PATH_ALONG] = 1.07, [CYCLE_PATH_OWN] = 1.0,
};

static const double cycle_min_kmh = 5.0;  // params/mobsim.csv cycle.min
static const double cycle_cap = 1.3;      // params/mobsim.csv cycle.cap, times the speed on the flat
static const double slow_mps = 45 / 3.6;  // crossing a road below this speed is CROSSING_SLOW
static const double fast_mps = 65 / 3.6;  // below this CROSSING_FAST

void route_active_params_init(route_active_params *p, const scenario *s) {
    *p = (route_active_params){
        .walk_speed_kmh = s->walk_speed_kmh,
        .cycle_speed_kmh = s->cycle_speed_kmh,
        .ecycle_speed_kmh = s->ecycle_speed_kmh,
        .uphill_kmh_per_pct = s->cycle_uphill_kmh_per_pct,
        .downhill_kmh_per_pct = s->cycle_downhill_kmh_per_pct,
        .ecycle_uphill_kmh_per_pct = s->ecycle_uphill_kmh_per_pct,
        .crossing_s = {[CROSSING_SLOW] = s->crossing_slow_s,
                       [CROSSING_FAST] = s->crossing_fast_s,
                       [CROSSING_RURAL] = s->crossing_rural_s,
                       [CROSSING_SIGNAL] = s->crossing_signal_s},
    };
    for (int f = 0; f < CYCLE_FACILITY_COUNT; f++) {
        p->facility_factor[f] = facility_factor[f];
    }
}

static double speed_kmh(const route_active_params *p, active_mode who, double grade_pct) {
    if (who == ACTIVE_WALK) {
        return p->walk_speed_kmh;
    }
    double flat = who == ACTIVE_CYCLE ? p->cycle_speed_kmh : p->ecycle_speed_kmh;
    double uphill = who == ACTIVE_CYCLE ? p->uphill_kmh_per_pct : p->ecycle_uphill_kmh_per_pct;
    double speed = grade_pct > 0.0 ? flat - grade_pct * uphill : flat - grade_pct * p->downhill_kmh_per_pct;
    speed = fmax(speed, fmin(cycle_min_kmh, flat));
    return fmin(speed, cycle_cap * flat);
}

// Deciseconds, at least one, so that every link costs something.
static uint32_t whole_ds(double ds) {
    return ds < 4.0e9 ? (uint32_t)fmax(floor(ds + 0.5), 1.0) : IX_NONE - 1;
}

// The arms for cars of a node, one a neighbour: what the largest two but for `tail` are.
typedef struct node_arms {
    uint32_t other[2];  // neighbour; IX_NONE = none
    uint32_t link[2];
} node_arms;

static void offer_arm(const network *n, node_arms *arms, uint32_t other, uint32_t link) {
    float capacity = n->link.capacity_vph[link];
    for (int k = 0; k < 2; k++) {
        if (arms->other[k] == other) {
            if (capacity > n->link.capacity_vph[arms->link[k]]) {
                arms->link[k] = link;
            }
            if (k == 1 && n->link.capacity_vph[arms->link[1]] > n->link.capacity_vph[arms->link[0]]) {
                *arms = (node_arms){{arms->other[1], arms->other[0]}, {arms->link[1], arms->link[0]}};
            }
            return;
        }
    }
    if (arms->other[0] == IX_NONE || capacity > n->link.capacity_vph[arms->link[0]]) {
        *arms = (node_arms){{other, arms->other[0]}, {link, arms->link[0]}};
    } else if (arms->other[1] == IX_NONE || capacity > n->link.capacity_vph[arms->link[1]]) {
        arms->other[1] = other;
        arms->link[1] = link;
    }
}

static node_arms arms_of(const network *n, uint32_t node, uint32_t tail) {
    node_arms arms = {{IX_NONE, IX_NONE}, {IX_NONE, IX_NONE}};
    for (uint32_t e = n->in_first[node]; e < n->in_first[node + 1]; e++) {
        uint32_t other = n->link.from_ix[e];
        if ((n->link.allowed[e] & ALLOW_CAR) != 0 && other != tail && other != node) {
            offer_arm(n, &arms, other, e);
        }
    }
    for (uint32_t i = n->out_first[node]; i < n->out_first[node + 1]; i++) {
        uint32_t e = n->out_link[i];
        uint32_t other = n->link.to_ix[e];
        if ((n->link.allowed[e] & ALLOW_CAR) != 0 && other != tail && other != node) {
            offer_arm(n, &arms, other, e);
        }
    }
    return arms;
}

// Wait at the node where link e, travelled from tail, ends (the header tells the rule).
static double crossing_s(const network *n, const route_active_params *p, uint32_t e, uint32_t tail, uint32_t head) {
    node_arms arms = arms_of(n, head, tail);
    uint8_t control = n->node.control[head];
    if (arms.other[1] == IX_NONE) {
        return 0.0;
    }
    if (control == CONTROL_SIGNAL) {
        return p->crossing_s[CROSSING_SIGNAL];
    }
    float own = (n->link.allowed[e] & ALLOW_CAR) != 0 ? n->link.capacity_vph[e] : 0.0F;
    uint32_t road = arms.link[1];
    if (control != CONTROL_ROUNDABOUT && n->link.capacity_vph[road] <= own) {
        return 0.0;
    }
    double mps = (double)n->link.free_speed_mps[road];
    return p->crossing_s[mps < slow_mps ? CROSSING_SLOW : mps < fast_mps ? CROSSING_FAST : CROSSING_RURAL];
}

// against: walked from its end to its start.
static active_arc arc_of(const network *n, const route_active_params *p, active_mode who, uint32_t e, bool against) {
    double ds = (double)n->link.length_m[e] * 36.0 / speed_kmh(p, who, (double)n->link.grade_pct[e]);
    uint8_t facility = n->link.cycle_facility[e];
    uint32_t tail = against ? n->link.to_ix[e] : n->link.from_ix[e];
    uint32_t head = against ? n->link.from_ix[e] : n->link.to_ix[e];
    double wait_ds = 10.0 * crossing_s(n, p, e, tail, head);
    double factor = 1.0;
    if (who != ACTIVE_WALK && facility < CYCLE_FACILITY_COUNT) {
        factor = p->facility_factor[facility];
    }
    return (active_arc){head, e, whole_ds(ds + wait_ds), whole_ds(ds * factor + wait_ds)};
}

static bool allowed(const network *n, active_mode who, uint32_t e) {
    return (n->link.allowed[e] & (who == ACTIVE_WALK ? ALLOW_WALK : ALLOW_CYCLE)) != 0;
}

// Walking against link e is of no use when a link in the walker's own direction takes no longer (the usual street of
// two links).
static bool has_twin(const network *n, const route_active_params *p, uint32_t e) {
    uint32_t tail = n->link.to_ix[e];
    uint32_t against_ds = arc_of(n, p, ACTIVE_WALK, e, true).time_ds;
    for (uint32_t i = n->out_first[tail]; i < n->out_first[tail + 1]; i++) {
        uint32_t f = n->out_link[i];
        if (n->link.to_ix[f] == n->link.from_ix[e] && allowed(n, ACTIVE_WALK, f) &&
            arc_of(n, p, ACTIVE_WALK, f, false).time_ds <= against_ds) {
            return true;
        }
    }
    return false;
}

static err_code build_graph(const network *n, const route_active_params *p, active_mode who, arena *a,
                            active_graph *g) {
    bool walk = who == ACTIVE_WALK;
    uint32_t arcs = 0;
    ARENA_NEW(a, g->link_ds, n->link.count);
    for (uint32_t e = 0; e < n->link.count; e++) {
        bool open = allowed(n, who, e);
        g->link_ds[e] = open ? arc_of(n, p, who, e, false).time_ds : IX_NONE;
        arcs += open ? 1U : 0U;
        arcs += open && walk && !has_twin(n, p, e) ? 1U : 0U;
    }
    ARENA_NEW(a, g->arc_first, (size_t)n->node.count + 1);
    ARENA_NEW(a, g->arc, arcs);
    ARENA_NEW(a, g->tail_ix, arcs);
    arcs = 0;
    for (uint32_t v = 0; v < n->node.count; v++) {
        g->arc_first[v] = arcs;
        for (uint32_t i = n->out_first[v]; i < n->out_first[v + 1]; i++) {
            if (allowed(n, who, n->out_link[i])) {
                g->tail_ix[arcs] = v;
                g->arc[arcs++] = arc_of(n, p, who, n->out_link[i], false);
            }
        }
        for (uint32_t e = n->in_first[v]; walk && e < n->in_first[v + 1]; e++) {
            if (allowed(n, who, e) && !has_twin(n, p, e)) {
                g->tail_ix[arcs] = v;
                g->arc[arcs++] = arc_of(n, p, who, e, true);
            }
        }
    }
    g->arc_first[n->node.count] = arcs;
    return ERR_OK;
}

err_code route_active_build(const network *n, const route_active_params *p, arena *a, route_active_index **out) {
    CHECK(p->walk_speed_kmh > 0.0 && p->cycle_speed_kmh > 0.0 && p->ecycle_speed_kmh > 0.0, ERR_RANGE,
          "walking, cycling and e-cycling speeds must be above 0 km/h: set active.walk_speed_kmh, "
          "active.cycle_speed_kmh and active.ecycle_speed_kmh in the scenario");
    route_active_index *x;
    ARENA_NEW(a, x, 1);
    x->node_count = n->node.count;
    x->link_count = n->link.count;
    ARENA_NEW(a, x->length_m, n->link.count);
    for (uint32_t e = 0; e < n->link.count; e++) {
        x->length_m[e] = n->link.length_m[e];
    }
    for (int who = 0; who < ACTIVE_MODE_COUNT; who++) {
        TRY(build_graph(n, p, (active_mode)who, a, &x->graph[who]));
    }
    *out = x;
    return ERR_OK;
}

err_code route_active_query_init(const route_active_index *x, arena *a, route_active_query **out) {
    route_active_query *q;
    ARENA_NEW(a, q, 1);
    TRY(route_heap_init(&q->heap, a, x->node_count));
    ARENA_NEW(a, q->length_mm, x->node_count);
    *out = q;
    return ERR_OK;
}

// Settles every node within limit_ds (UINT32_MAX - 1 = all).
static void search(const active_graph *g, route_heap *h, uint32_t from, uint32_t limit_ds) {
    route_heap_begin(h, from);
    for (uint32_t v = route_heap_settle(h); v != IX_NONE; v = route_heap_settle(h)) {
        uint64_t key = h->label[v].key;
        for (uint32_t i = g->arc_first[v]; i < g->arc_first[v + 1]; i++) {
            const active_arc *arc = &g->arc[i];
            uint64_t perceived_ds = (key >> 32) + arc->perceived_ds;
            uint64_t time_ds = (uint64_t)(uint32_t)key + arc->time_ds;
            if (perceived_ds <= limit_ds && time_ds < IX_NONE) {
                (void)route_heap_offer(h, arc->head_ix, route_heap_key((uint32_t)perceived_ds, (uint32_t)time_ds), i);
            }
        }
    }
}

// Lengths in whole millimetres (exact sums); parents are settled before their children.
static void tree_lengths(const route_active_index *x, route_active_query *q) {
    const route_heap *h = &q->heap;
    for (uint32_t k = 0; k < h->settled_count; k++) {
        uint32_t v = h->settled[k];
        uint32_t i = h->label[v].parent_arc;
        q->length_mm[v] = 0;
        if (i != IX_NONE) {
            float length_m = x->length_m[q->graph->arc[i].link_ix];
            q->length_mm[v] = q->length_mm[q->graph->tail_ix[i]] + (uint64_t)((double)length_m * 1000.0 + 0.5);
        }
    }
}

void route_active_tree(const route_active_index *x, active_mode who, route_active_query *q, uint32_t from_node_ix,
                       uint32_t limit_ds, uint32_t *perceived_ds, uint32_t *time_ds, float *distance_m) {
    const route_heap *h = &q->heap;
    ASSERT(from_node_ix < x->node_count);
    q->graph = &x->graph[who];
    search(q->graph, &q->heap, from_node_ix, limit_ds > 0 && limit_ds < IX_NONE ? limit_ds : IX_NONE - 1);
    if (distance_m != NULL) {
        tree_lengths(x, q);
    }
    for (uint32_t v = 0; v < x->node_count; v++) {
        bool reached = route_heap_reached(h, v);
        if (perceived_ds != NULL) {
            perceived_ds[v] = reached ? (uint32_t)(h->label[v].key >> 32) : IX_NONE;
        }
        if (time_ds != NULL) {
            time_ds[v] = reached ? (uint32_t)h->label[v].key : IX_NONE;
        }
        if (distance_m != NULL) {
            distance_m[v] = reached ? (float)((double)q->length_mm[v] / 1000.0) : INFINITY;
        }
    }
}

uint32_t route_active_path(const route_active_index *x, const route_active_query *q, uint32_t to_node_ix,
                           uint32_t *links, uint32_t capacity) {
    return route_active_ride(x, q, to_node_ix, 0, links, NULL, NULL, capacity);
}

uint32_t route_active_ride(const route_active_index *x, const route_active_query *q, uint32_t to_node_ix,
                           uint32_t departure_s, uint32_t *links, uint32_t *enter_s, uint32_t *leave_s,
                           uint32_t capacity) {
    const route_heap *h = &q->heap;
    ASSERT(to_node_ix < x->node_count);
    if (q->graph == NULL || !route_heap_reached(h, to_node_ix)) {
        return IX_NONE;
    }
    uint32_t count = 0;
    for (uint32_t i = h->label[to_node_ix].parent_arc; i != IX_NONE; i = h->label[q->graph->tail_ix[i]].parent_arc) {
        count++;
    }
    if (count > capacity) {
        return IX_NONE;
    }
    uint32_t head = to_node_ix;
    for (uint32_t place = count; place > 0;) {
        uint32_t i = h->label[head].parent_arc;
        uint32_t tail = q->graph->tail_ix[i];
        links[--place] = q->graph->arc[i].link_ix;
        if (enter_s != NULL) {
            enter_s[place] = departure_s + (uint32_t)h->label[tail].key / 10;
        }
        if (leave_s != NULL) {
            leave_s[place] = departure_s + (uint32_t)h->label[head].key / 10;
        }
        head = tail;
    }
    return count;
}

uint32_t route_active_link_ds(const route_active_index *x, active_mode who, uint32_t link_ix) {
    ASSERT(link_ix < x->link_count);
    return x->graph[who].link_ds[link_ix];
}
