// The day of the queue model. One call of run_second a second and partition; inside it, links that are due are served
// in no particular order, because nodes of one second do not see each other's work (see mobsim.h).
#include "model/mobsim.h"

#include "base/log.h"
#include "base/rng.h"
#include "mobsim_calendar.h"

enum { CLASS_MASK = (1 << MOBSIM_CLASS_BITS) - 1, HOLE_MASK = (1 << MOBSIM_HOLE_BITS) - 1 };

// --------------------------------------------------------------------------------------------- calendar

// Wakes an item at at_s, or earlier if it already is to wake earlier: a visit too early changes nothing.
static inline void schedule(mobsim_partition *p, uint32_t item, uint32_t at_s, uint32_t now_s) {
    if (UNLIKELY(at_s - now_s >= MOBSIM_BUCKETS)) {
        at_s = now_s + MOBSIM_BUCKETS - 1;
    }
    uint32_t *due_s = &p->m->due_s[item];
    if (*due_s > at_s) {
        *due_s = at_s;
        mobsim_calendar_push(&p->calendar, p->m->due_s, at_s % MOBSIM_BUCKETS, item);
    }
}

static inline uint32_t entry_item(const mobsim *m, uint32_t entry_ix) {
    return m->copy_count + entry_ix;
}

// ------------------------------------------------------------------------------------------ vehicle pool

static inline uint32_t vehicle_take(mobsim_partition *p) {
    ++p->counters.present;
    uint32_t v = p->free_vehicle;
    if (v != IX_NONE) {
        p->free_vehicle = p->m->vehicle[v].next;
        return v;
    }
    ASSERT(p->fresh_vehicle < p->fresh_end);
    return p->fresh_vehicle++;
}

static inline void vehicle_give_back(mobsim_partition *p, uint32_t v) {
    --p->counters.present;
    p->m->vehicle[v].next = p->free_vehicle;
    p->free_vehicle = v;
}

static inline void list_append(mobsim_vehicle *vehicle, uint32_t *head, uint32_t *tail, uint32_t v) {
    vehicle[v].next = IX_NONE;
    if (*head == IX_NONE) {
        *head = v;
    } else {
        vehicle[*tail].next = v;
    }
    *tail = v;
}

// -------------------------------------------------------------------------------- entry end of a link

// Seconds since the oldest hole started; holes are younger than the time after which their seconds repeat.
static inline uint32_t hole_age_s(const mobsim *m, const mobsim_link *x, uint32_t now_s) {
    return (now_s - (m->hole[x->hole_first + x->hole_pos] >> MOBSIM_CLASS_BITS)) & HOLE_MASK;
}

// Takes in the holes that have reached the entry by now_s.
static void holes_arrive(const mobsim *m, mobsim_link *x, uint32_t now_s) {
    uint32_t slots = x->storage / MOBSIM_SLOT;
    while (x->hole_count > 0 && hole_age_s(m, x, now_s) >= x->hole_s) {
        x->occupied -= m->class_pcu[m->hole[x->hole_first + x->hole_pos] & CLASS_MASK];
        x->hole_pos = x->hole_pos + 1 == slots ? 0 : x->hole_pos + 1;
        --x->hole_count;
    }
}

// 0 when a vehicle may enter now; otherwise the next second at which that may change: MOBSIM_NEVER if no hole is on
// its way, in which case the next vehicle to leave will wake all who may wait.
static inline uint32_t entry_retry_s(const mobsim *m, mobsim_link *x, uint32_t now_s) {
    if (LIKELY(x->occupied + MOBSIM_SLOT <= x->storage)) {
        return 0;
    }
    holes_arrive(m, x, now_s);
    if (x->occupied + MOBSIM_SLOT <= x->storage) {
        return 0;
    }
    if (x->hole_count > 0) {
        return now_s - hole_age_s(m, x, now_s) + x->hole_s;
    }
    x->flags |= MOBSIM_WANT_HOLE;
    return MOBSIM_NEVER;
}

static inline void hole_push(const mobsim *m, mobsim_link *x, uint32_t hole) {
    uint32_t slots = x->storage / MOBSIM_SLOT;
    uint32_t at = x->hole_pos + x->hole_count;
    m->hole[x->hole_first + (at < slots ? at : at - slots)] = (uint16_t)hole;
    ++x->hole_count;
}

static inline uint32_t from_node(const mobsim *m, uint32_t copy) {
    return m->network->link.from_ix[m->link[copy].link_ix];
}

// Wakes everybody who may wait for a slot of this link.
static void wake_waiting(mobsim_partition *p, uint32_t entry_ix, uint32_t at_s, uint32_t now_s) {
    const mobsim *m = p->m;
    uint32_t node = from_node(m, entry_ix);
    m->link[entry_ix].flags &= (uint8_t)~MOBSIM_WANT_HOLE;
    for (uint32_t q = m->node_in_first[node]; q < m->node_in_first[node + 1]; ++q) {
        schedule(p, q, at_s, now_s);
    }
    if (m->link[entry_ix].flags & (MOBSIM_FORCED | MOBSIM_WAITING)) {
        schedule(p, entry_item(m, entry_ix), at_s, now_s);
    }
}

static void send_vehicle(mobsim_partition *p, uint32_t entry_ix, uint32_t v) {
    const mobsim *m = p->m;
    const mobsim_cut *cut = &m->cut[entry_ix - m->link_count];
    mobsim_box *box = &p->box[p->parity][cut->exit_partition];
    box->vehicle[box->vehicle_count++] = (mobsim_vehicle_message){.vehicle = v, .link = cut->exit_ix};
    ++p->counters.sent;
    --p->counters.present;
}

// For the recorder; turns taken so far = position in the route.
static inline void record_entry(const mobsim *m, const mobsim_vehicle *v, uint32_t now_s) {
    if (UNLIKELY(m->entry_s != NULL)) {
        m->entry_s[m->entry_base[v->leg] + v->word * MOBSIM_TURNS_PER_WORD - v->turns_left] = now_s;
    }
}

// When the vehicle will be at the link's end; fractions of a second are carried on.
static inline void take_road(const mobsim_partition *p, const mobsim_link *x, mobsim_vehicle *v, uint32_t class_ix,
                             uint32_t now_s) {
    uint32_t rest_ds = ((uint32_t)v->carry_class >> MOBSIM_CLASS_BITS) + x->free_rest_ds;
    uint32_t over = rest_ds >= 10;
    v->carry_class = (uint16_t)((rest_ds - 10 * over) << MOBSIM_CLASS_BITS | class_ix);
    v->ready_s = now_s + x->free_s + over;
    v->entry_bin = p->entry_bin;
}

// x and v are the records of link_ix and v_ix.
static inline void join_queue(mobsim_partition *p, mobsim_link *x, uint32_t link_ix, mobsim_vehicle *v, uint32_t v_ix,
                              uint32_t now_s) {
    v->next = IX_NONE;
    if (x->head == IX_NONE) {
        x->head = v_ix;
        schedule(p, link_ix, v->ready_s, now_s);
    } else {
        p->m->vehicle[x->tail].next = v_ix;
    }
    x->tail = v_ix;
}

static inline void vehicle_enter(mobsim_partition *p, uint32_t entry_ix, uint32_t v_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    mobsim_link *x = &m->link[entry_ix];
    mobsim_vehicle *v = &m->vehicle[v_ix];
    record_entry(m, v, now_s);
    uint32_t class_ix = mobsim_class(v);
    take_road(p, x, v, class_ix, now_s);
    x->occupied += m->class_pcu[class_ix];
    if (UNLIKELY(x->flags & MOBSIM_GHOST)) {
        send_vehicle(p, entry_ix, v_ix);
        return;
    }
    join_queue(p, x, entry_ix, v, v_ix, now_s);
}

// --------------------------------------------------------------------------- vehicles outside an entry

static bool queue_is_empty(const mobsim_entry_queue *q) {
    return q->forced_tail == IX_NONE && q->waiting_tail == IX_NONE;
}

static void ring_append(mobsim_vehicle *vehicle, uint32_t *tail, uint32_t v) {
    if (*tail == IX_NONE) {
        vehicle[v].next = v;
    } else {
        vehicle[v].next = vehicle[*tail].next;
        vehicle[*tail].next = v;
    }
    *tail = v;
}

static void entry_queue_append(mobsim_partition *p, uint32_t entry_ix, uint32_t v, uint8_t flag) {
    const mobsim *m = p->m;
    mobsim_entry_queue *q = &m->queue[entry_ix];
    if (queue_is_empty(q)) {
        ++m->node_waiting[from_node(m, entry_ix)];
    }
    ring_append(m->vehicle, flag == MOBSIM_FORCED ? &q->forced_tail : &q->waiting_tail, v);
    m->link[entry_ix].flags |= flag;
}

// No room is left for one more. Exact whoever looked before: all holes that have come are taken in first.
static inline bool is_full(const mobsim *m, mobsim_link *x, uint32_t now_s) {
    if (LIKELY(x->occupied + MOBSIM_SLOT <= x->storage)) {
        return false;
    }
    holes_arrive(m, x, now_s);
    return x->occupied + MOBSIM_SLOT > x->storage;
}

// The item waited for room or took the last of it: it is charged the headway that stands for its priority, from where
// the node's last one started, so that nobody saves up while not waiting (start-time fair queueing gives Daganzo's
// shares).
static inline void merge_charge(const mobsim *m, uint32_t item, uint32_t node, uint32_t weight_tick) {
    uint32_t *own = &m->merge_tick[item];
    uint32_t *last = &m->node_merge_tick[node];
    uint32_t start = (int32_t)(*own - *last) > 0 ? *own : *last;
    *last = start;
    *own = start + weight_tick;
}

static inline uint32_t ticks_of(uint32_t headway_tick, uint32_t pcu) {
    return (uint32_t)((uint64_t)headway_tick * pcu / MOBSIM_SLOT);
}

// Lets vehicles of one of the two lists in while there is room.
static void entry_queue_serve(mobsim_partition *p, uint32_t entry_ix, uint8_t flag, uint32_t now_s) {
    const mobsim *m = p->m;
    mobsim_entry_queue *q = &m->queue[entry_ix];
    mobsim_link *x = &m->link[entry_ix];
    uint32_t *tail = flag == MOBSIM_FORCED ? &q->forced_tail : &q->waiting_tail;
    if (*tail == IX_NONE) {
        return;
    }
    while (*tail != IX_NONE) {
        uint32_t retry_s = entry_retry_s(m, x, now_s);
        if (retry_s != 0) {
            if (retry_s != MOBSIM_NEVER) {
                schedule(p, entry_item(m, entry_ix), retry_s, now_s);
            }
            return;
        }
        uint32_t v = m->vehicle[*tail].next;
        if (v == *tail) {
            *tail = IX_NONE;
        } else {
            m->vehicle[*tail].next = m->vehicle[v].next;
        }
        bool waited = now_s > m->vehicle[v].ready_s;
        uint32_t pcu = m->class_pcu[mobsim_class(&m->vehicle[v])];
        vehicle_enter(p, entry_ix, v, now_s);
        if (flag == MOBSIM_WAITING && (is_full(m, x, now_s) || waited)) {
            merge_charge(m, entry_item(m, entry_ix), from_node(m, entry_ix), ticks_of(x->headway_tick, pcu));
        }
    }
    x->flags &= (uint8_t)~flag;
    if (queue_is_empty(q)) {
        --m->node_waiting[from_node(m, entry_ix)];
    }
}

// ---------------------------------------------------------------------------------- exit end of a link

static inline void turn_next(const mobsim *m, mobsim_vehicle *v) {
    v->turns >>= MOBSIM_TURN_BITS;
    --v->turns_left;
    if (UNLIKELY(v->turns_left == 0)) {
        v->turns = m->turns[v->word++];
        v->turns_left = MOBSIM_TURNS_PER_WORD;
    }
}

static void send_hole(mobsim_partition *p, uint32_t link_ix, uint32_t hole) {
    const mobsim *m = p->m;
    uint32_t ghost = m->link[link_ix].hole_first;
    mobsim_box *box = &p->box[p->parity][m->cut[ghost - m->link_count].entry_partition];
    box->hole[box->hole_count++] = (mobsim_hole_message){.ghost = ghost, .hole = hole};
}

static inline traveltime_seen *seen_cell(const mobsim *m, const mobsim_link *x, const mobsim_vehicle *v) {
    return &m->seen[(size_t)(v->entry_bin / 4U) * m->seen_links + x->link_ix];
}

static inline void add_seen(const mobsim *m, const mobsim_link *x, const mobsim_vehicle *v, uint32_t delay_s) {
    traveltime_seen *cell = seen_cell(m, x, v);
    cell->time_sum_ds += (x->free_s + delay_s) * 10 + x->free_rest_ds;
    ++cell->left[v->entry_bin % 4U];
}

static inline void count_left(const mobsim *m, const mobsim_link *x, const mobsim_vehicle *v, uint32_t delay_s) {
    add_seen(m, x, v, delay_s);
    if (UNLIKELY(mobsim_class(v) != VEHICLE_CAR)) {
        size_t row = (size_t)(mobsim_class(v) - 1) * RESULT_BINS + mobsim_result_bin(v);
        ++m->result->other_left[row * m->seen_links + x->link_ix];
    }
}

// Takes the head vehicle off its link: statistics by entry bin, and a hole that starts its way back.
static inline void head_leave(mobsim_partition *p, uint32_t link_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    mobsim_link *x = &m->link[link_ix];
    const mobsim_vehicle *v = &m->vehicle[x->head];
    uint32_t delay_s = now_s - v->ready_s;
    count_left(m, x, v, delay_s);
    p->counters.delay_s += delay_s;
    ++p->counters.link_events;
    uint32_t hole = now_s << MOBSIM_CLASS_BITS | mobsim_class(v);
    x->head = v->next;
    if (LIKELY((x->flags & (MOBSIM_CUT | MOBSIM_WANT_HOLE)) == 0)) {
        hole_push(m, x, hole);
    } else if (x->flags & MOBSIM_CUT) {
        send_hole(p, link_ix, hole);
    } else {
        hole_push(m, x, hole);
        wake_waiting(p, link_ix, now_s + x->hole_s, now_s);
    }
}

// The next vehicle may leave so many ticks after this one.
static inline void use_flow(mobsim_link *x, uint32_t ticks, uint32_t now_s) {
    uint32_t now_tick = now_s << MOBSIM_TICK_SHIFT;
    uint32_t from_tick = x->next_exit_tick > now_tick ? x->next_exit_tick : now_tick;
    x->next_exit_tick = from_tick + ticks;
}

// The head vehicle has waited long enough: it leaves its link for a queue of its own outside the full one. The link
// being full, somebody is already sure to look when it gets room: the queue asks for the same.
static void head_force(mobsim_partition *p, uint32_t link_ix, uint32_t entry_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    uint32_t v = m->link[link_ix].head;
    ++p->counters.forced;
    head_leave(p, link_ix, now_s);
    turn_next(m, &m->vehicle[v]);
    entry_queue_append(p, entry_ix, v, MOBSIM_FORCED);
    uint32_t retry_s = entry_retry_s(m, &m->link[entry_ix], now_s);
    if (retry_s != MOBSIM_NEVER) {
        schedule(p, entry_item(m, entry_ix), retry_s, now_s);
    }
}

// Learnt link times are without penalties, which routers add to each turn.
static inline void add_penalty(const mobsim *m, const mobsim_link *x, const mobsim_vehicle *v, uint32_t turn) {
    if (UNLIKELY(m->result->turn_sum_ds != NULL) && (x->flags & MOBSIM_CONTROLLED) != 0) {
        size_t cell = (size_t)(seen_cell(m, x, v) - m->seen);
        m->result->turn_sum_ds[cell] += 10 * mobsim_junction_penalty_s(m, x, turn);
    }
}

// Moves the head vehicle, which flow capacity lets go since ready_s, over the node if the junction and the next link
// let it; false and the second to look again (or MOBSIM_NEVER) otherwise.
static inline bool head_cross(mobsim_partition *p, uint32_t link_ix, uint32_t ready_s, uint32_t now_s,
                              uint32_t *retry_s) {
    mobsim *m = p->m;
    mobsim_link *x = &m->link[link_ix];
    uint32_t v_ix = x->head;
    mobsim_vehicle *v = &m->vehicle[v_ix];
    uint32_t turn = v->turns & MOBSIM_TURN_ARRIVE;
    bool controlled = (x->flags & MOBSIM_CONTROLLED) != 0;
    if (UNLIKELY(controlled)) {
        uint32_t open_s = mobsim_junction_open_s(m, x, turn, v->ready_s, now_s);
        if (open_s > now_s) {
            *retry_s = open_s;
            return false;
        }
        uint32_t turned_s = v->ready_s + mobsim_junction_penalty_s(m, x, turn);
        ready_s = turned_s > ready_s ? turned_s : ready_s;
    }
    uint32_t entry_ix = m->out[x->out_first + turn];
    const mobsim_link *e = &m->link[entry_ix];
    uint32_t pcu = m->class_pcu[mobsim_class(v)];
    uint32_t headway_tick = x->headway_tick;
    // It has not waited, and leaves room for another: nobody is charged.
    bool freely = ready_s == now_s && e->occupied + pcu + MOBSIM_SLOT <= e->storage;
    uint32_t entry_s = LIKELY(freely) ? 0 : entry_retry_s(m, &m->link[entry_ix], now_s);
    if (UNLIKELY(entry_s != 0)) {
        uint32_t force_s = ready_s + m->params.stuck_s;
        if (now_s < force_s) {
            *retry_s = entry_s < force_s ? entry_s : force_s;
            return false;
        }
        add_penalty(m, x, v, turn);
        head_force(p, link_ix, entry_ix, now_s);
    } else {
        add_penalty(m, x, v, turn);
        head_leave(p, link_ix, now_s);
        turn_next(m, v);
        vehicle_enter(p, entry_ix, v_ix, now_s);
        if (UNLIKELY(!freely) && (is_full(m, &m->link[entry_ix], now_s) || now_s > ready_s)) {
            uint32_t weight = controlled ? mobsim_junction_weight_tick(m, x, turn) : x->headway_tick;
            merge_charge(m, link_ix, x->node_ix, ticks_of(weight, pcu));
        }
    }
    if (UNLIKELY(controlled)) {
        headway_tick = mobsim_junction_pass(m, x, turn, pcu, now_s);
    }
    use_flow(x, ticks_of(headway_tick, pcu), now_s);
    return true;
}

static void bus_call(mobsim_partition *p, uint32_t v_ix, uint32_t now_s);

static inline void head_arrive(mobsim_partition *p, uint32_t link_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    uint32_t v_ix = m->link[link_ix].head;
    const mobsim_vehicle *v = &m->vehicle[v_ix];
    head_leave(p, link_ix, now_s);
    if (UNLIKELY(mobsim_class(v) == VEHICLE_BUS && v->stop < mobsim_stop_count(m->demand, v->leg))) {
        bus_call(p, v_ix, now_s);
        return;
    }
    m->result->arrival_s[v->leg] = now_s;
    ++p->counters.arrived;
    vehicle_give_back(p, v_ix);
}

// Earliest second at which the head may leave, as far as its own link goes.
static inline uint32_t head_ready_s(const mobsim *m, const mobsim_link *x) {
    const mobsim_vehicle *v = &m->vehicle[x->head];
    bool arrives = (v->turns & MOBSIM_TURN_ARRIVE) == MOBSIM_TURN_ARRIVE;
    uint32_t capacity_s = arrives ? 0 : x->next_exit_tick >> MOBSIM_TICK_SHIFT;
    return v->ready_s > capacity_s ? v->ready_s : capacity_s;
}

// Serves a link's queue until its head must wait, and says when to look again.
static inline void queue_serve(mobsim_partition *p, uint32_t link_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    mobsim_link *x = &m->link[link_ix];
    while (x->head != IX_NONE) {
        uint32_t retry_s = head_ready_s(m, x);
        if (retry_s <= now_s) {
            if ((m->vehicle[x->head].turns & MOBSIM_TURN_ARRIVE) == MOBSIM_TURN_ARRIVE) {
                head_arrive(p, link_ix, now_s);
                continue;
            }
            if (head_cross(p, link_ix, retry_s, now_s, &retry_s)) {
                continue;
            }
        }
        if (retry_s != MOBSIM_NEVER) {
            schedule(p, link_ix, retry_s, now_s);
        }
        return;
    }
}

static void link_serve(mobsim_partition *p, uint32_t link_ix, uint32_t now_s) {
    p->m->due_s[link_ix] = MOBSIM_NEVER;
    ++p->counters.visits;
    queue_serve(p, link_ix, now_s);
}

// Whether the commonest case holds at a link: its head, a car, is ready in this very second, the node lets it go, and
// the next link has room for it and another. Changes nothing.
static inline bool link_flows(const mobsim *m, const mobsim_link *x, const mobsim_link *e, uint32_t now_s) {
    const mobsim_vehicle *v = &m->vehicle[x->head];
    uint32_t capacity_s = x->next_exit_tick >> MOBSIM_TICK_SHIFT;
    uint32_t ready_s = v->ready_s > capacity_s ? v->ready_s : capacity_s;
    uint32_t others = (x->flags & (uint32_t)~MOBSIM_CONTROLLED) | (e->flags & MOBSIM_GHOST) | mobsim_class(v);
    if ((x->flags & MOBSIM_CONTROLLED) != 0 && v->ready_s <= now_s) {
        uint32_t turn = v->turns & MOBSIM_TURN_ARRIVE;
        uint32_t turned_s = v->ready_s + mobsim_junction_penalty_s(m, x, turn);
        ready_s = ready_s > turned_s ? ready_s : turned_s;
        others |= mobsim_junction_open_s(m, x, turn, v->ready_s, now_s) > now_s;
    }
    bool room = e->occupied + 2 * MOBSIM_SLOT <= e->storage;
    return ready_s == now_s && others == 0 && room;
}

// What link_serve does in the commonest case, in one go. Returns false, and has changed nothing, in all others.
static inline bool link_flow(mobsim_partition *p, uint32_t link_ix, uint32_t entry_ix, uint32_t now_s) {
    mobsim *m = p->m;
    mobsim_link *x = &m->link[link_ix];
    mobsim_link *e = &m->link[entry_ix];
    uint32_t v_ix = x->head;
    mobsim_vehicle *v = &m->vehicle[v_ix];
    if (UNLIKELY(!link_flows(m, x, e, now_s))) {
        return false;
    }
    uint32_t headway_tick = x->headway_tick;
    if ((x->flags & MOBSIM_CONTROLLED) != 0) {
        uint32_t turn = v->turns & MOBSIM_TURN_ARRIVE;
        add_penalty(m, x, v, turn);
        headway_tick = mobsim_junction_pass(m, x, turn, MOBSIM_SLOT, now_s);
    }
    uint32_t delay_s = now_s - v->ready_s;
    add_seen(m, x, v, delay_s);
    ++p->counters.visits;
    ++p->counters.link_events;
    p->counters.delay_s += delay_s;
    hole_push(m, x, now_s << MOBSIM_CLASS_BITS);
    x->head = v->next;
    use_flow(x, headway_tick, now_s);
    turn_next(m, v);
    record_entry(m, v, now_s);
    take_road(p, e, v, VEHICLE_CAR, now_s);
    e->occupied += MOBSIM_SLOT;
    join_queue(p, e, entry_ix, v, v_ix, now_s);
    m->due_s[link_ix] = MOBSIM_NEVER;
    if (x->head != IX_NONE) {
        uint32_t retry_s = head_ready_s(m, x);
        if (UNLIKELY(retry_s <= now_s)) {
            queue_serve(p, link_ix, now_s);
        } else {
            schedule(p, link_ix, retry_s, now_s);
        }
    }
    return true;
}

// ------------------------------------------------------------------------------------------------ node

typedef struct node_place {  // one that may go, and its place in the order
    uint32_t charge;         // beyond the node's last
    uint32_t item;
    uint64_t lot;
} node_place;

static inline uint64_t link_key(const mobsim *m, uint32_t copy) {
    return m->link_key[copy < m->link_count ? copy : m->cut[copy - m->link_count].exit_ix];
}

// Who has been charged least goes first; between equals a lot that depends on the link's id and the second alone, so
// who else is awake does not matter.
static node_place place_of(const mobsim *m, uint32_t item, uint32_t node, uint32_t now_s) {
    bool is_entry = item >= m->copy_count;
    uint64_t key = is_entry ? ~link_key(m, item - m->copy_count) : m->link_key[item];
    int32_t beyond = (int32_t)(m->merge_tick[item] - m->node_merge_tick[node]);
    return (node_place){
        .charge = beyond > 0 ? (uint32_t)beyond : 0, .item = item, .lot = rng_mix64(key ^ rng_mix64(now_s + 1))};
}

static bool goes_before(const node_place *a, const node_place *b) {
    if (a->charge != b->charge) {
        return a->charge < b->charge;
    }
    return a->lot != b->lot ? a->lot < b->lot : a->item < b->item;
}

static void sort_places(const mobsim *m, node_place *order, uint32_t count, uint32_t node, uint32_t now_s) {
    for (uint32_t n = 0; n < count; ++n) {
        node_place place = place_of(m, order[n].item, node, now_s);
        uint32_t i = n;
        while (i > 0 && goes_before(&place, &order[i - 1])) {
            order[i] = order[i - 1];
            --i;
        }
        order[i] = place;
    }
}

// Serves everybody who is due at a node: first vehicles moved by force, then in-links and departing vehicles of
// out-links in the order of what they were charged.
static void node_serve(mobsim_partition *p, uint32_t node, uint32_t now_s) {
    const mobsim *m = p->m;
    node_place order[MOBSIM_IN_LINKS_MAX + MOBSIM_TURN_ARRIVE];
    uint32_t count = 0;
    for (uint32_t q = m->node_in_first[node]; q < m->node_in_first[node + 1]; ++q) {
        if (m->due_s[q] == now_s) {
            order[count++].item = q;
        }
    }
    for (uint32_t o = m->node_out_first[node]; o < m->node_out_first[node + 1]; ++o) {
        uint32_t entry_ix = m->out[o];
        uint32_t item = entry_item(m, entry_ix);
        if (m->due_s[item] != now_s) {
            continue;
        }
        m->due_s[item] = MOBSIM_NEVER;
        ++p->counters.visits;
        entry_queue_serve(p, entry_ix, MOBSIM_FORCED, now_s);
        if (m->link[entry_ix].flags & MOBSIM_WAITING) {
            order[count++].item = item;
        }
    }
    if (count > 1) {
        sort_places(m, order, count, node, now_s);
    }
    for (uint32_t i = 0; i < count; ++i) {
        if (order[i].item < m->copy_count) {
            link_serve(p, order[i].item, now_s);
        } else {
            entry_queue_serve(p, order[i].item - m->copy_count, MOBSIM_WAITING, now_s);
        }
    }
}

// Visits a link whose head wants to enter entry_ix, IX_NONE = not known.
static inline void visit_link(mobsim_partition *p, uint32_t link_ix, uint32_t entry_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    const mobsim_link *x = &m->link[link_ix];
    const uint32_t *due_s = m->due_s + x->in_first;
    uint32_t last = x->in_count - 1U;
    // Four in-links at a time without a branch: short of four, the last is looked at again.
    m->due_s[link_ix] = MOBSIM_NEVER;
    bool others = m->node_waiting[x->node_ix] != 0;
    for (uint32_t i = 0; i <= last; i += 4) {
        others |= due_s[i] == now_s;
        others |= due_s[i + 1 < last ? i + 1 : last] == now_s;
        others |= due_s[i + 2 < last ? i + 2 : last] == now_s;
        others |= due_s[i + 3 < last ? i + 3 : last] == now_s;
    }
    if (UNLIKELY(others)) {
        m->due_s[link_ix] = now_s;
        node_serve(p, x->node_ix, now_s);
    } else if (UNLIKELY(entry_ix == IX_NONE || !link_flow(p, link_ix, entry_ix, now_s))) {
        link_serve(p, link_ix, now_s);
    }
}

// ---------------------------------------------------------------------------------------------- second

// ------------------------------------------------------------------------------------------ buses, cycles

static void wait_at_entry(mobsim_partition *p, uint32_t entry_ix, uint32_t v_ix, uint32_t now_s) {
    p->m->vehicle[v_ix].ready_s = now_s;
    entry_queue_append(p, entry_ix, v_ix, MOBSIM_WAITING);
    schedule(p, entry_item(p->m, entry_ix), now_s, now_s);
}

// A bus is off the road at its next stop: a stop takes no room and no flow from others (assumption: stops are bays).
static void bus_call(mobsim_partition *p, uint32_t v_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    const mobsim_vehicle *v = &m->vehicle[v_ix];
    uint32_t stop = m->demand->stop_first[v->leg] + v->stop;
    uint32_t go_s = now_s + (m->demand->stop_dwell_s[stop] > 0 ? m->demand->stop_dwell_s[stop] : 1);
    uint32_t timetable_s = m->demand->stop_departure_s[stop];
    m->result->stop_arrival_s[stop] = now_s;
    bool last = v->stop + 1u == mobsim_stop_count(m->demand, v->leg);
    uint32_t route_links = m->demand->route_first[v->leg + 1] - m->demand->route_first[v->leg];
    if (last && m->demand->stop_links[stop] == route_links) {
        m->result->stop_departure_s[stop] = m->result->arrival_s[v->leg] = now_s;
        ++p->counters.arrived;
        vehicle_give_back(p, v_ix);
        return;
    }
    mobsim_dwell_push(
        p, (mobsim_dwell){.time_s = go_s > timetable_s ? go_s : timetable_s, .leg = v->leg, .vehicle = v_ix});
}

// Sends a bus on its way from `links` links into its route to its next stop, or lets it call at a stop that is there.
static void bus_drive(mobsim_partition *p, uint32_t v_ix, uint32_t links, uint32_t now_s) {
    const mobsim *m = p->m;
    const mobsim_demand *d = m->demand;
    mobsim_vehicle *v = &m->vehicle[v_ix];
    if (v->stop < mobsim_stop_count(d, v->leg) && d->stop_links[d->stop_first[v->leg] + v->stop] == links) {
        bus_call(p, v_ix, now_s);
        return;
    }
    if (m->entry_s != NULL) {  // each part between stops starts a word of turns
        m->entry_base[v->leg] = d->route_first[v->leg] + links - v->word * MOBSIM_TURNS_PER_WORD;
    }
    v->turns = m->turns[v->word++];
    v->turns_left = MOBSIM_TURNS_PER_WORD;
    wait_at_entry(p, mobsim_entry_of(m, d->route_link[d->route_first[v->leg] + links]), v_ix, now_s);
}

static void buses_go_on(mobsim_partition *p, uint32_t now_s) {
    const mobsim *m = p->m;
    while (p->dwell_count > 0 && p->dwell[0].time_s == now_s) {
        mobsim_dwell dwell = mobsim_dwell_pop(p);
        uint32_t stop = m->demand->stop_first[dwell.leg] + m->vehicle[dwell.vehicle].stop++;
        m->result->stop_departure_s[stop] = now_s;
        bus_drive(p, dwell.vehicle, m->demand->stop_links[stop], now_s);
    }
}

// A cyclist who leaves a mixed link takes a little of its flow; being overtaken, it holds up nobody on the link.
static void cyclists_leave(mobsim_partition *p, uint32_t now_s) {
    const mobsim *m = p->m;
    while (p->cyclist_pos < p->cyclist_count && p->cyclist[p->cyclist_pos].time_s == now_s) {
        mobsim_link *x = &m->link[p->cyclist[p->cyclist_pos++].link];
        use_flow(x, ticks_of(x->headway_tick, m->cycle_pcu), now_s);
    }
}

static void depart(mobsim_partition *p, uint32_t now_s) {
    const mobsim *m = p->m;
    while (p->departure_pos < p->departure_count && p->departure[p->departure_pos].time_s == now_s) {
        const mobsim_departure *d = &p->departure[p->departure_pos++];
        uint32_t v_ix = vehicle_take(p);
        mobsim_vehicle *v = &m->vehicle[v_ix];
        *v = (mobsim_vehicle){
            .next = IX_NONE,
            .turns = m->turns[d->word],
            .leg = d->leg_class >> MOBSIM_CLASS_BITS,
            .word = d->word + 1,
            .turns_left = MOBSIM_TURNS_PER_WORD,
            .carry_class = (uint16_t)(5U << MOBSIM_CLASS_BITS | (d->leg_class & CLASS_MASK)),
        };
        p->used[mobsim_class(v)][p->entry_quarter] = 1;
        ++p->counters.started;
        if (UNLIKELY(v->leg == m->drop_leg)) {
            vehicle_give_back(p, v_ix);  // the fault that tests put in
            continue;
        }
        if (UNLIKELY(mobsim_class(v) == VEHICLE_BUS)) {
            v->word = d->word;
            bus_drive(p, v_ix, 0, now_s);
            continue;
        }
        wait_at_entry(p, d->entry_ix, v_ix, now_s);
    }
}

// Tests: visits that nobody asked for.
static void wake_at_random(mobsim_partition *p, uint32_t now_s) {
    const mobsim *m = p->m;
    for (uint32_t q = p->link_first; q < p->link_end; ++q) {
        uint64_t random = rng_mix64(m->link_key[q] + now_s);
        if ((random & 0xffff) < m->hooks.spurious_rate) {
            schedule(p, q, now_s, now_s);
        }
    }
    for (uint32_t o = m->node_out_first[p->node_first]; o < m->node_out_first[p->node_end]; ++o) {
        uint64_t random = rng_mix64(~link_key(m, m->out[o]) + now_s);
        if ((random & 0xffff) < m->hooks.spurious_rate) {
            schedule(p, entry_item(m, m->out[o]), now_s, now_s);
        }
    }
}

// First look at a due link: fetch its first vehicle, its turns and the hole it will leave.
FETCHES fetch_head(const mobsim *m, uint32_t item) {
    if (LIKELY(item < m->copy_count)) {
        const mobsim_link *x = &m->link[item];
        PREFETCH(&m->out[x->out_first]);
        PREFETCH(&m->hole[x->hole_first + x->hole_pos + x->hole_count]);
        PREFETCH(&m->vehicle[x->head != IX_NONE ? x->head : 0]);
    }
}

// Second look: fetch the link it will enter, the vehicle behind it and the cell of the statistics. Returns that link,
// IX_NONE = none.
static inline uint32_t fetch_target(const mobsim *m, uint32_t item) {
    if (UNLIKELY(item >= m->copy_count || m->link[item].head == IX_NONE)) {
        return IX_NONE;
    }
    const mobsim_link *x = &m->link[item];
    const mobsim_vehicle *v = &m->vehicle[x->head];
    PREFETCH(seen_cell(m, x, v));
    PREFETCH(&m->vehicle[v->next != IX_NONE ? v->next : x->head]);
    uint32_t turn = v->turns & MOBSIM_TURN_ARRIVE;
    if (UNLIKELY(turn == MOBSIM_TURN_ARRIVE)) {
        return IX_NONE;
    }
    uint32_t target = m->out[x->out_first + turn];
    PREFETCH(&m->link[target]);
    PREFETCH(&m->due_s[target]);
    if (UNLIKELY(x->flags & MOBSIM_CONTROLLED)) {
        PREFETCH(&m->turn[x->turn_first + turn]);
        PREFETCH(&m->turn_flow[x->turn_first + turn]);
    }
    return target;
}

static inline void visit(mobsim_partition *p, uint32_t item, uint32_t entry_ix, uint32_t now_s) {
    const mobsim *m = p->m;
    if (m->due_s[item] != now_s) {
        return;  // moved to another second, or served with its node
    }
    if (item < m->copy_count) {
        visit_link(p, item, entry_ix, now_s);
    } else {
        node_serve(p, from_node(m, item - m->copy_count), now_s);
    }
}

// What a visit needs is a chain of records, each of which says where the next one lies. Looks ahead of the visits fetch
// them before they are needed: groups of items go through the looks like a train, a group a look, so that fetches
// overlap with visits and no look asks item by item whether it is its turn.
static void visit_block(mobsim_partition *p, uint32_t count, uint32_t now_s) {
    enum { GROUP = 8, LOOKS = 4 };
    const mobsim *m = p->m;
    const uint32_t *due = p->due;
    for (uint32_t first = 0; first < count + LOOKS * GROUP; first += GROUP) {
        // The end of each look's group; the groups of later looks lie before it. Below 0 and beyond count there is
        // nothing.
        uint32_t end[LOOKS + 1];
        for (uint32_t k = 0; k <= LOOKS; ++k) {
            uint32_t after = first + GROUP > k * GROUP ? first + GROUP - k * GROUP : 0;
            end[k] = after < count ? after : count;
        }
        for (uint32_t i = first; i < end[0]; ++i) {
            PREFETCH(due[i] < m->copy_count ? (void *)&m->link[due[i]] : (void *)&m->queue[due[i] - m->copy_count]);
        }
        for (uint32_t i = first - GROUP; i < end[1]; ++i) {
            fetch_head(m, due[i]);
        }
        for (uint32_t i = first - 2 * GROUP; i < end[2]; ++i) {
            p->due_target[i] = fetch_target(m, due[i]);
        }
        for (uint32_t i = first - 3 * GROUP; i < end[3]; ++i) {
            if (LIKELY(p->due_target[i] != IX_NONE)) {
                PREFETCH(&m->vehicle[m->link[p->due_target[i]].tail]);  // of an empty link, one that was there
            }
        }
        for (uint32_t i = first - 4 * GROUP; i < end[4]; ++i) {
            visit(p, due[i], p->due_target[i], now_s);
        }
    }
}

// In every partition for itself: what started here or came in has arrived, is here, or went out.
static void check_balance(mobsim_partition *p, uint32_t now_s) {
    mobsim_counters *c = &p->counters;
    if (c->started + c->received != c->arrived + c->present + c->sent && c->unbalanced_s == IX_NONE) {
        c->unbalanced_s = now_s;
    }
}

static void begin_bin(mobsim_partition *p, uint32_t now_s) {
    uint32_t quarter = now_s / TRAVELTIME_BIN_S;
    p->entry_quarter = quarter < TRAVELTIME_BINS ? quarter : TRAVELTIME_BINS - 1;
    p->entry_bin = (uint16_t)(p->entry_quarter * 4 + now_s / RESULT_BIN_S % TRAVELTIME_THIRDS);
    for (uint32_t c = 0; c < VEHICLE_CLASS_COUNT && p->entry_quarter > 0 && p->counters.present > 0; ++c) {
        p->used[c][p->entry_quarter] |= p->used[c][p->entry_quarter - 1];  // who is here will enter more links
    }
    if (now_s % TRAVELTIME_BIN_S == 0 && quarter < TRAVELTIME_BINS) {
        mobsim_result_clear(p->m, p->m->result, quarter, p->node_first, p->node_end);
    }
}

// Takes in the holes that have arrived long ago, before their seconds come round again.
static void sweep_holes(mobsim_partition *p, uint32_t now_s) {
    mobsim *m = p->m;
    for (uint32_t q = p->link_first; q < p->link_end; ++q) {
        holes_arrive(m, &m->link[q], now_s);
    }
    for (uint32_t g = p->ghost_first; g < p->ghost_end; ++g) {
        holes_arrive(m, &m->link[g], now_s);
    }
}

static void run_second(mobsim_partition *p, uint32_t now_s) {
    const mobsim *m = p->m;
    if (now_s % RESULT_BIN_S == 0) {
        begin_bin(p, now_s);
    }
    if (now_s % MOBSIM_SWEEP_S == 0) {
        sweep_holes(p, now_s);
    }
    depart(p, now_s);
    if (UNLIKELY(p->dwell_count > 0)) {
        buses_go_on(p, now_s);
    }
    if (UNLIKELY(p->cyclist_pos < p->cyclist_count)) {
        cyclists_leave(p, now_s);
    }
    if (UNLIKELY(m->hooks.spurious_rate > 0)) {
        wake_at_random(p, now_s);
    }
    uint32_t count;
    while ((count = mobsim_calendar_take(&p->calendar, now_s % MOBSIM_BUCKETS, p->due, MOBSIM_BLOCK)) > 0) {
        visit_block(p, count, now_s);
    }
    check_balance(p, now_s);
}

// ------------------------------------------------------------------------------------------------- day

static void receive_vehicle(mobsim_partition *p, mobsim_vehicle_message message, uint32_t now_s) {
    const mobsim *m = p->m;
    mobsim_link *x = &m->link[message.link];
    ++p->counters.received;
    ++p->counters.present;
    p->used[mobsim_class(&m->vehicle[message.vehicle])][p->entry_quarter] = 1;
    if (x->head == IX_NONE) {
        schedule(p, message.link, m->vehicle[message.vehicle].ready_s, now_s);
    }
    list_append(m->vehicle, &x->head, &x->tail, message.vehicle);
}

static void receive_hole(mobsim_partition *p, mobsim_hole_message message, uint32_t now_s) {
    mobsim_link *x = &p->m->link[message.ghost];
    hole_push(p->m, x, message.hole);
    if (x->flags & MOBSIM_WANT_HOLE) {
        wake_waiting(p, message.ghost, (message.hole >> MOBSIM_CLASS_BITS) + x->hole_s, now_s);
    }
}

// After a window: what the others sent, in the order of partitions and, within one, of time. Nothing of it can be
// used before now_s, because a window is no longer than the shortest time over a cut link.
static void receive_all(mobsim_partition *p, uint32_t now_s) {
    mobsim *m = p->m;
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        mobsim_box *box = &m->partition[k].box[p->parity][p->ix];
        for (uint32_t i = 0; i < box->vehicle_count; ++i) {
            receive_vehicle(p, box->vehicle[i], now_s);
        }
        for (uint32_t i = 0; i < box->hole_count; ++i) {
            receive_hole(p, box->hole[i], now_s);
        }
    }
}

// Boxes of two parities: while one window's are read, the next window's are filled, so one barrier a window is enough.
static void run_partition(void *ctx, int member_ix, par_team *team) {
    mobsim *m = ctx;
    mobsim_partition *p = &m->partition[member_ix];
    mobsim_reset_partition(m, p);
    if (team != NULL) {
        par_team_barrier(team);
    }
    uint32_t now_s = 0;
    while (now_s < m->params.end_s) {
        uint32_t left_s = m->params.end_s - now_s;
        uint32_t window_end_s = now_s + (left_s < m->window_s ? left_s : m->window_s);
        for (; now_s < window_end_s; ++now_s) {
            run_second(p, now_s);
        }
        if (m->partition_count > 1) {
            par_team_barrier(team);
            receive_all(p, now_s);
            p->parity ^= 1;
            for (uint32_t k = 0; k < m->partition_count; ++k) {
                p->box[p->parity][k].vehicle_count = p->box[p->parity][k].hole_count = 0;
            }
        }
    }
}

err_code mobsim_run(mobsim *m, const mobsim_demand *d, mobsim_result *r) {
    double start_s = log_clock_s();
    TRY(mobsim_layout(m));
    TRY(mobsim_prepare(m, d, r));
    m->demand = d;
    m->result = r;
    m->seen = r->seen;
    m->seen_links = r->link_count;
    double day_start_s = log_clock_s();
    if (m->partition_count == 1) {
        run_partition(m, 0, NULL);
    } else {
        TRY(par_team_run((int)m->partition_count, run_partition, m));
    }
    TRY(mobsim_result_collect(m, d, r));
    r->prepare_s = day_start_s - start_s;
    r->day_s = log_clock_s() - day_start_s;
    return ERR_OK;
}
