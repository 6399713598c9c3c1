// What the queue model builds before a day: physics of the links, partitions, and the day's routes as turn words.
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/par.h"
#include "mobsim_calendar.h"

static const uint8_t CLASS_ALLOW[VEHICLE_CLASS_COUNT] = {
    [VEHICLE_CAR] = ALLOW_CAR, [VEHICLE_LORRY] = ALLOW_LORRY, [VEHICLE_BUS] = ALLOW_BUS};

#define BUS_PCU 2.0        // params/mobsim.csv pcu.bus
#define CYCLE_PCU 0.25     // params/mobsim.csv pcu.cycle_on_road
#define BUSWAY_VPH 1800.0  // assumption: a link for buses alone that gives no capacity

// ---------------------------------------------------------------------------------------------- network

static err_code check_params(const mobsim_params *p) {
    CHECK(p->wave_speed_kmh > 0 && p->jam_spacing_m > 0 && p->scale > 0 && p->stuck_s > 0, ERR_RANGE,
          "traffic: wave speed (%g km/h), jam spacing (%g m), scale (%g) and stuck time (%u s) must be above 0",
          p->wave_speed_kmh, p->jam_spacing_m, p->scale, p->stuck_s);
    // Not below 1: a link's ring has one place for each car's slot.
    CHECK(p->lorry_pcu >= 1 && p->lorry_pcu <= MOBSIM_LORRY_PCU_MAX, ERR_RANGE,
          "traffic: a lorry of %g passenger-car units is outside 1 to %d", p->lorry_pcu, MOBSIM_LORRY_PCU_MAX);
    CHECK(p->bus_pcu == 0 || (p->bus_pcu >= 1 && p->bus_pcu <= MOBSIM_LORRY_PCU_MAX), ERR_RANGE,
          "traffic: a bus of %g passenger-car units is outside 1 to %d", p->bus_pcu, MOBSIM_LORRY_PCU_MAX);
    CHECK(p->cycle_pcu >= 0 && p->cycle_pcu <= 1, ERR_RANGE,
          "traffic: a cyclist of %g passenger-car units is outside 0 to 1", p->cycle_pcu);
    CHECK(p->end_s > 0 && p->end_s <= MOBSIM_END_MAX_S, ERR_RANGE,
          "traffic: the day ends at %u s, outside 1 to %d s: choose an earlier end of the day", p->end_s,
          MOBSIM_END_MAX_S);
    return ERR_OK;
}

static err_code number_links(mobsim *m, arena *a) {
    const network *n = m->network;
    uint32_t nodes = n->node.count;
    ARENA_NEW(a, m->queue_of, n->link.count);
    ARENA_NEW(a, m->node_in_first, nodes + 1);
    for (uint32_t v = 0; v < nodes; ++v) {
        m->node_in_first[v] = m->link_count;
        for (uint32_t l = n->in_first[v]; l < n->in_first[v + 1]; ++l) {
            bool open = (n->link.allowed[l] & (ALLOW_CAR | ALLOW_LORRY | ALLOW_BUS)) != 0;
            m->queue_of[l] = open ? m->link_count++ : IX_NONE;
        }
        uint32_t in_count = m->link_count - m->node_in_first[v];
        CHECK(in_count <= MOBSIM_IN_LINKS_MAX, ERR_RANGE,
              "node '%s' has %u road links coming in, more than the %d the traffic model can serve: split the node",
              n->node.id[v], in_count, MOBSIM_IN_LINKS_MAX);
    }
    m->node_in_first[nodes] = m->link_count;
    return ERR_OK;
}

static err_code number_turns(mobsim *m, arena *a) {
    const network *n = m->network;
    uint32_t nodes = n->node.count;
    ARENA_NEW(a, m->node_out_first, nodes + 1);
    ARENA_NEW(a, m->out, m->link_count);
    ARENA_NEW(a, m->route_link, n->link.count);
    for (uint32_t l = 0; l < n->link.count; ++l) {
        m->route_link[l] = (mobsim_route_link){
            .from_node = n->link.from_ix[l], .to_node = n->link.to_ix[l], .allowed = n->link.allowed[l]};
    }
    uint32_t count = 0;
    for (uint32_t v = 0; v < nodes; ++v) {
        m->node_out_first[v] = count;
        for (uint32_t o = n->out_first[v]; o < n->out_first[v + 1]; ++o) {
            uint32_t q = m->queue_of[n->out_link[o]];
            if (q != IX_NONE) {
                m->route_link[n->out_link[o]].turn = (uint8_t)(count - m->node_out_first[v]);
                m->out[count++] = q;
            }
        }
        uint32_t out_count = count - m->node_out_first[v];
        CHECK(out_count <= MOBSIM_TURN_ARRIVE, ERR_RANGE,
              "node '%s' has %u road links going out, more than the %d the traffic model can number: split the node",
              n->node.id[v], out_count, MOBSIM_TURN_ARRIVE);
    }
    m->node_out_first[nodes] = count;
    return ERR_OK;
}

static double at_least(double value, double least) {
    return value > least ? value : least;  // NaN becomes least
}

// Room by length, and at least what flow capacity needs: a slot comes back after the vehicle's and the hole's time in
// whole seconds. With times not rounded up, some links lose a tenth of their capacity (property.traffic_exact).
static uint32_t storage_slots(const mobsim_params *p, double length_m, double lanes, double exits_per_s,
                              uint32_t cycle_s) {
    double by_length = floor(length_m * lanes / p->jam_spacing_m * p->scale + 0.5);
    double by_flow = ceil(exits_per_s * cycle_s);
    double slots = at_least(at_least(by_length, by_flow), 1);
    double most = (double)(UINT32_MAX / MOBSIM_SLOT / 2);
    return (uint32_t)(slots < most ? slots : most);
}

static void set_physics(mobsim *m, uint32_t l) {
    uint32_t q = m->queue_of[l];
    const network *n = m->network;
    const mobsim_params *p = &m->params;
    double length_m = at_least((double)n->link.length_m[l], 0);
    double lanes = n->link.lanes[l] > 0 ? (double)n->link.lanes[l] : 1;
    // A road with no capacity given still lets one car an hour pass, so that nobody is caught for ever.
    bool busway = (n->link.allowed[l] & (ALLOW_CAR | ALLOW_LORRY)) == 0 && !(n->link.capacity_vph[l] > 0);
    double given_vph = busway ? BUSWAY_VPH : (double)n->link.capacity_vph[l];
    double capacity_vph = at_least(given_vph * p->scale, 1);
    uint32_t free_ds = traveltime_free_ds(n, l);
    double hole_s = floor(length_m / (p->wave_speed_kmh / 3.6) + 0.5);
    mobsim_link *x = &m->link[q];
    x->link_ix = l;
    x->node_ix = n->link.to_ix[l];
    x->free_s = (uint16_t)(free_ds / 10);
    x->free_rest_ds = (uint8_t)(free_ds % 10);
    x->hole_s = (uint16_t)(hole_s < 1 ? 1 : (hole_s < MOBSIM_HOLE_MAX_S ? hole_s : MOBSIM_HOLE_MAX_S));
    x->headway_tick = (uint32_t)at_least(floor(3600.0 / capacity_vph * (1 << MOBSIM_TICK_SHIFT) + 0.5), 1);
    uint32_t cycle_s = (free_ds + 9) / 10 + x->hole_s;
    uint32_t slots = storage_slots(p, length_m, lanes, capacity_vph / 3600.0, cycle_s);
    x->storage = slots * MOBSIM_SLOT;
    m->hole_slots += slots;
    x->out_first = m->node_out_first[x->node_ix];
    x->in_first = m->node_in_first[x->node_ix];
    x->in_count = (uint8_t)(m->node_in_first[x->node_ix + 1] - x->in_first);
}

// Room for queue links and ghosts; the links' physics stay.
static err_code reserve_copies(mobsim *m, uint32_t copies) {
    if (copies <= m->copy_capacity) {
        return ERR_OK;
    }
    const mobsim_link *before = m->link;
    m->copy_capacity = copies;
    ARENA_NEW(m->arena, m->link, copies);
    ARENA_NEW(m->arena, m->cut, copies - m->link_count);
    ARENA_NEW(m->arena, m->queue, copies);
    ARENA_NEW(m->arena, m->due_s, (size_t)copies * 2);
    ARENA_NEW(m->arena, m->merge_tick, (size_t)copies * 2);
    if (before != NULL) {
        memcpy(m->link, before, m->link_count * sizeof *m->link);
    }
    return ERR_OK;
}

err_code mobsim_build(const network *n, const mobsim_params *p, arena *a, mobsim **out) {
    TRY(check_params(p));
    mobsim *m;
    ARENA_NEW(a, m, 1);
    m->network = n;
    m->arena = a;
    m->params = *p;
    m->hooks = (mobsim_test_hooks){.drop_vehicle = -1};
    m->class_pcu[VEHICLE_CAR] = MOBSIM_SLOT;
    m->class_pcu[VEHICLE_LORRY] = (uint32_t)(p->lorry_pcu * MOBSIM_SLOT + 0.5);
    m->class_pcu[VEHICLE_BUS] = (uint32_t)((p->bus_pcu > 0 ? p->bus_pcu : BUS_PCU) * MOBSIM_SLOT + 0.5);
    m->cycle_pcu = (uint32_t)((p->cycle_pcu > 0 ? p->cycle_pcu : CYCLE_PCU) * MOBSIM_SLOT + 0.5);
    TRY(number_links(m, a));
    TRY(number_turns(m, a));
    TRY(reserve_copies(m, m->link_count + m->link_count / MOBSIM_CUT_SHARE + 1));
    ARENA_NEW(a, m->link_key, m->link_count);
    for (uint32_t l = 0; l < n->link.count; ++l) {
        if (m->queue_of[l] != IX_NONE) {
            set_physics(m, l);
            m->link_key[m->queue_of[l]] = hash_text(n->link.id[l]);
        }
    }
    CHECK(m->hole_slots <= UINT32_MAX, ERR_RANGE,
          "the road links have room for more than 4000 million vehicles: check lengths and lanes");
    ARENA_NEW(a, m->hole, m->hole_slots);
    ARENA_NEW(a, m->node_partition, n->node.count);
    ARENA_NEW(a, m->node_waiting, n->node.count);
    ARENA_NEW(a, m->node_merge_tick, n->node.count);
    TRY(mobsim_junction_build(m));
    *out = m;
    return mobsim_layout(m);
}

void mobsim_set_test_hooks(mobsim *m, mobsim_test_hooks hooks) {
    ASSERT(hooks.partitions <= PAR_TEAM_MEMBERS_MAX);
    m->hooks = hooks;
}

// ------------------------------------------------------------------------------------------- partitions

static uint32_t wanted_partitions(const mobsim *m) {
    uint32_t count = m->hooks.partitions;
    if (count == 0) {
        uint32_t threads = (uint32_t)par_thread_count();
        uint32_t useful = 1 + m->link_count / MOBSIM_PARTITION_LINKS;
        count = threads < useful ? threads : useful;
    }
    count = count < PAR_TEAM_MEMBERS_MAX ? count : PAR_TEAM_MEMBERS_MAX;
    uint32_t nodes = m->network->node.count > 0 ? m->network->node.count : 1;
    return count < nodes ? count : nodes;
}

// Ranges of nodes with about the same number of links each.
static err_code cut_nodes(mobsim *m) {
    uint32_t nodes = m->network->node.count;
    ARENA_NEW(m->arena, m->partition, m->partition_count);
    uint32_t v = 0;
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        mobsim_partition *p = &m->partition[k];
        p->m = m;
        p->ix = k;
        p->node_first = v;
        uint64_t goal = (uint64_t)m->link_count * (k + 1) / m->partition_count;
        bool last = k + 1 == m->partition_count;
        while (v < nodes && (last || m->node_in_first[v + 1] <= goal)) {
            m->node_partition[v++] = k;
        }
        p->node_end = v;
        p->link_first = m->node_in_first[p->node_first];
        p->link_end = m->node_in_first[p->node_end];
    }
    return ERR_OK;
}

// A cut link's exit end keeps its physics; its entry end moves to a ghost.
static void make_ghost(mobsim *m, uint32_t q, uint32_t ghost) {
    mobsim_link *x = &m->link[q];
    uint32_t from = m->network->link.from_ix[x->link_ix];
    m->cut[ghost - m->link_count] = (mobsim_cut){
        .exit_ix = q, .exit_partition = m->node_partition[x->node_ix], .entry_partition = m->node_partition[from]};
    m->link[ghost] = *x;
    m->link[ghost].flags = MOBSIM_GHOST;
    x->hole_first = ghost;
    x->flags |= MOBSIM_CUT;
    uint32_t notice_s = x->free_s < x->hole_s ? x->free_s : x->hole_s;
    m->window_s = notice_s < m->window_s ? notice_s : m->window_s;
}

static bool is_cut(const mobsim *m, uint32_t q) {
    const mobsim_link *x = &m->link[q];
    return m->node_partition[m->network->link.from_ix[x->link_ix]] != m->node_partition[x->node_ix];
}

// Undoes the cuts of the layout before.
static void join_links(mobsim *m) {
    for (uint32_t o = 0; o < m->link_count; ++o) {
        m->out[o] = m->out[o] < m->link_count ? m->out[o] : m->cut[m->out[o] - m->link_count].exit_ix;
    }
    uint32_t slots = 0;
    for (uint32_t q = 0; q < m->link_count; ++q) {
        m->link[q].flags &= (uint8_t)~MOBSIM_CUT;
        m->link[q].hole_first = slots;
        slots += m->link[q].storage / MOBSIM_SLOT;
    }
}

// Ghosts are numbered by from-node, so each partition's lie side by side.
static err_code cut_links(mobsim *m) {
    uint32_t cuts = 0;
    for (uint32_t q = 0; q < m->link_count; ++q) {
        cuts += is_cut(m, q);
    }
    TRY(reserve_copies(m, m->link_count + cuts));
    m->window_s = m->params.end_s;
    uint32_t copy = m->link_count;
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        mobsim_partition *p = &m->partition[k];
        p->ghost_first = copy;
        for (uint32_t o = m->node_out_first[p->node_first]; o < m->node_out_first[p->node_end]; ++o) {
            uint32_t q = m->out[o];
            if (is_cut(m, q)) {
                make_ghost(m, q, copy);
                m->out[o] = copy++;
            }
        }
        p->ghost_end = copy;
    }
    m->copy_count = copy;
    return ERR_OK;
}

static err_code alloc_calendar(mobsim *m, mobsim_partition *p) {
    uint32_t entries = m->node_out_first[p->node_end] - m->node_out_first[p->node_first];
    p->calendar.chunk_count = mobsim_calendar_chunks(p->link_end - p->link_first + entries);
    ARENA_NEW(m->arena, p->calendar.entry, (size_t)p->calendar.chunk_count * MOBSIM_CHUNK);
    return ERR_OK;
}

// A link's room bounds what can cross its cut in a window: vehicles that enter find a slot, vehicles that leave were
// on it when the window began.
static err_code alloc_boxes(mobsim *m) {
    uint32_t count = m->partition_count;
    size_t *vehicles;  // [from][to]
    size_t *holes;
    ARENA_NEW(m->arena, vehicles, (size_t)count * count);
    ARENA_NEW(m->arena, holes, (size_t)count * count);
    for (uint32_t k = 0; k < m->copy_count - m->link_count; ++k) {
        const mobsim_cut *cut = &m->cut[k];
        size_t slots = m->link[cut->exit_ix].storage / MOBSIM_SLOT;
        vehicles[(size_t)cut->entry_partition * count + cut->exit_partition] += slots;
        holes[(size_t)cut->exit_partition * count + cut->entry_partition] += slots;
    }
    for (uint32_t from = 0; from < count; ++from) {
        mobsim_partition *p = &m->partition[from];
        for (uint32_t parity = 0; parity < 2; ++parity) {
            ARENA_NEW(m->arena, p->box[parity], count);
            for (uint32_t to = 0; to < count; ++to) {
                ARENA_NEW(m->arena, p->box[parity][to].vehicle, vehicles[(size_t)from * count + to]);
                ARENA_NEW(m->arena, p->box[parity][to].hole, holes[(size_t)from * count + to]);
            }
        }
    }
    return ERR_OK;
}

err_code mobsim_layout(mobsim *m) {
    uint32_t wanted = wanted_partitions(m);
    if (wanted == m->partition_count) {
        return ERR_OK;
    }
    m->partition_count = wanted;
    m->leg_capacity = m->bus_capacity = 0;  // the day's tables depend on the number of partitions
    join_links(m);
    TRY(cut_nodes(m));
    TRY(cut_links(m));
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        TRY(alloc_calendar(m, &m->partition[k]));
    }
    return alloc_boxes(m);
}

// ----------------------------------------------------------------------------------------------- demand

typedef enum leg_fault { LEG_OK = 0, LEG_CLASS, LEG_LINK, LEG_CLOSED, LEG_GAP, LEG_TURN, LEG_STOP } leg_fault;

typedef struct turn_writer {
    uint64_t *word;  // NULL: only checks
    uint64_t packed;
    uint32_t shift;
} turn_writer;

static inline void write_word(turn_writer *w) {
    if (w->word != NULL) {
        *w->word++ = w->packed;
    }
    w->packed = 0;
    w->shift = 0;
}

static inline void write_turn(turn_writer *w, uint32_t turn) {
    w->packed |= (uint64_t)turn << w->shift;
    w->shift += MOBSIM_TURN_BITS;
    if (w->shift == 64) {
        write_word(w);
    }
}

static inline void write_arrival(turn_writer *w) {
    write_turn(w, MOBSIM_TURN_ARRIVE);
    if (w->shift > 0) {
        write_word(w);
    }
}

// The next stop after `links` links, IX_NONE = none: where a bus leaves the road. *stop moves past those before.
static uint32_t stop_after(const mobsim_demand *d, uint32_t leg, uint32_t *stop, uint32_t links) {
    while (*stop < mobsim_stop_count(d, leg)) {
        uint32_t at = d->stop_links[d->stop_first[leg] + *stop];
        if (at > links) {
            return at;
        }
        ++*stop;
    }
    return IX_NONE;
}

static bool stops_fit(const mobsim_demand *d, uint32_t leg, uint32_t links) {
    uint32_t count = mobsim_stop_count(d, leg);
    const uint32_t *at = count > 0 ? d->stop_links + d->stop_first[leg] : NULL;
    for (uint32_t k = 0; k < count; ++k) {
        if (at[k] > links || (k > 0 && at[k] < at[k - 1])) {
            return false;
        }
    }
    return count == 0 || (links > 0 && count < UINT16_MAX && d->vehicle[leg] == VEHICLE_BUS);
}

// Checks a leg's route and packs its turns into word (NULL: only checks); each part between stops starts a word. On a
// fault, *position says where.
static leg_fault pack_leg(const mobsim *m, const mobsim_demand *d, uint32_t leg, uint64_t *word, uint32_t *position) {
    *position = 0;
    if (d->vehicle[leg] >= VEHICLE_CLASS_COUNT) {
        return LEG_CLASS;
    }
    uint8_t allow = CLASS_ALLOW[d->vehicle[leg]];
    const uint32_t *route = d->route_link + d->route_first[leg];
    uint32_t links = d->route_first[leg + 1] - d->route_first[leg];
    if (!stops_fit(d, leg, links)) {
        return LEG_STOP;
    }
    uint32_t stop = 0;
    uint32_t part_end = stop_after(d, leg, &stop, 0);
    const mobsim_route_link *before = NULL;
    turn_writer w = {.word = word};
    for (uint32_t i = 0; i < links; ++i) {
        *position = i;
        if (route[i] >= m->network->link.count) {
            return LEG_LINK;
        }
        const mobsim_route_link *x = &m->route_link[route[i]];
        if ((x->allowed & allow) == 0) {
            return LEG_CLOSED;
        }
        if (i > 0) {
            if (x->from_node != before->to_node) {
                return LEG_GAP;
            }
            if (before->forbidden >> x->turn & 1) {
                return LEG_TURN;
            }
            if (i == part_end) {
                write_arrival(&w);
                part_end = stop_after(d, leg, &stop, i);
            } else {
                write_turn(&w, x->turn);
            }
        }
        before = x;
    }
    if (links > 0) {
        write_arrival(&w);
    }
    return LEG_OK;
}

// pack_leg for a route without stops, without a branch a link; false where something is wrong, which pack_leg names.
static bool pack_plain(const mobsim *m, const mobsim_demand *d, uint32_t leg, uint64_t *word) {
    uint32_t links = d->route_first[leg + 1] - d->route_first[leg];
    if (links == 0 || d->vehicle[leg] >= VEHICLE_CLASS_COUNT || mobsim_stop_count(d, leg) > 0) {
        return false;
    }
    const uint32_t *route = d->route_link + d->route_first[leg];
    uint32_t count = m->network->link.count, allow = CLASS_ALLOW[d->vehicle[leg]];
    uint32_t wrong = route[0] >= count;
    const mobsim_route_link *before = &m->route_link[wrong ? 0 : route[0]];
    wrong |= (before->allowed & allow) == 0;
    uint64_t packed = 0;
    for (uint32_t i = 1; i < links; ++i) {
        uint32_t unknown = route[i] >= count;
        const mobsim_route_link *x = &m->route_link[unknown ? 0 : route[i]];
        wrong |= unknown | (x->from_node ^ before->to_node);
        wrong |= (uint32_t)((x->allowed & allow) == 0) | (before->forbidden >> x->turn & 1U);
        packed |= (uint64_t)x->turn << (i - 1) % MOBSIM_TURNS_PER_WORD * MOBSIM_TURN_BITS;
        if (i % MOBSIM_TURNS_PER_WORD == 0) {
            *word++ = packed;
            packed = 0;
        }
        before = x;
    }
    *word = packed | (uint64_t)MOBSIM_TURN_ARRIVE << (links - 1) % MOBSIM_TURNS_PER_WORD * MOBSIM_TURN_BITS;
    return wrong == 0;
}

static err_code raise_leg(const mobsim *m, const mobsim_demand *d, uint32_t leg) {
    const network *n = m->network;
    uint32_t position;
    leg_fault fault = pack_leg(m, d, leg, NULL, &position);
    const uint32_t *route = d->route_link + d->route_first[leg];
    switch (fault) {
        case LEG_CLASS:
            return err_raise(ERR_REFERENCE, "leg %u: vehicle class %u does not exist", leg, d->vehicle[leg]);
        case LEG_LINK:
            return err_raise(ERR_REFERENCE, "leg %u: link number %u of its route, index %u, is not in the network", leg,
                             position + 1, route[position]);
        case LEG_CLOSED:
            return err_raise(ERR_REFERENCE,
                             "leg %u: link '%s' (number %u of its route) is closed to this vehicle: find a new route",
                             leg, n->link.id[route[position]], position + 1);
        case LEG_GAP: {
            uint32_t before = route[position - 1];
            uint32_t after = route[position];
            return err_raise(ERR_REFERENCE,
                             "leg %u: link '%s' ends at node '%s', but the next link of its route, '%s', starts at "
                             "node '%s': consecutive links must connect",
                             leg, n->link.id[before], n->node.id[n->link.to_ix[before]], n->link.id[after],
                             n->node.id[n->link.from_ix[after]]);
        }
        case LEG_TURN:
            return err_raise(
                ERR_REFERENCE,
                "leg %u: the turn from link '%s' to link '%s' (number %u of its route) is forbidden: find a "
                "new route",
                leg, n->link.id[route[position - 1]], n->link.id[route[position]], position + 1);
        case LEG_STOP:
            return err_raise(ERR_REFERENCE,
                             "leg %u: its stops must follow its route of %u links in order, and only buses have stops",
                             leg, d->route_first[leg + 1] - d->route_first[leg]);
        case LEG_OK:
            break;
    }
    return ERR_OK;
}

static err_code reserve_legs(mobsim *m, uint32_t legs) {
    if (legs < m->leg_capacity) {
        return ERR_OK;
    }
    uint32_t room = legs + legs / 4 + 1;
    ARENA_NEW(m->arena, m->departure_key, room);
    ARENA_NEW(m->arena, m->order, room);
    ARENA_NEW(m->arena, m->word_first, room);
    ARENA_NEW(m->arena, m->leg_partition, room);
    ARENA_NEW(m->arena, m->place, room);
    ARENA_NEW(m->arena, m->leg_need, room);
    ARENA_NEW(m->arena, m->leg_status, room);
    ARENA_NEW(m->arena, m->departure, room);
    ARENA_NEW(m->arena, m->vehicle, room);
    ARENA_NEW(m->arena, m->partition_first, m->partition_count + 2);
    m->leg_capacity = room;
    return ERR_OK;
}

static err_code reserve_words(mobsim *m, uint32_t words) {
    if (words <= m->word_capacity) {
        return ERR_OK;
    }
    size_t room = (size_t)words + words / 4;
    ARENA_NEW(m->arena, m->turns, room);
    m->word_capacity = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
    return ERR_OK;
}

static bool leg_drives(const mobsim *m, const mobsim_demand *d, uint32_t leg) {
    return d->departure_s[leg] < m->params.end_s && d->route_first[leg + 1] > d->route_first[leg];
}

static uint32_t words_of(uint32_t links) {
    return (links + MOBSIM_TURNS_PER_WORD - 1) / MOBSIM_TURNS_PER_WORD;
}

// Stops that do not fit are found later: here they only must not ask for too many words.
static uint32_t leg_words(const mobsim_demand *d, uint32_t leg) {
    uint32_t links = d->route_first[leg + 1] - d->route_first[leg];
    if (mobsim_stop_count(d, leg) == 0 || !stops_fit(d, leg, links)) {
        return words_of(links);
    }
    uint32_t words = 0, at = 0, stop = 0;
    for (uint32_t next = stop_after(d, leg, &stop, 0); next < links; next = stop_after(d, leg, &stop, next)) {
        words += words_of(next - at);
        at = next;
    }
    return words + words_of(links - at);
}

// The partition where a leg starts; one too many for legs that need no driving. Routes are not checked yet.
static uint32_t start_partition(const mobsim *m, const mobsim_demand *d, uint32_t leg) {
    if (!leg_drives(m, d, leg)) {
        return m->partition_count;
    }
    uint32_t link = d->route_link[d->route_first[leg]];
    return link < m->network->link.count ? m->node_partition[m->route_link[link].from_node] : 0;
}

// Routes lie in order of departure: those on the road at a time lie near each other.
static err_code order_legs(mobsim *m, const mobsim_demand *d) {
    uint32_t *start = m->place;  // [leg] for the while: its partition
    uint32_t *need = m->leg_need;
#pragma omp parallel for schedule(runtime)
    for (uint32_t leg = 0; leg < d->leg_count; ++leg) {
        m->departure_key[leg] = d->departure_s[leg];
        m->order[leg] = leg;
        start[leg] = start_partition(m, d, leg);
        need[leg] = start[leg] < m->partition_count ? leg_words(d, leg) : 0;
    }
    TRY(par_sort_u64(m->departure_key, d->leg_count, m->order));
    uint64_t words = 0;
    for (uint32_t i = 0; i < d->leg_count; ++i) {
        uint32_t leg = m->order[i];
        m->word_first[i] = (uint32_t)words;
        m->leg_partition[i] = start[leg];
        words += need[leg];
    }
    CHECK(words < UINT32_MAX, ERR_RANGE, "%u legs have more links than the traffic model can hold", d->leg_count);
    TRY(reserve_words(m, (uint32_t)words));
    return par_group_u32(m->leg_partition, d->leg_count, m->partition_count + 1, m->partition_first, m->place);
}

// Legs come in order of departure, so their routes lie here and there: fetches those of legs that are soon to come.
FETCHES fetch_route(const mobsim *m, const mobsim_demand *d, uint32_t k) {
    enum { SOON = 8 };
    if (k + 2 * SOON < d->leg_count) {
        uint32_t leg = m->order[m->place[k + 2 * SOON]];
        PREFETCH(&d->route_first[leg]);
        PREFETCH(&d->vehicle[leg]);
        PREFETCH(&d->departure_s[leg]);
        const uint32_t *route = d->route_link + d->route_first[m->order[m->place[k + SOON]]];
        PREFETCH(route);
        PREFETCH(route + MOBSIM_TURNS_PER_WORD);
    }
}

static void pack_departure(mobsim *m, const mobsim_demand *d, uint32_t k) {
    bool drives = k < m->partition_first[m->partition_count];
    uint32_t i = m->place[k];
    uint32_t leg = m->order[i];
    uint32_t position;
    uint64_t *word = drives ? m->turns + m->word_first[i] : NULL;
    leg_fault fault = drives && pack_plain(m, d, leg, word) ? LEG_OK : pack_leg(m, d, leg, word, &position);
    m->leg_status[leg] = (uint8_t)fault;
    if (drives && fault == LEG_OK) {
        uint32_t first = d->route_link[d->route_first[leg]];
        if (m->entry_s != NULL) {
            m->entry_base[leg] = d->route_first[leg] - m->word_first[i] * MOBSIM_TURNS_PER_WORD;
        }
        m->departure[k] = (mobsim_departure){.time_s = d->departure_s[leg],
                                             .entry_ix = mobsim_entry_of(m, first),
                                             .word = m->word_first[i],
                                             .leg_class = leg << MOBSIM_CLASS_BITS | d->vehicle[leg]};
    }
}

static err_code pack_departures(mobsim *m, const mobsim_demand *d) {
#pragma omp parallel for schedule(runtime)
    for (uint32_t k = 0; k < d->leg_count; ++k) {
        fetch_route(m, d, k);
        pack_departure(m, d, k);
    }
    uint32_t bad = par_first_failure(m->leg_status, d->leg_count);
    return bad == IX_NONE ? ERR_OK : raise_leg(m, d, bad);
}

static void find_dropped(mobsim *m) {
    m->drop_leg = IX_NONE;
    int64_t left = m->hooks.drop_vehicle;
    for (uint32_t i = 0; left >= 0 && i < m->partition_first[m->partition_count + 1]; ++i) {
        if (m->leg_partition[i] < m->partition_count && left-- == 0) {
            m->drop_leg = m->order[i];
        }
    }
}

void mobsim_set_recorder(mobsim *m, uint32_t *entry_s) {
    m->entry_s = entry_s;
}

static err_code prepare_recorder(mobsim *m, const mobsim_demand *d) {
    if (m->entry_s == NULL) {
        return ERR_OK;
    }
    if (d->leg_count > m->entry_base_capacity) {
        ARENA_NEW(m->arena, m->entry_base, d->leg_count);
        m->entry_base_capacity = d->leg_count;
    }
    memset(m->entry_s, 0xff, d->route_first[d->leg_count] * sizeof *m->entry_s);  // IX_NONE
    return ERR_OK;
}

err_code mobsim_prepare(mobsim *m, const mobsim_demand *d, mobsim_result *r) {
    CHECK(d->leg_count < UINT32_MAX >> MOBSIM_CLASS_BITS, ERR_RANGE,
          "%u legs are more than the traffic model can number", d->leg_count);
    TRY(reserve_legs(m, d->leg_count));
    TRY(order_legs(m, d));
    TRY(prepare_recorder(m, d));
    TRY(pack_departures(m, d));
    find_dropped(m);
    TRY(mobsim_bus_prepare(m, d, r));
    TRY(mobsim_cycle_prepare(m, d));
    for (uint32_t leg = 0; leg < d->leg_count; ++leg) {
        bool at_once = d->route_first[leg + 1] == d->route_first[leg] && d->departure_s[leg] < m->params.end_s;
        r->arrival_s[leg] = at_once ? d->departure_s[leg] : IX_NONE;
    }
    return ERR_OK;
}

// ------------------------------------------------------------------------------------------------ reset

static void reset_copies(mobsim *m, uint32_t first, uint32_t end) {
    for (uint32_t c = first; c < end; ++c) {
        mobsim_link *x = &m->link[c];
        x->head = IX_NONE;
        x->tail = 0;
        x->next_exit_tick = 0;
        x->occupied = x->hole_pos = x->hole_count = 0;
        x->flags &= MOBSIM_GHOST | MOBSIM_CUT | MOBSIM_CONTROLLED;
        m->queue[c] = (mobsim_entry_queue){IX_NONE, IX_NONE};
        m->due_s[c] = m->due_s[m->copy_count + c] = MOBSIM_NEVER;
        m->merge_tick[c] = m->merge_tick[m->copy_count + c] = 0;
    }
}

void mobsim_reset_partition(mobsim *m, mobsim_partition *p) {
    reset_copies(m, p->link_first, p->link_end);
    reset_copies(m, p->ghost_first, p->ghost_end);
    mobsim_junction_reset(m, p);
    uint32_t nodes = p->node_end - p->node_first;
    memset(m->node_waiting + p->node_first, 0, nodes * sizeof *m->node_waiting);
    memset(m->node_merge_tick + p->node_first, 0, nodes * sizeof *m->node_merge_tick);
    mobsim_calendar_reset(&p->calendar);
    p->parity = 0;
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        p->box[0][k].vehicle_count = p->box[0][k].hole_count = 0;
        p->box[1][k].vehicle_count = p->box[1][k].hole_count = 0;
    }
    uint32_t first = m->partition_first[p->ix];
    p->departure = m->departure + first;
    p->departure_count = m->partition_first[p->ix + 1] - first;
    p->departure_pos = 0;
    p->dwell_count = 0;
    p->cyclist_pos = 0;
    // As many records as vehicles will ever start here; used ones come back last-in first-out.
    p->free_vehicle = IX_NONE;
    p->fresh_vehicle = first;
    p->fresh_end = first + p->departure_count;
    p->counters = (mobsim_counters){.unbalanced_s = IX_NONE};
    memset(p->used, 0, sizeof p->used);
}
