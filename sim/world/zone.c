#include "world/zone.h"

#include <math.h>

static err_code zone_alloc_zones(zone_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(ZONE_COLUMNS)
    return ERR_OK;
}

static err_code zone_alloc_places(place_columns *t_, arena *a_, uint32_t n_) {
    t_->count = n_;
    COLUMN_ALLOC(PLACE_COLUMNS)
    return ERR_OK;
}

err_code zone_alloc(zone_system *z, arena *a, uint32_t zone_count, uint32_t place_count) {
    *z = (zone_system){0};
    CHECK(zone_count < IX_NONE && place_count < IX_NONE, ERR_RANGE, "%u zones with %u places are too many", zone_count,
          place_count);
    TRY(zone_alloc_zones(&z->zone, a, zone_count));
    return zone_alloc_places(&z->place, a, place_count);
}

static err_code zone_map(idmap *m, arena *a, const char *what, const text *id, uint32_t count) {
    TRY(idmap_init(m, a, count));
    for (uint32_t i = 0; i < count; i++) {
        CHECK(id[i] != NULL && id[i][0] != '\0', ERR_REFERENCE, "%s %u of the table has no id", what, i);
        CHECK(idmap_put(m, id[i], i) == IX_NONE, ERR_REFERENCE, "%s id '%s' is used twice; every %s needs its own id",
              what, id[i], what);
    }
    return ERR_OK;
}

err_code zone_build(zone_system *z, arena *a) {
    TRY(zone_map(&z->zone_map, a, "zone", z->zone.id, z->zone.count));
    return zone_map(&z->place_map, a, "place", z->place.id, z->place.count);
}

static bool zone_not_negative(double value) {
    return isfinite(value) && value >= 0;
}

static err_code zone_validate_places(const zone_system *z, const network *n) {
    const place_columns *t = &z->place;
    for (uint32_t i = 0; i < t->count; i++) {
        CHECK(t->zone_ix[i] < z->zone.count, ERR_REFERENCE, "place '%s': its zone is not among the zones", t->id[i]);
        CHECK(t->node_ix[i] < n->node.count, ERR_REFERENCE, "place '%s': its node is not in the network", t->id[i]);
        CHECK(t->kind[i] < PLACE_KIND_COUNT, ERR_RANGE, "place '%s': kind %u is unknown", t->id[i], t->kind[i]);
        CHECK(zone_not_negative((double)t->size[i]), ERR_RANGE, "place '%s': size %g must not be negative", t->id[i],
              (double)t->size[i]);
        CHECK(t->parking_norm[i] == -1 || zone_not_negative((double)t->parking_norm[i]), ERR_RANGE,
              "place '%s': parking_norm %g must be 0 or more (-1 = no limit)", t->id[i], (double)t->parking_norm[i]);
    }
    return ERR_OK;
}

static err_code zone_validate_zones(const zone_system *z) {
    const zone_columns *t = &z->zone;
    for (uint32_t i = 0; i < t->count; i++) {
        CHECK(t->outside[i] <= 1, ERR_RANGE, "zone '%s': outside must be 0 or 1", t->id[i]);
        CHECK(zone_not_negative((double)t->parking_nok[i]), ERR_RANGE, "zone '%s': parking_nok %g must not be negative",
              t->id[i], (double)t->parking_nok[i]);
        CHECK(zone_not_negative((double)t->parking_search_s[i]), ERR_RANGE,
              "zone '%s': parking_search_s %g must not be negative", t->id[i], (double)t->parking_search_s[i]);
    }
    return ERR_OK;
}

static err_code zone_validate_polygons(const zone_system *z) {
    for (uint32_t i = 0; i < z->polygon_count; i++) {
        const zone_polygon *p = &z->polygon[i];
        CHECK(p->point_count >= 3, ERR_RANGE, "area '%s': a polygon needs 3 corners, this one has %u", p->id,
              p->point_count);
        for (uint32_t k = 0; k < p->point_count; k++) {
            CHECK(isfinite(p->x_m[k]) && isfinite(p->y_m[k]), ERR_RANGE, "area '%s': corner %u is not a finite point",
                  p->id, k);
        }
        CHECK(zone_find_polygon(z, p->id) == p, ERR_REFERENCE, "area id '%s' is used twice", p->id);
    }
    return ERR_OK;
}

static err_code zone_validate_count_points(const zone_system *z, const network *n) {
    for (uint32_t i = 0; i < z->count_point_count; i++) {
        const zone_count_point *p = &z->count_point[i];
        CHECK(p->link_count >= 1 && p->link_count <= 4, ERR_RANGE, "counting point '%s': has %u links; 1 to 4 can be",
              p->id, p->link_count);
        for (uint32_t k = 0; k < p->link_count; k++) {
            CHECK(p->link_ix[k] < n->link.count, ERR_REFERENCE,
                  "counting point '%s': a link of it is not in the network", p->id);
        }
        CHECK(isfinite(p->weekday_vehicles) && isfinite(p->heavy_share) && p->heavy_share <= 1, ERR_RANGE,
              "counting point '%s': weekday_vehicles and heavy_share (0 to 1) must be numbers", p->id);
        CHECK(!(p->through && p->sentrum_cordon), ERR_INFEASIBLE,
              "counting point '%s': through traffic never belongs to the sentrum measure; set one of the two to 0",
              p->id);
    }
    return ERR_OK;
}

static err_code zone_validate_flows(const zone_system *z, const network *n) {
    for (uint32_t i = 0; i < z->flow_count; i++) {
        const zone_flow *f = &z->flow[i];
        CHECK(f->from_node_ix < n->node.count && f->to_node_ix < n->node.count, ERR_REFERENCE,
              "flow '%s': one of its nodes is not in the network", f->id);
        CHECK(zone_not_negative(f->weekday_vehicles), ERR_RANGE, "flow '%s': weekday_vehicles must not be negative",
              f->id);
        CHECK((unsigned)f->vehicle < VEHICLE_CLASS_COUNT, ERR_RANGE, "flow '%s': its vehicle is unknown", f->id);
        CHECK(f->traveller == SEGMENT_THROUGH || f->traveller == SEGMENT_VISITOR, ERR_RANGE,
              "flow '%s': segment must be through or visitor", f->id);
        CHECK(f->profile < z->profile_count, ERR_REFERENCE, "flow '%s': its profile is not among the profiles", f->id);
        CHECK(isfinite(f->growth_pct_per_year) && fabs(f->growth_pct_per_year) <= 100, ERR_RANGE,
              "flow '%s': growth of %g %% a year is outside -100 to 100", f->id, f->growth_pct_per_year);
    }
    for (uint32_t i = 0; i < z->profile_count; i++) {
        double sum = 0;
        for (int h = 0; h < 24; h++) {
            CHECK(zone_not_negative(z->profile[i].share[h]), ERR_RANGE,
                  "profile '%s': the share of hour %d is negative", z->profile[i].id, h);
            sum += z->profile[i].share[h];
        }
        CHECK(fabs(sum - 1) < 1e-9, ERR_RANGE, "profile '%s': its shares add up to %.6g, not to 1", z->profile[i].id,
              sum);
        CHECK(zone_find_profile(z, z->profile[i].id) == i, ERR_REFERENCE, "profile id '%s' is used twice",
              z->profile[i].id);
    }
    return ERR_OK;
}

err_code zone_validate(const zone_system *z, const network *n) {
    CHECK(z->zone.count > 0, ERR_RANGE, "there are no zones; at least one is needed");
    TRY(zone_validate_zones(z));
    TRY(zone_validate_places(z, n));
    TRY(zone_validate_polygons(z));
    TRY(zone_validate_count_points(z, n));
    return zone_validate_flows(z, n);
}

static uint64_t zone_hash_text(uint64_t h, text value) {
    return value == NULL ? hash_u64(h, UINT64_MAX) : hash_bytes(h, value, strlen(value) + 1);
}

static uint64_t zone_hash_polygons(uint64_t h, const zone_system *z) {
    h = hash_u64(h, z->polygon_count);
    for (uint32_t i = 0; i < z->polygon_count; i++) {
        const zone_polygon *p = &z->polygon[i];
        h = hash_u64(zone_hash_text(zone_hash_text(h, p->id), p->name), p->point_count);
        for (uint32_t k = 0; k < p->point_count; k++) {
            h = hash_f64(hash_f64(h, p->x_m[k]), p->y_m[k]);
        }
    }
    return h;
}

static uint64_t zone_hash_traffic(uint64_t h, const zone_system *z) {
    h = hash_u64(h, z->count_point_count);
    for (uint32_t i = 0; i < z->count_point_count; i++) {
        const zone_count_point *p = &z->count_point[i];
        h = hash_u64(zone_hash_text(zone_hash_text(h, p->id), p->name), p->link_count);
        for (uint32_t k = 0; k < p->link_count; k++) {
            h = hash_u64(h, p->link_ix[k]);
        }
        h = hash_f64(hash_f64(h, p->weekday_vehicles), p->heavy_share);
        h = hash_u64(h, (p->sentrum_cordon ? 1u : 0u) | (p->through ? 2u : 0u));
    }
    h = hash_u64(h, z->flow_count);
    for (uint32_t i = 0; i < z->flow_count; i++) {
        const zone_flow *f = &z->flow[i];
        h = hash_u64(hash_u64(zone_hash_text(h, f->id), f->from_node_ix), f->to_node_ix);
        h = hash_u64(hash_u64(hash_u64(h, (uint64_t)f->vehicle), (uint64_t)f->traveller), f->profile);
        h = hash_f64(hash_f64(h, f->weekday_vehicles), f->growth_pct_per_year);
    }
    h = hash_u64(h, z->profile_count);
    for (uint32_t i = 0; i < z->profile_count; i++) {
        h = zone_hash_text(h, z->profile[i].id);
        for (int hour = 0; hour < 24; hour++) {
            h = hash_f64(h, z->profile[i].share[hour]);
        }
    }
    return h;
}

uint64_t zone_hash(const zone_system *z) {
    column zones[COLUMN_COUNT(ZONE_COLUMNS)], places[COLUMN_COUNT(PLACE_COLUMNS)];
    zone_describe_zones(z, zones);
    zone_describe_places(z, places);
    uint64_t h = column_hash(HASH_SEED, zones, COLUMN_COUNT(ZONE_COLUMNS), z->zone.count);
    h = column_hash(h, places, COLUMN_COUNT(PLACE_COLUMNS), z->place.count);
    return hash_finish(zone_hash_traffic(zone_hash_polygons(h, z), z));
}

const zone_polygon *zone_find_polygon(const zone_system *z, const char *id) {
    for (uint32_t i = 0; i < z->polygon_count; i++) {
        if (strcmp(z->polygon[i].id, id) == 0) {
            return &z->polygon[i];
        }
    }
    return NULL;
}

uint32_t zone_find_profile(const zone_system *z, const char *id) {
    for (uint32_t i = 0; i < z->profile_count; i++) {
        if (strcmp(z->profile[i].id, id) == 0) {
            return i;
        }
    }
    return IX_NONE;
}

// A ray to the east crosses an odd number of edges. Every edge is looked at from its lower to its upper end, whatever
// way the ring runs, so neighbours that share an edge never both claim a point and never both leave it out: points
// on a lower or western edge are inside, points on an upper or eastern edge are not.
bool zone_polygon_contains(const zone_polygon *p, double x_m, double y_m) {
    bool inside = false;
    for (uint32_t i = 0; i < p->point_count; i++) {
        uint32_t j = i + 1 < p->point_count ? i + 1 : 0;
        uint32_t low = p->y_m[i] <= p->y_m[j] ? i : j, high = low == i ? j : i;
        if (y_m < p->y_m[low] || y_m >= p->y_m[high]) {
            continue;
        }
        double east = (p->x_m[high] - p->x_m[low]) * (y_m - p->y_m[low]);
        double here = (x_m - p->x_m[low]) * (p->y_m[high] - p->y_m[low]);
        inside = here < east ? !inside : inside;
    }
    return inside;
}

err_code zone_mark_links(const zone_system *z, network *n) {
    const zone_polygon *sentrum = zone_find_polygon(z, "sentrum");
    const zone_polygon *municipality = zone_find_polygon(z, "municipality");
    CHECK(sentrum != NULL && municipality != NULL, ERR_REFERENCE,
          "the areas have no polygon '%s'; the areas 'sentrum' and 'municipality' are required",
          sentrum == NULL ? "sentrum" : "municipality");
    for (uint32_t e = 0; e < n->link.count; e++) {
        uint32_t from = n->link.from_ix[e], to = n->link.to_ix[e];
        double x0 = n->node.x_m[from], y0 = n->node.y_m[from], x1 = n->node.x_m[to], y1 = n->node.y_m[to];
        bool from_in = zone_polygon_contains(sentrum, x0, y0), to_in = zone_polygon_contains(sentrum, x1, y1);
        bool near = zone_polygon_contains(municipality, 0.5 * (x0 + x1), 0.5 * (y0 + y1));
        n->link.inside[e] = from_in && to_in ? 2 : near ? 1 : 0;
        n->link.cordon[e] = from_in == to_in ? 0 : to_in ? 1 : 2;
    }
    return ERR_OK;
}

bool zone_place_is_home(place_kind kind) {
    return kind == PLACE_HOME_DETACHED || kind == PLACE_HOME_ROW || kind == PLACE_HOME_FLAT;
}

const char *zone_place_kind_name(place_kind kind) {
    static const char *const names[PLACE_KIND_COUNT] = {"home_detached",  "home_row",     "home_flat",    "work",
                                                        "school_primary", "school_lower", "school_upper", "nursery",
                                                        "shop",           "leisure",      "holiday_home"};
    return (unsigned)kind < PLACE_KIND_COUNT ? names[kind] : "?";
}

void zone_describe_zones(const zone_system *z, column out[COLUMN_COUNT(ZONE_COLUMNS)]) {
    const zone_columns *t_ = &z->zone;
    const column all[] = {COLUMN_DESCRIBE(ZONE_COLUMNS)};
    memcpy(out, all, sizeof all);
}

void zone_describe_places(const zone_system *z, column out[COLUMN_COUNT(PLACE_COLUMNS)]) {
    const place_columns *t_ = &z->place;
    const column all[] = {COLUMN_DESCRIBE(PLACE_COLUMNS)};
    memcpy(out, all, sizeof all);
}
