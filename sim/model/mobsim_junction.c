// Junctions: what a turn costs and when it may be made. Only nodes with a control or with rows in the turn table have
// records; a link without them never comes here.
//
// Entries from conflicting flow: roundabouts by HCM 6 (Transportation Research Board 2016, chapter 22, one lane), minor
// roads and left turns by Siegloch (1973) gap acceptance with the gaps of HCM chapter 20 (params/mobsim.csv). Capacity
// becomes the time between two entries. Right-hand traffic.
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "mobsim_internal.h"

enum {
    FADE_S = 60,          // memory of the conflicting flow (assumption: a minute, as HCM's shortest analysis is 15)
    FLOW_UNIT = 1 << 16,  // flows are kept in 1/65536 pcu
    FLOW_STEP_VPH = 8,    // resolution of the tables of entry headways
    SIGNAL_CYCLE_S = 60,  // assumption: fixed-time plan where none is given
    SIGNAL_LOST_S = 4,    // assumption: between two phases
    SIGNAL_GREEN_MIN_S = 8,
    ARMS_MIN = 3  // a node between two neighbours is no junction
};

static const double entry_vph_min = 60;  // assumption: so many force their way in

// One node while its turns are described.
typedef struct junction {
    uint32_t node;
    uint32_t in_first, in_count;                                  // queue links
    uint32_t out_first, out_count;                                // in mobsim.out
    double in_x[MOBSIM_IN_LINKS_MAX], in_y[MOBSIM_IN_LINKS_MAX];  // unit vector to the neighbour
    double out_x[MOBSIM_TURN_ARRIVE], out_y[MOBSIM_TURN_ARRIVE];
    bool major[MOBSIM_IN_LINKS_MAX];
    uint8_t control;
} junction;

// -------------------------------------------------------------------------------------------- geometry

static void unit_vector(const network *n, uint32_t from, uint32_t to, double *x, double *y) {
    double dx = n->node.x_m[to] - n->node.x_m[from];
    double dy = n->node.y_m[to] - n->node.y_m[from];
    double length = dmath_sqrt(dx * dx + dy * dy);
    *x = length > 0 ? dx / length : 0;
    *y = length > 0 ? dy / length : 0;
}

// Grows with the angle, counterclockwise from east, 0 to 4.
static double diamond_angle(double x, double y) {
    double sum = fabs(x) + fabs(y);
    if (!(sum > 0)) {
        return 0;
    }
    double a = y / sum;
    return x < 0 ? 2 - a : (a < 0 ? 4 + a : a);
}

static double angle_after(double from, double to) {
    double d = to - from;
    return d < 0 ? d + 4 : d;
}

typedef enum turn_side { SIDE_STRAIGHT, SIDE_LEFT, SIDE_RIGHT } turn_side;

static turn_side side_of(const junction *j, uint32_t in, uint32_t out) {
    double along = -(j->in_x[in] * j->out_x[out] + j->in_y[in] * j->out_y[out]);
    double across = -(j->in_x[in] * j->out_y[out] - j->in_y[in] * j->out_x[out]);
    if (along > 0.7071) {
        return SIDE_STRAIGHT;
    }
    return across > 0 ? SIDE_LEFT : (across < 0 ? SIDE_RIGHT : (along < 0 ? SIDE_LEFT : SIDE_STRAIGHT));
}

static bool same_arm(const mobsim *m, const junction *j, uint32_t in, uint32_t out) {
    const network *n = m->network;
    return n->link.from_ix[m->link[j->in_first + in].link_ix] ==
           n->link.to_ix[m->link[m->out[j->out_first + out]].link_ix];
}

static double capacity_of(const mobsim *m, const junction *j, uint32_t in) {
    return (double)m->network->link.capacity_vph[m->link[j->in_first + in].link_ix];
}

// The main road: the two most opposite arms of those that include a largest capacity; without such two, the largest.
static void choose_major(const mobsim *m, junction *j) {
    double most = 0;
    uint32_t best[2] = {0, 0};
    for (uint32_t i = 0; i < j->in_count; ++i) {
        if (capacity_of(m, j, i) > most) {
            most = capacity_of(m, j, i);
            best[0] = best[1] = i;
        }
    }
    double best_score = 0;
    for (uint32_t a = 0; a < j->in_count; ++a) {
        for (uint32_t b = a + 1; b < j->in_count; ++b) {
            double ca = capacity_of(m, j, a), cb = capacity_of(m, j, b);
            double opposite = -(j->in_x[a] * j->in_x[b] + j->in_y[a] * j->in_y[b]);
            double score = (ca < cb ? ca : cb) * (1 + opposite);
            if ((ca >= most || cb >= most) && opposite > 0.5 && score > best_score) {
                best_score = score;
                best[0] = a;
                best[1] = b;
            }
        }
    }
    for (uint32_t i = 0; i < j->in_count; ++i) {
        j->major[i] = i == best[0] || i == best[1];
    }
}

// ------------------------------------------------------------------------------------------- conflicts

static uint8_t control_of(const mobsim *m, const junction *j, uint32_t in, uint32_t out) {
    const turn_table *t = &m->network->turn;
    uint32_t row = turn_find(t, m->link[j->in_first + in].link_ix, m->link[m->out[j->out_first + out]].link_ix);
    return row == IX_NONE || t->control[row] == TURN_CONTROL_NODE ? j->control : t->control[row];
}

static bool is_gap_control(uint8_t control) {
    return control == CONTROL_YIELD || control == CONTROL_STOP;
}

// Does flow from in2 to out2 hold up an entry from in to out?
static bool conflicts(const mobsim *m, const junction *j, mobsim_entry_rule rule, uint32_t in, uint32_t out,
                      uint32_t in2, uint32_t out2) {
    if (in2 == in) {
        return false;
    }
    if (rule == MOBSIM_ENTRY_ROUNDABOUT) {
        double from = diamond_angle(j->in_x[in2], j->in_y[in2]);
        double entry = angle_after(from, diamond_angle(j->in_x[in], j->in_y[in]));
        double leave = same_arm(m, j, in2, out2) ? 4 : angle_after(from, diamond_angle(j->out_x[out2], j->out_y[out2]));
        return entry > 0 && entry < leave && !same_arm(m, j, in, out2);
    }
    if (!j->major[in2]) {
        return false;
    }
    switch (rule) {
        case MOBSIM_ENTRY_RIGHT:
            return out2 == out;
        case MOBSIM_ENTRY_CROSS:
            return !(same_arm(m, j, in, out2) && side_of(j, in2, out2) == SIDE_RIGHT);
        case MOBSIM_ENTRY_LEFT_MAJOR:
            return side_of(j, in2, out2) != SIDE_LEFT;
        default:
            return false;
    }
}

static mobsim_entry_rule rule_of(const mobsim *m, const junction *j, uint32_t in, uint32_t out) {
    uint8_t control = control_of(m, j, in, out);
    if (control == CONTROL_ROUNDABOUT) {
        return MOBSIM_ENTRY_ROUNDABOUT;
    }
    if (!is_gap_control(control)) {
        return MOBSIM_ENTRY_FREE;
    }
    turn_side side = side_of(j, in, out);
    if (j->major[in]) {
        return side == SIDE_LEFT ? MOBSIM_ENTRY_LEFT_MAJOR : MOBSIM_ENTRY_FREE;
    }
    return side == SIDE_RIGHT ? MOBSIM_ENTRY_RIGHT : MOBSIM_ENTRY_CROSS;
}

// Conflicting turns of one turn, as offsets from the node's first record; returns how many.
static uint32_t list_conflicts(const mobsim *m, const junction *j, uint32_t in, uint32_t out, uint32_t *list) {
    mobsim_entry_rule rule = rule_of(m, j, in, out);
    uint32_t count = 0;
    for (uint32_t in2 = 0; rule != MOBSIM_ENTRY_FREE && in2 < j->in_count; ++in2) {
        for (uint32_t out2 = 0; out2 < j->out_count; ++out2) {
            if (conflicts(m, j, rule, in, out, in2, out2)) {
                if (list != NULL) {
                    list[count] = m->link[j->in_first + in2].turn_first + out2;
                }
                ++count;
            }
        }
    }
    return count;
}

// --------------------------------------------------------------------------------------------- signals

// Two phases, the main road and the rest, with green in proportion to the larger capacity of each.
static void default_signal(const mobsim *m, const junction *j, uint32_t in, mobsim_turn *t) {
    double most[2] = {0, 0};
    for (uint32_t i = 0; i < j->in_count; ++i) {
        double c = capacity_of(m, j, i);
        most[j->major[i]] = c > most[j->major[i]] ? c : most[j->major[i]];
    }
    if (!(most[0] > 0) || !(most[1] > 0)) {
        return;  // nobody to share with
    }
    uint32_t green_s = SIGNAL_CYCLE_S - 2 * SIGNAL_LOST_S;
    uint32_t main_s = (uint32_t)(green_s * most[1] / (most[0] + most[1]) + 0.5);
    main_s = main_s < SIGNAL_GREEN_MIN_S ? SIGNAL_GREEN_MIN_S : main_s;
    main_s = main_s > green_s - SIGNAL_GREEN_MIN_S ? green_s - SIGNAL_GREEN_MIN_S : main_s;
    t->cycle_s = SIGNAL_CYCLE_S;
    t->green_from_s = j->major[in] ? 0 : main_s + SIGNAL_LOST_S;
    t->green_s = j->major[in] ? main_s : green_s - main_s;
}

// ----------------------------------------------------------------------------------------------- build

static bool has_rows(const mobsim *m, uint32_t node, uint32_t *row) {
    const turn_table *t = &m->network->turn;
    uint32_t end = m->network->in_first[node + 1];
    uint32_t before = *row;
    while (*row < t->count && t->in_ix[*row] < end) {
        ++*row;
    }
    return *row > before;
}

static uint32_t count_arms(const mobsim *m, uint32_t node) {
    const network *n = m->network;
    uint32_t arm[ARMS_MIN];
    uint32_t count = 0;
    uint32_t ins = m->node_in_first[node + 1] - m->node_in_first[node];
    uint32_t outs = m->node_out_first[node + 1] - m->node_out_first[node];
    for (uint32_t i = 0; i < ins + outs && count < ARMS_MIN; ++i) {
        uint32_t other = i < ins ? n->link.from_ix[m->link[m->node_in_first[node] + i].link_ix]
                                 : n->link.to_ix[m->link[m->out[m->node_out_first[node] + i - ins]].link_ix];
        bool known = false;
        for (uint32_t k = 0; k < count; ++k) {
            known = known || arm[k] == other;
        }
        if (!known) {
            arm[count++] = other;
        }
    }
    return count;
}

static void describe_junction(const mobsim *m, uint32_t node, junction *j) {
    const network *n = m->network;
    *j = (junction){.node = node, .in_first = m->node_in_first[node], .out_first = m->node_out_first[node]};
    j->in_count = m->node_in_first[node + 1] - j->in_first;
    j->out_count = m->node_out_first[node + 1] - j->out_first;
    j->control = count_arms(m, node) >= ARMS_MIN ? n->node.control[node] : CONTROL_NONE;
    for (uint32_t i = 0; i < j->in_count; ++i) {
        unit_vector(n, node, n->link.from_ix[m->link[j->in_first + i].link_ix], &j->in_x[i], &j->in_y[i]);
    }
    for (uint32_t o = 0; o < j->out_count; ++o) {
        unit_vector(n, node, n->link.to_ix[m->link[m->out[j->out_first + o]].link_ix], &j->out_x[o], &j->out_y[o]);
    }
    choose_major(m, j);
    for (uint32_t i = 0; i < j->in_count && j->control == CONTROL_NONE; ++i) {
        j->major[i] = true;  // the turn table alone says who yields
        for (uint32_t o = 0; o < j->out_count; ++o) {
            j->major[i] = j->major[i] && !is_gap_control(control_of(m, j, i, o));
        }
    }
}

static uint32_t headway_tick(double vph) {
    double tick = floor(3600.0 / vph * (1 << MOBSIM_TICK_SHIFT) + 0.5);
    return tick < 1 ? 1 : (uint32_t)tick;
}

static void fill_turn(mobsim *m, const junction *j, uint32_t in, uint32_t out, mobsim_turn *t) {
    const network *n = m->network;
    const turn_table *rows = &n->turn;
    uint32_t link = m->link[j->in_first + in].link_ix;
    uint32_t row = turn_find(rows, link, m->link[m->out[j->out_first + out]].link_ix);
    double lanes = floor((double)n->link.lanes[link]);
    t->lanes = (uint8_t)(lanes < 1 ? 1 : (lanes < 10 ? lanes : 10));
    t->rule = (uint8_t)rule_of(m, j, in, out);
    if (control_of(m, j, in, out) == CONTROL_SIGNAL) {
        default_signal(m, j, in, t);
    }
    if (row == IX_NONE) {
        return;
    }
    t->penalty_s = turn_penalty_s(rows, row);
    if (rows->capacity_vph[row] > 0) {
        double vph = (double)rows->capacity_vph[row] * m->params.scale;
        t->headway_tick = headway_tick(vph < 1 ? 1 : vph);
    }
    if (rows->cycle_s[row] > 0) {
        t->cycle_s = rows->cycle_s[row];
        t->green_from_s = rows->green_from_s[row];
        t->green_s = rows->green_s[row];
    }
}

// Fills the turn records of a node; conflict = NULL: only counts their conflicts. Returns past the last conflict.
static uint32_t fill_node(mobsim *m, uint32_t node, uint32_t *conflict, uint32_t first) {
    junction j;
    describe_junction(m, node, &j);
    for (uint32_t in = 0; in < j.in_count; ++in) {
        for (uint32_t out = 0; out < j.out_count; ++out) {
            uint32_t count = list_conflicts(m, &j, in, out, conflict == NULL ? NULL : conflict + first);
            if (conflict != NULL) {
                mobsim_turn *t = &m->turn[m->link[j.in_first + in].turn_first + out];
                fill_turn(m, &j, in, out, t);
                t->conflict_first = first;
                t->conflict_count = (uint16_t)count;
            }
            first += count;
        }
    }
    return first;
}

static void forbid_turns(mobsim *m) {
    const turn_table *t = &m->network->turn;
    for (uint32_t row = 0; row < t->count; ++row) {
        bool both = m->queue_of[t->in_ix[row]] != IX_NONE && m->queue_of[t->out_ix[row]] != IX_NONE;
        if (both && t->forbidden[row] != 0) {
            m->route_link[t->in_ix[row]].forbidden |= (uint16_t)(1u << m->route_link[t->out_ix[row]].turn);
        }
    }
}

// Entry headways by conflicting flow, for one rule; scaled samples see scaled flows.
static void fill_entry(mobsim *m, mobsim_entry_rule rule, double vph_at_zero, double per_vph) {
    for (uint32_t i = 0; i < MOBSIM_ENTRY_STEPS; ++i) {
        double vph = vph_at_zero * dmath_exp(-per_vph * FLOW_STEP_VPH * ((double)i + 0.5));
        vph = vph > entry_vph_min ? vph : entry_vph_min;
        m->entry_tick[rule][i] = headway_tick(vph * m->params.scale);
    }
}

static void fill_gap_entry(mobsim *m, mobsim_entry_rule rule, double tc_s, double tf_s) {
    fill_entry(m, rule, 3600 / tf_s, (tc_s - tf_s / 2) / 3600);
}

static void fill_tables(mobsim *m) {
    fill_entry(m, MOBSIM_ENTRY_ROUNDABOUT, 1380, 0.00102);
    fill_gap_entry(m, MOBSIM_ENTRY_RIGHT, 6.2, 3.3);
    fill_gap_entry(m, MOBSIM_ENTRY_CROSS, 7.1, 3.5);  // straight on as left (assumption: HCM has 6.5 and 4.0)
    fill_gap_entry(m, MOBSIM_ENTRY_LEFT_MAJOR, 4.1, 2.2);
    for (uint32_t s = 0; s < MOBSIM_FADE_STEPS; ++s) {
        m->fade[s] = (uint32_t)(dmath_exp(-(double)s / FADE_S) * FLOW_UNIT + 0.5);
    }
    // A flow of q an hour keeps q * FADE_S / 3600 pcu in memory.
    double per_step = (double)FLOW_STEP_VPH * m->params.scale * FADE_S / 3600 * FLOW_UNIT;
    m->flow_per_step = per_step < 1 ? 1 : (uint32_t)per_step;
}

err_code mobsim_junction_build(mobsim *m) {
    const network *n = m->network;
    uint8_t *controlled;
    ARENA_NEW(m->arena, controlled, n->node.count);
    uint32_t count = 0;
    uint32_t row = 0;
    for (uint32_t v = 0; v < n->node.count; ++v) {
        bool rows = has_rows(m, v, &row);
        controlled[v] = rows || (n->node.control[v] != CONTROL_NONE && count_arms(m, v) >= ARMS_MIN);
        uint32_t outs = m->node_out_first[v + 1] - m->node_out_first[v];
        for (uint32_t q = m->node_in_first[v]; controlled[v] && q < m->node_in_first[v + 1]; ++q) {
            m->link[q].flags |= MOBSIM_CONTROLLED;
            m->link[q].turn_first = count;
            CHECK(outs <= UINT32_MAX - count, ERR_RANGE, "the network has more turns than can be numbered");
            count += outs;
        }
    }
    m->turn_count = count;
    ARENA_NEW(m->arena, m->turn, count);
    ARENA_NEW(m->arena, m->turn_flow, count);
    forbid_turns(m);
    fill_tables(m);
    uint32_t conflicts = 0;
    for (uint32_t v = 0; v < n->node.count; ++v) {
        conflicts = controlled[v] ? fill_node(m, v, NULL, conflicts) : conflicts;
    }
    ARENA_NEW(m->arena, m->conflict, conflicts);
    conflicts = 0;
    for (uint32_t v = 0; v < n->node.count; ++v) {
        conflicts = controlled[v] ? fill_node(m, v, m->conflict, conflicts) : conflicts;
    }
    return ERR_OK;
}

// ------------------------------------------------------------------------------------------------- day

void mobsim_junction_reset(mobsim *m, const mobsim_partition *p) {
    for (uint32_t q = p->link_first; q < p->link_end; ++q) {
        const mobsim_link *x = &m->link[q];
        uint32_t outs = m->node_out_first[x->node_ix + 1] - x->out_first;
        for (uint32_t i = 0; (x->flags & MOBSIM_CONTROLLED) != 0 && i < outs; ++i) {
            m->turn[x->turn_first + i].next_tick = 0;
            m->turn_flow[x->turn_first + i] = (mobsim_turn_flow){0, 0};
        }
    }
}

static inline uint32_t flow_at(const mobsim *m, const mobsim_turn_flow *t, uint32_t now_s) {
    uint32_t age_s = now_s - t->flow_s;
    return age_s < MOBSIM_FADE_STEPS ? (uint32_t)((uint64_t)t->flow * m->fade[age_s] >> 16) : 0;
}

uint32_t mobsim_junction_open_s(const mobsim *m, const mobsim_link *x, uint32_t turn, uint32_t ready_s,
                                uint32_t now_s) {
    const mobsim_turn *t = &m->turn[x->turn_first + turn];
    uint32_t at_s = ready_s + t->penalty_s;
    uint32_t flow_s = t->next_tick >> MOBSIM_TICK_SHIFT;
    at_s = at_s > flow_s ? at_s : flow_s;
    at_s = at_s > now_s ? at_s : now_s;
    if (t->cycle_s == 0) {
        return at_s;
    }
    uint32_t phase_s = at_s % t->cycle_s;
    if (phase_s < t->green_from_s) {
        return at_s + t->green_from_s - phase_s;
    }
    return phase_s < t->green_from_s + t->green_s ? at_s : at_s + t->cycle_s - phase_s + t->green_from_s;
}

uint32_t mobsim_junction_pass(mobsim *m, const mobsim_link *x, uint32_t turn, uint32_t pcu, uint32_t now_s) {
    mobsim_turn *t = &m->turn[x->turn_first + turn];
    mobsim_turn_flow *own = &m->turn_flow[x->turn_first + turn];
    own->flow = flow_at(m, own, now_s) + pcu * (FLOW_UNIT / MOBSIM_SLOT);
    own->flow_s = now_s;
    if (t->headway_tick > 0) {
        uint32_t now_tick = now_s << MOBSIM_TICK_SHIFT;
        uint32_t from_tick = t->next_tick > now_tick ? t->next_tick : now_tick;
        t->next_tick = from_tick + (uint32_t)((uint64_t)t->headway_tick * pcu / MOBSIM_SLOT);
    }
    if (t->rule == MOBSIM_ENTRY_FREE) {
        return x->headway_tick;
    }
    uint64_t flow = 0;
    const uint32_t *conflict = m->conflict + t->conflict_first;
    for (uint32_t i = 0; i < t->conflict_count; ++i) {
        flow += flow_at(m, &m->turn_flow[conflict[i]], now_s);
    }
    uint64_t step = flow / m->flow_per_step;
    uint32_t entry_tick = m->entry_tick[t->rule][step < MOBSIM_ENTRY_STEPS ? step : MOBSIM_ENTRY_STEPS - 1] / t->lanes;
    return entry_tick > x->headway_tick ? entry_tick : x->headway_tick;
}

bool mobsim_junction_any_penalty(const mobsim *m) {
    bool any = false;
    for (uint32_t i = 0; i < m->turn_count && !any; ++i) {
        any = m->turn[i].penalty_s > 0;
    }
    return any;
}

uint32_t mobsim_junction_penalty_s(const mobsim *m, const mobsim_link *x, uint32_t turn) {
    return m->turn[x->turn_first + turn].penalty_s;
}

uint32_t mobsim_junction_weight_tick(const mobsim *m, const mobsim_link *x, uint32_t turn) {
    uint32_t given = m->turn[x->turn_first + turn].headway_tick;
    return given > 0 ? given : x->headway_tick;
}
