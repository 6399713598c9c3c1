// Layout of the queue model, shared by mobsim_index.c (what is built before the day) and mobsim.c (the day).
//
// Only links open to cars or lorries are in it, numbered by to-node ("queue links"), so a node's in-links lie side by
// side. A queue link has an exit end (queue of vehicles, flow capacity), used by its to-node, and an entry end (free
// slots, holes on their way back), used by its from-node. Where the two nodes are in different partitions the link is
// cut: the entry end lives in a ghost copy of the link, which belongs to the from-node's partition, and the two ends
// exchange messages.
#ifndef VESTSIM_MODEL_MOBSIM_INTERNAL_H
#define VESTSIM_MODEL_MOBSIM_INTERNAL_H

#include <stdalign.h>

#include "base/par_team.h"
#include "model/mobsim.h"
#include "world/result.h"

#define MOBSIM_NEVER UINT32_MAX  // no second

enum {
    MOBSIM_SLOT = 16,            // a car's slot in 1/16 pcu
    MOBSIM_TICK_SHIFT = 14,      // flow capacity is kept in 2^-14 s: 10 vehicles a second within 0.03 %
    MOBSIM_END_MAX_S = 1 << 17,  // so that ticks stay below 2^32 with room for the longest headway
    MOBSIM_TURN_BITS = 4,        // a turn = position among the out-links of the node
    MOBSIM_TURN_ARRIVE = 15,     // the leg ends here
    MOBSIM_TURNS_PER_WORD = 16,
    MOBSIM_IN_LINKS_MAX = 64,  // of one node
    MOBSIM_BUCKETS = 256,      // seconds of the calendar; later wake-ups look again
    MOBSIM_CHUNK = 32,         // calendar entries of a chunk, the first one a link to the chunk before
    MOBSIM_BLOCK = 512,        // items of a second that are taken from the calendar at a time
    MOBSIM_HOLE_BITS = 14,     // of the second of a hole; holes are taken in before it comes round again
    MOBSIM_HOLE_MAX_S = (1 << (MOBSIM_HOLE_BITS - 1)) - 1,
    MOBSIM_SWEEP_S = 1 << (MOBSIM_HOLE_BITS - 1),  // between two looks for holes that nobody asked for
    MOBSIM_CUT_SHARE = 32,                         // room for one cut link in so many (more are laid out anew)
    MOBSIM_PARTITION_LINKS = 2048,                 // assumption: fewer links a thread are not worth the barriers
    MOBSIM_LORRY_PCU_MAX = 8,
    MOBSIM_CLASS_BITS = 2,     // of a vehicle class in packed words
    MOBSIM_FADE_STEPS = 1024,  // seconds after which a passed vehicle is forgotten
    MOBSIM_ENTRY_STEPS = 512   // of the tables of entry headways
};

// Bits of mobsim_link.flags.
enum {
    MOBSIM_GHOST = 1,       // entry end of a cut link
    MOBSIM_CUT = 2,         // exit end of a cut link
    MOBSIM_WANT_HOLE = 4,   // somebody waits at the entry and no hole was on its way: wake at the next exit
    MOBSIM_FORCED = 8,      // the entry queue holds vehicles moved by force
    MOBSIM_WAITING = 16,    // the entry queue holds departing vehicles
    MOBSIM_CONTROLLED = 32  // the exit has turn records
};

typedef enum mobsim_entry_rule {  // what an entry waits for
    MOBSIM_ENTRY_FREE = 0,
    MOBSIM_ENTRY_ROUNDABOUT,
    MOBSIM_ENTRY_RIGHT,  // from a minor road
    MOBSIM_ENTRY_CROSS,  // from a minor road, left or straight on
    MOBSIM_ENTRY_LEFT_MAJOR,
    MOBSIM_ENTRY_RULES
} mobsim_entry_rule;

// One turn of a controlled link. Owned by the node, like the exit of its in-link.
typedef struct mobsim_turn {
    uint32_t penalty_s;
    uint32_t headway_tick;  // of the turn's own capacity, 0 = none
    uint32_t next_tick;
    uint32_t cycle_s;  // 0 = no signal
    uint32_t green_from_s, green_s;
    uint32_t conflict_first;  // turns that hold up this one, in mobsim.conflict
    uint16_t conflict_count;
    uint8_t rule;   // enum mobsim_entry_rule
    uint8_t lanes;  // of the in-link
} mobsim_turn;
_Static_assert(sizeof(mobsim_turn) == 32, "two turns a cache line");

// What has passed a turn lately, fading; apart from the turn, because those it holds up read it.
typedef struct mobsim_turn_flow {
    uint32_t flow;  // 1/65536 pcu at flow_s
    uint32_t flow_s;
} mobsim_turn_flow;

typedef struct mobsim_link {  // one cache line
    // exit end
    uint32_t head;  // FIFO of vehicles on the link, IX_NONE = empty
    uint32_t tail;
    uint32_t next_exit_tick;  // the next vehicle may not leave before
    uint32_t headway_tick;    // of one car
    uint32_t out_first;       // out-links of the to-node in mobsim.out
    uint32_t in_first;        // first in-link of the to-node
    uint32_t node_ix;         // to-node
    // entry end
    uint32_t occupied;    // 1/16 pcu: vehicles and holes not yet seen to have arrived
    uint32_t storage;     // 1/16 pcu, a multiple of MOBSIM_SLOT
    uint32_t hole_first;  // ring of storage / MOBSIM_SLOT holes in mobsim.hole; exit end of a cut link: its ghost
    uint32_t hole_pos;    // oldest hole in the ring
    uint32_t hole_count;
    uint32_t link_ix;  // network link, for statistics
    uint16_t hole_s;   // time of a hole from exit to entry
    uint16_t free_s;   // free-flow time: whole seconds and the rest
    uint8_t free_rest_ds;
    uint8_t in_count;  // in-links of the to-node
    uint8_t flags;
    uint8_t unused;
    uint32_t turn_first;  // turn records of a controlled exit, by turn
} mobsim_link;
_Static_assert(sizeof(mobsim_link) == 64, "a link is one cache line");

typedef struct mobsim_vehicle {
    uint32_t next;     // behind it in the queue, or next free record of the pool
    uint32_t ready_s;  // earliest second to leave its link
    uint64_t turns;    // lowest bits: turn at the end of its link
    uint32_t leg;
    uint32_t word;  // next turn word of the route
    // No char among what a move writes: a store to one would make the compiler load everything anew.
    uint16_t turns_left;   // in this word
    uint16_t entry_bin;    // in which it entered its link: 15-minute bin * 4 + 5 minutes of it
    uint16_t carry_class;  // fraction of a second driven beyond whole seconds, ds << MOBSIM_CLASS_BITS | class
    uint16_t stop;         // next stop of a bus
} mobsim_vehicle;
_Static_assert(sizeof(mobsim_vehicle) == 32, "two vehicles a cache line");

// Vehicles that wait outside the entry of a link, in the order they came; they take no room. Each list is a ring known
// by its last vehicle, IX_NONE = empty; behind the last comes the first.
typedef struct mobsim_entry_queue {
    uint32_t forced_tail;
    uint32_t waiting_tail;
} mobsim_entry_queue;

typedef struct mobsim_route_link {  // what packing a route asks of a network link
    uint32_t from_node;
    uint32_t to_node;
    uint8_t allowed;
    uint8_t turn;        // position among the out-links of its from-node
    uint16_t forbidden;  // bits: turns at its end that nobody may make
} mobsim_route_link;

typedef struct mobsim_departure {  // sorted by (time, leg)
    uint32_t time_s;
    uint32_t entry_ix;  // copy of the first link in the partition of its from-node
    uint32_t word;
    uint32_t leg_class;  // leg << MOBSIM_CLASS_BITS | class
} mobsim_departure;

typedef struct mobsim_dwell {  // a bus at a stop
    uint32_t time_s;           // goes on then
    uint32_t leg;
    uint32_t vehicle;
} mobsim_dwell;

typedef struct mobsim_cyclist {  // leaves a mixed link
    uint32_t time_s;
    uint32_t link;  // queue link
} mobsim_cyclist;

typedef struct mobsim_vehicle_message {  // entered a cut link; the record itself changes hands
    uint32_t vehicle;
    uint32_t link;  // exit end
} mobsim_vehicle_message;

typedef struct mobsim_cut {  // a link between two partitions, numbered as the ghosts
    uint32_t exit_ix;
    uint32_t exit_partition;
    uint32_t entry_partition;
} mobsim_cut;

typedef struct mobsim_hole_message {  // left a cut link
    uint32_t ghost;
    uint32_t hole;
} mobsim_hole_message;

typedef struct mobsim_box {  // what one partition tells another in one window
    mobsim_vehicle_message *vehicle;
    mobsim_hole_message *hole;
    uint32_t vehicle_count;
    uint32_t hole_count;
} mobsim_box;

// Wake-ups by second. An item is a link copy (its exit end) or, from mobsim.copy_count on, an entry queue. Chunks of
// one pool; entries whose item was since moved to another second stay until their bucket comes or the pool is full.
typedef struct mobsim_calendar {
    uint32_t *entry;
    uint32_t end[MOBSIM_BUCKETS];  // past the last entry of the bucket, 0 = empty
    uint32_t free_chunk;           // 0 = none
    uint32_t chunk_count;
} mobsim_calendar;

typedef struct mobsim_counters {  // kept apart on purpose: they are checked against each other
    uint64_t started;
    uint64_t arrived;
    uint64_t present;  // vehicle records in use
    uint64_t sent;
    uint64_t received;
    uint64_t link_events;
    uint64_t visits;
    uint64_t forced;
    uint64_t delay_s;
    uint32_t unbalanced_s;
} mobsim_counters;

typedef struct mobsim_partition {
    alignas(64) struct mobsim *m;
    uint32_t ix;
    uint32_t node_first, node_end;
    uint32_t link_first, link_end;    // queue links it owns
    uint32_t ghost_first, ghost_end;  // entry ends of cut links it owns
    mobsim_calendar calendar;
    mobsim_box *box[2];  // [parity][partition]
    uint32_t parity;
    const mobsim_departure *departure;
    uint32_t departure_count;
    uint32_t departure_pos;
    mobsim_dwell *dwell;  // heap by (time, leg)
    uint32_t dwell_count;
    const mobsim_cyclist *cyclist;  // by time
    uint32_t cyclist_count;
    uint32_t cyclist_pos;
    uint32_t free_vehicle;  // last freed first
    uint32_t fresh_vehicle, fresh_end;
    uint32_t entry_quarter;  // 15-minute bin of this second
    uint16_t entry_bin;      // as in mobsim_vehicle
    mobsim_counters counters;
    uint8_t used[VEHICLE_CLASS_COUNT][TRAVELTIME_BINS];  // as in mobsim_result, by entries of this partition
    uint32_t due[MOBSIM_BLOCK];                          // items of this second
    uint32_t due_target[MOBSIM_BLOCK];                   // links that their vehicles want
} mobsim_partition;

struct mobsim {
    const network *network;
    arena *arena;
    mobsim_params params;
    mobsim_test_hooks hooks;
    uint32_t class_pcu[VEHICLE_CLASS_COUNT];  // 1/16
    uint32_t cycle_pcu;                       // 1/16

    // fixed by the network
    uint32_t link_count;            // queue links
    uint32_t *queue_of;             // [network link] queue link or IX_NONE
    uint64_t *link_key;             // [queue link] hash of the external id
    uint32_t *node_in_first;        // [node + 1] queue links
    uint32_t *node_out_first;       // [node + 1] in out
    mobsim_route_link *route_link;  // [network link]
    mobsim_turn *turn;              // of controlled links
    mobsim_turn_flow *turn_flow;    // [turn]
    uint32_t *conflict;             // turns
    uint32_t turn_count;
    uint32_t entry_tick[MOBSIM_ENTRY_RULES][MOBSIM_ENTRY_STEPS];  // headway of an entry by conflicting flow
    uint32_t fade[MOBSIM_FADE_STEPS];
    uint32_t flow_per_step;

    // laid out for a number of partitions
    uint32_t partition_count;
    mobsim_partition *partition;
    uint32_t *node_partition;
    uint32_t copy_count;  // queue links and ghosts
    uint32_t copy_capacity;
    uint32_t window_s;
    mobsim_link *link;  // [copy]; of queue links the physics are there from the start
    uint32_t *out;      // by from-node: copies on the from-node's side
    mobsim_cut *cut;    // [copy - link_count]
    uint64_t hole_slots;
    uint16_t *hole;             // rings: exit second << MOBSIM_CLASS_BITS | class, without the highest bits
    uint32_t *due_s;            // [2 * copy] second for which the item is in the calendar
    mobsim_entry_queue *queue;  // [copy]
    uint8_t *node_waiting;      // [node] entry queues of its out-links that are not empty
    uint32_t *merge_tick;       // [2 * copy] what an item has been charged for room it waited for
    uint32_t *node_merge_tick;  // [node] charge of the last to get room

    // one day's demand
    uint32_t leg_capacity;
    uint32_t word_capacity;
    uint64_t *departure_key;    // [leg]
    uint32_t *order;            // legs by (departure, leg)
    uint32_t *word_first;       // [leg + 1] in that order
    uint32_t *leg_partition;    // in that order
    uint32_t *place;            // legs' positions by partition
    uint32_t *leg_need;         // [leg] turn words
    uint32_t *partition_first;  // [partition + 2]
    uint8_t *leg_status;
    mobsim_departure *departure;  // by partition
    uint64_t *turns;
    mobsim_vehicle *vehicle;  // pool shared by the partitions
    uint32_t drop_leg;
    uint32_t bus_capacity;
    mobsim_dwell *dwell;  // [partition][bus]
    uint32_t cyclist_capacity;
    mobsim_cyclist *cyclist;  // by (partition, time, link)

    uint32_t *entry_s;     // recorder, or NULL: [route position] second of entry
    uint32_t *entry_base;  // [leg] route_first - turns in the words before its own, modulo 2^32
    uint32_t entry_base_capacity;

    const mobsim_demand *demand;
    mobsim_result *result;
    traveltime_seen *seen;  // of the result
    size_t seen_links;
};

// Lays out partitions for the thread count or the hook, where that has changed.
err_code mobsim_layout(mobsim *m);
// Checks the routes, turns them into turn words in order of departure, and sorts departures by partition. Legs that
// need no driving are settled in r.
err_code mobsim_prepare(mobsim *m, const mobsim_demand *d, mobsim_result *r);
// Stops and cyclists of the day (mobsim_bus.c).
err_code mobsim_bus_prepare(mobsim *m, const mobsim_demand *d, mobsim_result *r);
err_code mobsim_cycle_prepare(mobsim *m, const mobsim_demand *d);
void mobsim_dwell_push(mobsim_partition *p, mobsim_dwell dwell);
mobsim_dwell mobsim_dwell_pop(mobsim_partition *p);
static inline uint32_t mobsim_stop_count(const mobsim_demand *d, uint32_t leg) {
    return d->stop_first == NULL ? 0 : d->stop_first[leg + 1] - d->stop_first[leg];
}
// Turn records (mobsim_junction.c): built after the links' physics.
err_code mobsim_junction_build(mobsim *m);
void mobsim_junction_reset(mobsim *m, const mobsim_partition *p);
// First second from now_s on at which the junction lets a head that is ready at ready_s make its turn.
uint32_t mobsim_junction_open_s(const mobsim *m, const mobsim_link *x, uint32_t turn, uint32_t ready_s, uint32_t now_s);
// The head has made its turn: headway in ticks a car until the next one of its link.
uint32_t mobsim_junction_pass(mobsim *m, const mobsim_link *x, uint32_t turn, uint32_t pcu, uint32_t now_s);
bool mobsim_junction_any_penalty(const mobsim *m);
uint32_t mobsim_junction_penalty_s(const mobsim *m, const mobsim_link *x, uint32_t turn);
uint32_t mobsim_junction_weight_tick(const mobsim *m, const mobsim_link *x, uint32_t turn);
// Every queue empty, nothing scheduled, counters zero: all partitions' own part, by the partition.
void mobsim_reset_partition(mobsim *m, mobsim_partition *p);
// The copy of a network link on its from-node's side.
static inline uint32_t mobsim_entry_of(const mobsim *m, uint32_t link_ix) {
    const mobsim_route_link *x = &m->route_link[link_ix];
    return m->out[m->node_out_first[x->from_node] + x->turn];
}

// Statistics (mobsim_result.c). Zero rows of a quarter for the links into nodes [node_first, node_end).
void mobsim_result_clear(const mobsim *m, mobsim_result *r, uint32_t quarter, uint32_t node_first, uint32_t node_end);
err_code mobsim_result_collect(const mobsim *m, const mobsim_demand *d, mobsim_result *r);
static inline uint32_t mobsim_class(const mobsim_vehicle *v) {
    return v->carry_class & ((1U << MOBSIM_CLASS_BITS) - 1);
}
static inline uint32_t mobsim_result_bin(const mobsim_vehicle *v) {  // of RESULT_BINS
    uint32_t bin = v->entry_bin / 4U * TRAVELTIME_THIRDS + v->entry_bin % 4U;
    return bin < RESULT_BINS ? bin : RESULT_BINS - 1;
}

#endif
