// Labels and 4-ary heap shared by the car and the walk/cycle routers (private to model).
//
// A label's key is cost << 32 | time, so labels compare by cost and then by time. The heap's order is total, (key,
// node ix), so what is settled when depends on the question only. Labels carry the stamp of the search that wrote
// them: a new search raises the stamp instead of clearing the labels.
#ifndef VESTSIM_MODEL_ROUTE_HEAP_H
#define VESTSIM_MODEL_ROUTE_HEAP_H

#include "base/mem.h"

enum { ROUTE_HEAP_WIDTH = 4 };

typedef struct route_label {
    uint64_t key;
    uint32_t parent_arc;  // arc that reached the node; IX_NONE at the start node
    uint32_t stamp;       // search that wrote the label
    uint32_t place;       // place in the heap; IX_NONE = settled
} route_label;

typedef struct route_heap_entry {
    uint64_t key;
    uint32_t node_ix;
} route_heap_entry;

typedef struct route_heap {
    uint32_t node_count;
    uint32_t stamp;
    uint32_t count;           // entries in the heap
    uint32_t settled_count;   // nodes settled by this search
    route_label *label;       // [node]
    route_heap_entry *entry;  // [place]
    uint32_t *settled;        // nodes in the order they were settled
} route_heap;

static inline err_code route_heap_init(route_heap *h, arena *a, uint32_t node_count) {
    route_heap_entry *room;
    size_t shift = ROUTE_HEAP_WIDTH - 1;  // so that the four children of a place share one cache line
    *h = (route_heap){.node_count = node_count};
    ARENA_NEW(a, h->label, node_count);
    ARENA_NEW(a, room, (size_t)node_count + shift);
    ARENA_NEW(a, h->settled, node_count);
    h->entry = room + shift;
    return ERR_OK;
}

static inline uint64_t route_heap_key(uint32_t cost_ds, uint32_t time_ds) {
    return (uint64_t)cost_ds << 32 | time_ds;
}

static inline bool route_heap_less(const route_heap_entry *a, const route_heap_entry *b) {
    return a->key < b->key || (a->key == b->key && a->node_ix < b->node_ix);
}

static inline bool route_heap_reached(const route_heap *h, uint32_t node_ix) {
    return h->label[node_ix].stamp == h->stamp;
}

static inline bool route_heap_settled(const route_heap *h, uint32_t node_ix) {
    return route_heap_reached(h, node_ix) && h->label[node_ix].place == IX_NONE;
}

static inline void route_heap_put(route_heap *h, uint32_t place, route_heap_entry e) {
    h->entry[place] = e;
    h->label[e.node_ix].place = place;
}

static inline void route_heap_rise(route_heap *h, uint32_t place, route_heap_entry e) {
    while (place > 0) {
        uint32_t parent = (place - 1) / ROUTE_HEAP_WIDTH;
        if (!route_heap_less(&e, &h->entry[parent])) {
            break;
        }
        route_heap_put(h, place, h->entry[parent]);
        place = parent;
    }
    route_heap_put(h, place, e);
}

static inline void route_heap_sink(route_heap *h, route_heap_entry e) {
    uint32_t place = 0;
    for (;;) {
        uint32_t child = place * ROUTE_HEAP_WIDTH + 1;
        if (child >= h->count) {
            break;
        }
        uint32_t last = child + ROUTE_HEAP_WIDTH < h->count ? child + ROUTE_HEAP_WIDTH : h->count;
        uint32_t least = child;
        for (uint32_t i = child + 1; i < last; i++) {
            least = route_heap_less(&h->entry[i], &h->entry[least]) ? i : least;
        }
        if (!route_heap_less(&h->entry[least], &e)) {
            break;
        }
        route_heap_put(h, place, h->entry[least]);
        place = least;
    }
    route_heap_put(h, place, e);
}

// Offers a node a label; kept only when its key is smaller than the node's present one. Keys never fall along a
// path, so a settled node never takes a new label.
static inline bool route_heap_offer(route_heap *h, uint32_t node_ix, uint64_t key, uint32_t arc) {
    route_label *l = &h->label[node_ix];
    if (l->stamp != h->stamp) {
        l->stamp = h->stamp;
        l->place = h->count++;
    } else if (key >= l->key) {
        return false;
    }
    l->key = key;
    l->parent_arc = arc;
    route_heap_rise(h, l->place, (route_heap_entry){.key = key, .node_ix = node_ix});
    return true;
}

// A new search from one node.
static inline void route_heap_begin(route_heap *h, uint32_t from_node_ix) {
    h->stamp++;
    if (h->stamp == 0) {  // the stamp has gone round: old labels would look new
        for (uint32_t i = 0; i < h->node_count; i++) {
            h->label[i].stamp = 0;
        }
        h->stamp = 1;
    }
    h->count = 0;
    h->settled_count = 0;
    (void)route_heap_offer(h, from_node_ix, 0, IX_NONE);
}

// Settles the least node; IX_NONE when none is left.
static inline uint32_t route_heap_settle(route_heap *h) {
    if (h->count == 0) {
        return IX_NONE;
    }
    uint32_t node_ix = h->entry[0].node_ix;
    h->count--;
    if (h->count > 0) {
        route_heap_sink(h, h->entry[h->count]);
    }
    h->label[node_ix].place = IX_NONE;
    h->settled[h->settled_count++] = node_ix;
    return node_ix;
}

#endif
