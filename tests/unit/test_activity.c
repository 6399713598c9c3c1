#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/par.h"
#include "people_town.h"

typedef struct day {
    town *t;
    population p;
    plan plan;
} day;

static void assign(town *t, population *p) {
    arena scratch;
    arena_init(&scratch);
    double share = activity_out_commute_share(&t->s, p);
    assert_ok(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), share, p, &scratch));
    arena_free(&scratch);
}

static void live(town *t, const population *p, double home_office_share, plan *out) {
    arena scratch;
    arena_init(&scratch);
    assert_ok(activity_run(&t->s, &t->z, &t->los, home_office_share, town_key(), p, &t->a, &scratch, out));
    arena_free(&scratch);
    assert_ok(plan_validate(out, p, &t->z));
}

static day make_day(double scale) {
    day d = {.t = town_create(scale)};
    town_synthesise(d.t, &d.p);
    assign(d.t, &d.p);
    live(d.t, &d.p, d.t->s.home_office_share, &d.plan);
    return d;
}

// A day with errands and children on the way and with company.
static day make_social_day(double scale) {
    day d = {.t = town_create(scale)};
    d.t->s.shop_stop_share = 0.3;
    d.t->s.escort_stop_share = 0.6;
    d.t->s.joint_shop_share = 0.6;
    d.t->s.joint_leisure_share = 0.8;
    d.t->s.joint_work_share = 0.2;
    d.t->s.joint_visitor_share = 0.4;
    town_synthesise(d.t, &d.p);
    assign(d.t, &d.p);
    live(d.t, &d.p, d.t->s.home_office_share, &d.plan);
    return d;
}

static bool is_outside(const town *t, uint32_t place_ix) {
    return t->z.zone.outside[t->z.place.zone_ix[place_ix]] != 0;
}

// --- fixed places ----------------------------------------------------------------------------------------------

static void out_commuters_are_as_many_as_the_margin(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    town_synthesise(t, &p);
    assign(t, &p);
    uint32_t out = 0;
    for (uint32_t i = 0; i < p.person.count; i++) {
        if (p.person.employed[i]) {
            assert_true(p.person.work_place_ix[i] != IX_NONE);
            assert_int_equal(t->z.place.kind[p.person.work_place_ix[i]], PLACE_WORK);
            bool outside = is_outside(t, p.person.work_place_ix[i]);
            assert_true(!outside || p.person.segment[i] == SEGMENT_RESIDENT);
            out += outside;
        }
    }
    assert_near(out / t->s.out_commuters, 1.0, 0.03);
    town_free(t);
}

static void out_commute_share_is_a_share(void **state) {
    (void)state;
    town *t = town_create(0.1);
    population p;
    town_synthesise(t, &p);
    double share = activity_out_commute_share(&t->s, &p);
    assert_true(share > 0.3 && share < 0.8);
    t->s.out_commuters = 1e6;
    assert_near(activity_out_commute_share(&t->s, &p), 1.0, 0.0);
    p.person.count = 0;
    assert_near(activity_out_commute_share(&t->s, &p), 0.0, 0.0);
    town_free(t);
}

static void jobs_inside_are_filled_in_proportion_to_their_number(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    t->s.out_commuters = 0;
    t->s.in_commuters = 0;
    const double jobs[3] = {1000, 1000, 5000};  // most of them far from most homes: friction alone would not fill them
    for (uint32_t j = 0; j < 3; j++) {
        t->z.place.size[9 + j] = (float)jobs[j];
    }
    town_synthesise(t, &p);
    assign(t, &p);
    double workers[TOWN_PLACES_MAX] = {0};
    double all = 0.0;
    for (uint32_t i = 0; i < p.person.count; i++) {
        if (p.person.employed[i]) {
            workers[p.person.work_place_ix[i]] += 1.0;
            all += 1.0;
        }
    }
    for (uint32_t j = 0; j < 3; j++) {
        assert_near(workers[9 + j] / all, jobs[j] / 7000.0, 0.012);
    }
    town_free(t);
}

// Whatever the balancing factors are, they cancel in the odds ratio of two homes and two job places; what is left is
// friction, exp(-0.1 a km).
static void gravity_has_the_odds_of_its_friction(void **state) {
    (void)state;
    town *t = town_create(4);
    population p;
    t->s.out_commuters = 0;
    t->s.in_commuters = 0;
    town_synthesise(t, &p);
    assign(t, &p);
    const uint32_t home[2] = {1, 6};  // at 1.2 and 8.0 km
    const uint32_t job[2] = {9, 11};  // at 0.2 and 7.0 km
    double count[2][2] = {{0}};
    for (uint32_t i = 0; i < p.person.count; i++) {
        for (int h = 0; h < 2; h++) {
            for (int j = 0; j < 2; j++) {
                count[h][j] += p.person.home_place_ix[i] == home[h] && p.person.work_place_ix[i] == job[j];
            }
        }
    }
    double log_odds = log(count[0][0] * count[1][1] / (count[0][1] * count[1][0]));
    double expected = -0.1 * ((1.0 + 1.0) - (5.8 + 7.8));
    double standard_error = sqrt(1 / count[0][0] + 1 / count[0][1] + 1 / count[1][0] + 1 / count[1][1]);
    assert_true(standard_error < 0.1);
    assert_near(log_odds, expected, 3.0 * standard_error);
    town_free(t);
}

static void work_is_refused_where_there_is_none(void **state) {
    (void)state;
    town *t = town_create(0.05);
    population p;
    arena scratch;
    arena_init(&scratch);
    town_synthesise(t, &p);
    for (uint32_t i = 0; i < t->z.place.count; i++) {
        if (t->z.place.kind[i] == PLACE_WORK && is_outside(t, i)) {
            t->z.place.size[i] = 0.0F;
        }
    }
    assert_error(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), 0.5, &p, &scratch), ERR_INFEASIBLE,
                 "people.out_commuters");
    assert_ok(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), 0.0, &p, &scratch));
    for (uint32_t i = 0; i < t->z.place.count; i++) {
        if (t->z.place.kind[i] == PLACE_WORK) {
            t->z.place.size[i] = 0.0F;
        }
    }
    assert_error(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), 0.0, &p, &scratch), ERR_INFEASIBLE,
                 "work inside the municipality");
    arena_free(&scratch);
    town_free(t);
}

static void pupils_go_to_the_nearest_school_with_places(void **state) {
    (void)state;
    town *t = town_create(1);
    population p;
    town_synthesise(t, &p);
    t->z.place.size[12] = 300;   // primary_a at 0.8 km, too small
    t->z.place.size[13] = 5000;  // primary_b at 6.2 km, large enough
    t->z.place.size[14] = 100;   // the only lower secondary school: crowded
    assign(t, &p);
    uint32_t pupils[TOWN_PLACES_MAX] = {0};
    uint32_t children = 0;
    for (uint32_t i = 0; i < p.person.count; i++) {
        bool resident = p.person.segment[i] == SEGMENT_RESIDENT;
        if (resident && p.person.age[i] == AGE_6_15) {
            children++;
            pupils[p.person.work_place_ix[i]]++;
            // From 6 and 8 km primary_b is nearer and has places for all.
            bool far = p.person.home_place_ix[i] == 5 || p.person.home_place_ix[i] == 6;
            assert_true(!far || p.person.work_place_ix[i] != 12);
        } else if (resident && p.person.age[i] == AGE_16_19 && !p.person.employed[i]) {
            pupils[p.person.work_place_ix[i]]++;
        } else if (!p.person.employed[i]) {
            assert_true(p.person.work_place_ix[i] == IX_NONE);
        }
    }
    assert_int_equal(pupils[12], 300);
    assert_near((pupils[12] + pupils[13]) / (double)children, 0.7, 0.03);
    assert_int_equal(pupils[14], children - pupils[12] - pupils[13]);
    assert_int_equal(pupils[15], 500);  // upper secondary in town is full,
    assert_true(pupils[25] > 200);      // the rest travel south
    town_free(t);
}

static void newcomers_never_push_a_child_out_of_school(void **state) {
    (void)state;
    town *t = town_create(0.3);
    scenario_programme programme = {.id = "new",
                                    .place_id = "new_rows",
                                    .dwelling = 1,
                                    .homes = 300,
                                    .from_year = 2026,
                                    .to_year = 2030,
                                    .parking_norm = -1,
                                    .file = "f",
                                    .line = 1};
    population today;
    population later;
    t->s.programme = &programme;
    t->s.programme_count = 1;
    town_synthesise(t, &today);
    assert_ok(growth_run(&t->s, &t->in, &t->z, t->station_distance_m, 2040, town_key(), &today, &t->a, &later));
    assign(t, &today);
    assign(t, &later);
    for (uint32_t h = 0; h < today.household.count; h++) {
        for (uint32_t k = 0; k < today.household.size[h]; k++) {
            uint32_t i = today.household.person_first[h] + k;
            assert_true(today.person.employed[i] || today.person.work_place_ix[i] == later.person.work_place_ix[i]);
        }
    }
    town_free(t);
}

static void nearly_all_keep_their_job_when_others_move_in(void **state) {
    (void)state;
    town *t = town_create(0.3);
    scenario_programme programme = {.id = "new",
                                    .place_id = "new_rows",
                                    .dwelling = 1,
                                    .homes = 200,
                                    .from_year = 2026,
                                    .to_year = 2030,
                                    .parking_norm = -1,
                                    .file = "f",
                                    .line = 1};
    population today;
    population later;
    t->s.programme = &programme;
    t->s.programme_count = 1;
    town_synthesise(t, &today);
    assert_ok(growth_run(&t->s, &t->in, &t->z, t->station_distance_m, 2040, town_key(), &today, &t->a, &later));
    arena scratch;
    arena_init(&scratch);
    double share = activity_out_commute_share(&t->s, &today);
    assert_ok(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), share, &today, &scratch));
    assert_ok(activity_assign_fixed(&t->s, &t->z, &t->los, town_key(), share, &later, &scratch));
    arena_free(&scratch);
    uint32_t kept = 0;
    uint32_t employed = 0;
    uint32_t residents = today.household.person_first[today.household.count - 1];
    for (uint32_t i = 0; i < residents; i++) {
        employed += today.person.employed[i];
        kept += today.person.employed[i] && today.person.work_place_ix[i] == later.person.work_place_ix[i];
    }
    assert_true(kept > 0.97 * employed);
    town_free(t);
}

// --- the day ---------------------------------------------------------------------------------------------------

static int32_t planned_travel_s(const town *t, uint32_t from, uint32_t to) {
    double m = (double)t->los.distance_m[from * t->los.slot_count + to];
    return 300 + (int32_t)ceil(m / 11.1);
}

static void nobody_is_in_two_places_at_once(void **state) {
    (void)state;
    day d = make_day(0.5);
    uint32_t several = 0;
    for (uint32_t i = 0; i < d.p.person.count; i++) {
        int32_t home_s = 0;
        several += d.plan.tour_first[i + 1] - d.plan.tour_first[i] > 2;
        for (uint32_t k = d.plan.tour_first[i]; k < d.plan.tour_first[i + 1]; k++) {
            uint32_t home = d.plan.tour.origin_place_ix[k];
            uint32_t there = d.plan.tour.destination_place_ix[k];
            assert_true(d.plan.tour.departure_s[k] >= home_s);
            assert_true(d.plan.tour.departure_s[k] < 86400);
            int32_t arrival_s = d.plan.tour.departure_s[k] + planned_travel_s(d.t, home, there);
            assert_true(d.plan.tour.return_s[k] >= arrival_s + 300);
            home_s = d.plan.tour.return_s[k] + planned_travel_s(d.t, there, home);
            assert_true(home_s < 30 * 3600);
            assert_int_equal(d.plan.tour.mode[k], MODE_COUNT);
        }
    }
    assert_true(several > 100);
    town_free(d.t);
}

static uint32_t count_purpose(const day *d, segment who, purpose why) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < d->plan.tour.count; k++) {
        count += d->plan.tour.purpose[k] == why && d->p.person.segment[d->plan.tour.person_ix[k]] == who;
    }
    return count;
}

// Tours a resident concerned, against the scenario's; the few tours a day has no room for are allowed for.
static void tours_are_as_many_as_the_scenario_says(void **state) {
    (void)state;
    day d = make_day(1);
    uint32_t employed = 0;
    uint32_t pupils = 0;
    uint32_t over_five = 0;
    for (uint32_t i = 0; i < d.p.person.count; i++) {
        if (d.p.person.segment[i] == SEGMENT_RESIDENT) {
            employed += d.p.person.employed[i];
            pupils += !d.p.person.employed[i] && d.p.person.work_place_ix[i] != IX_NONE;
            over_five += d.p.person.age[i] >= AGE_6_15;
        }
    }
    assert_near(count_purpose(&d, SEGMENT_RESIDENT, PURPOSE_WORK) / (double)employed, 0.85 * 0.88, 0.015);
    assert_near(count_purpose(&d, SEGMENT_RESIDENT, PURPOSE_SCHOOL) / (double)pupils, 0.95, 0.015);
    assert_near(count_purpose(&d, SEGMENT_RESIDENT, PURPOSE_SHOP) / (double)over_five, 0.35, 0.02);
    assert_near(count_purpose(&d, SEGMENT_RESIDENT, PURPOSE_LEISURE) / (double)over_five, 0.40, 0.02);
    assert_near(count_purpose(&d, SEGMENT_RESIDENT, PURPOSE_BUSINESS) / (double)employed, 0.04, 0.006);
    town_free(d.t);
}

static void adults_with_a_child_escort_it(void **state) {
    (void)state;
    day d = make_day(1);
    uint32_t adults = 0;
    uint32_t escorts = 0;
    for (uint32_t i = 0; i < d.p.person.count; i++) {
        uint32_t h = d.p.person.household_ix[i];
        bool child = false;
        for (uint32_t k = 0; h != IX_NONE && k < d.p.household.size[h]; k++) {
            child = child || d.p.person.age[d.p.household.person_first[h] + k] <= AGE_6_15;
        }
        bool concerned = child && d.p.person.age[i] >= AGE_20_44;
        adults += concerned;
        for (uint32_t k = d.plan.tour_first[i]; k < d.plan.tour_first[i + 1]; k++) {
            if (d.plan.tour.purpose[k] == PURPOSE_ESCORT) {
                uint32_t there = d.plan.tour.destination_place_ix[k];
                bool own = d.t->z.place.kind[there] == PLACE_NURSERY;
                for (uint32_t c = 0; c < d.p.household.size[h]; c++) {
                    own = own || d.p.person.work_place_ix[d.p.household.person_first[h] + c] == there;
                }
                for (uint32_t j = d.plan.tour_first[d.p.household.person_first[h]];
                     j < d.plan.tour_first[d.p.household.person_first[h] + d.p.household.size[h]]; j++) {
                    own = own || (d.plan.tour.lead_tour_ix[j] == k || d.plan.tour.pickup_tour_ix[j] == k);
                }
                assert_true(concerned && own);  // a nursery, a child's school, or where somebody is taken
                escorts++;
            }
        }
    }
    assert_near(escorts / (double)adults, 0.3, 0.03);
    town_free(d.t);
}

static void people_from_outside_make_one_tour_into_the_municipality(void **state) {
    (void)state;
    day d = make_day(1);
    uint32_t work = count_purpose(&d, SEGMENT_VISITOR, PURPOSE_WORK);
    uint32_t shop = count_purpose(&d, SEGMENT_VISITOR, PURPOSE_SHOP);
    uint32_t leisure = count_purpose(&d, SEGMENT_VISITOR, PURPOSE_LEISURE);
    for (uint32_t i = 0; i < d.p.person.count; i++) {
        uint32_t tours = d.plan.tour_first[i + 1] - d.plan.tour_first[i];
        if (d.p.person.segment[i] == SEGMENT_VISITOR) {
            assert_true(d.p.person.employed[i] ? tours <= 1 : tours == 1);
            assert_true(tours == 0 || !is_outside(d.t, d.plan.tour.destination_place_ix[d.plan.tour_first[i]]));
        }
    }
    assert_near(work / 5100.0, 0.85 * 0.88, 0.02);
    assert_int_equal(shop + leisure, 3000);
    assert_near(shop / 3000.0, 0.6, 0.03);
    town_free(d.t);
}

// Destination shares against the logit written out here.
static void destinations_follow_size_and_logsum(void **state) {
    (void)state;
    day d = make_day(4);
    const town *t = d.t;
    const uint32_t origin = 5;              // houses_b at 6 km
    const uint32_t shop[3] = {17, 18, 26};  // sentrum, rural, north
    double weight[3];
    double count[3] = {0};
    double total = 0.0;
    double made = 0.0;
    for (int j = 0; j < 3; j++) {
        double logsum = (double)t->los.logsum[PURPOSE_SHOP][origin * t->los.slot_count + shop[j]];
        weight[j] = (double)t->z.place.size[shop[j]] * exp(logsum);
        total += weight[j];
    }
    for (uint32_t k = 0; k < d.plan.tour.count; k++) {
        if (d.plan.tour.purpose[k] == PURPOSE_SHOP && d.plan.tour.origin_place_ix[k] == origin) {
            for (int j = 0; j < 3; j++) {
                count[j] += d.plan.tour.destination_place_ix[k] == shop[j];
            }
            made += 1.0;
        }
    }
    assert_true(made > 3000);
    for (int j = 0; j < 3; j++) {
        double p = weight[j] / total;
        assert_near(count[j] / made, p, 3.5 * sqrt(p * (1 - p) / made) + 1e-3);
    }
    town_free(d.t);
}

static void leisure_also_visits_homes(void **state) {
    (void)state;
    day d = make_day(1);
    uint32_t visits = 0;
    for (uint32_t k = 0; k < d.plan.tour.count; k++) {
        place_kind kind = (place_kind)d.t->z.place.kind[d.plan.tour.destination_place_ix[k]];
        bool visit = zone_place_is_home(kind);
        assert_true(!visit || d.plan.tour.purpose[k] == PURPOSE_LEISURE || d.plan.tour.purpose[k] == PURPOSE_ESCORT);
        visit = visit && d.plan.tour.purpose[k] == PURPOSE_LEISURE;
        visits += visit;
    }
    assert_true(visits > 500);
    town_free(d.t);
}

static void a_place_that_cannot_be_reached_is_not_chosen(void **state) {
    (void)state;
    town *t = town_create(0.3);
    population p;
    plan made;
    town_synthesise(t, &p);
    assign(t, &p);
    for (int why = 0; why < PURPOSE_COUNT; why++) {
        float *logsum = arena_alloc(&t->a, (size_t)t->los.slot_count * t->los.slot_count, sizeof *logsum);
        memcpy(logsum, t->los.logsum[why], (size_t)t->los.slot_count * t->los.slot_count * sizeof *logsum);
        for (uint32_t o = 0; o < t->los.slot_count; o++) {
            logsum[o * t->los.slot_count + 17] = -HUGE_VALF;  // shops_sentrum
            logsum[4 * t->los.slot_count + o] = -HUGE_VALF;   // nothing at all from houses_a
        }
        t->los.logsum[why] = logsum;
    }
    live(t, &p, 0.1, &made);
    uint32_t shop = 0;
    for (uint32_t k = 0; k < made.tour.count; k++) {
        bool fixed = made.tour.purpose[k] == PURPOSE_WORK || made.tour.purpose[k] == PURPOSE_SCHOOL ||
                     made.tour.purpose[k] == PURPOSE_ESCORT;  // to a school
        assert_true(made.tour.destination_place_ix[k] != 17);
        assert_true(fixed || made.tour.origin_place_ix[k] != 4);
        shop += made.tour.purpose[k] == PURPOSE_SHOP;
    }
    assert_true(shop > 100);
    town_free(t);
}

// Who cannot drive heeds the logsums without a car: here only one shop can be reached without.
static void who_cannot_drive_goes_where_no_car_is_needed(void **state) {
    (void)state;
    town *t = town_create(0.5);
    population p;
    plan made;
    town_synthesise(t, &p);
    assign(t, &p);
    uint32_t near_slot = t->los.place_slot[17];  // shops_sentrum
    for (int why = 0; why < PURPOSE_COUNT; why++) {
        float *logsum = arena_alloc(&t->a, (size_t)t->los.slot_count * t->los.slot_count, sizeof *logsum);
        assert_non_null(logsum);
        for (uint32_t i = 0; i < t->los.slot_count * t->los.slot_count; i++) {
            bool near = i % t->los.slot_count == near_slot;
            logsum[i] = why != PURPOSE_SHOP || near ? t->los.logsum[why][i] : -HUGE_VALF;
        }
        t->los.logsum_no_car[why] = logsum;
    }
    live(t, &p, 0.1, &made);
    uint32_t near[2] = {0}, all[2] = {0};
    for (uint32_t k = 0; k < made.tour.count; k++) {
        uint32_t person = made.tour.person_ix[k];
        uint32_t h = p.person.household_ix[person];
        if (made.tour.purpose[k] != PURPOSE_SHOP || made.tour.lead_tour_ix[k] != IX_NONE || h == IX_NONE) {
            continue;
        }
        int drives = p.person.licence[person] != 0 && p.household.cars[h] > 0;
        near[drives] += t->los.place_slot[made.tour.destination_place_ix[k]] == near_slot;
        all[drives]++;
    }
    assert_true(all[0] > 50 && near[0] == all[0]);
    assert_true(all[1] > 50 && near[1] < all[1]);
    town_free(t);
}

static void departures_follow_the_profile(void **state) {
    (void)state;
    day d = make_day(1);
    const zone_profile *profile = &d.t->z.profile[0];
    double share[24] = {0};
    double work = 0.0;
    for (uint32_t k = 0; k < d.plan.tour.count; k++) {
        if (d.plan.tour.purpose[k] == PURPOSE_WORK) {
            share[d.plan.tour.departure_s[k] / 3600] += 1.0;
            work += 1.0;
        }
    }
    for (int h = 0; h < 24; h++) {
        assert_near(share[h] / work, profile->share[h], 0.015);
    }
    town_free(d.t);
}

static void returns_follow_their_own_profile(void **state) {
    (void)state;
    day d = make_day(1);
    double afternoon = 0.0;
    double work = 0.0;
    for (uint32_t k = 0; k < d.plan.tour.count; k++) {
        if (d.plan.tour.purpose[k] == PURPOSE_WORK) {
            afternoon += d.plan.tour.return_s[k] >= 14 * 3600 && d.plan.tour.return_s[k] < 17 * 3600;
            work += 1.0;
        }
    }
    assert_near(afternoon / work, 0.60, 0.10);  // 60 of 103 in the profile, cut where it is before the arrival
    town_free(d.t);
}

static void home_office_only_removes_work_tours(void **state) {
    (void)state;
    day d = make_day(0.5);
    plan more;
    live(d.t, &d.p, 0.5, &more);
    uint32_t before = 0;
    uint32_t after = 0;
    for (uint32_t i = 0; i < d.p.person.count; i++) {
        uint64_t old_id = 0;
        for (uint32_t k = d.plan.tour_first[i]; k < d.plan.tour_first[i + 1]; k++) {
            old_id = d.plan.tour.purpose[k] == PURPOSE_WORK ? d.plan.tour.id[k] : old_id;
        }
        before += old_id != 0;
        for (uint32_t k = more.tour_first[i]; k < more.tour_first[i + 1]; k++) {
            if (more.tour.purpose[k] == PURPOSE_WORK) {
                assert_true(more.tour.id[k] == old_id);
                after++;
            }
        }
    }
    assert_near(after / (double)before, 0.5 / 0.88, 0.03);
    town_free(d.t);
}

static void others_do_the_same_when_homes_are_added(void **state) {
    (void)state;
    town *t = town_create(0.3);
    scenario_programme programme = {.id = "new",
                                    .place_id = "new_flats",
                                    .dwelling = 2,
                                    .homes = 200,
                                    .from_year = 2026,
                                    .to_year = 2030,
                                    .parking_norm = -1,
                                    .file = "f",
                                    .line = 1};
    population today;
    population later;
    plan before;
    plan after;
    t->s.joint_work_share = 0.2;
    t->s.joint_leisure_share = 0.8;
    t->s.escort_stop_share = 0.6;
    t->s.programme = &programme;
    t->s.programme_count = 1;
    town_synthesise(t, &today);
    assert_ok(growth_run(&t->s, &t->in, &t->z, t->station_distance_m, 2040, town_key(), &today, &t->a, &later));
    assign(t, &today);
    assign(t, &later);
    live(t, &today, 0.1, &before);
    live(t, &later, 0.1, &after);
    uint32_t residents = today.household.person_first[today.household.count - 1];
    uint32_t same = 0;
    for (uint32_t i = 0; i < residents; i++) {
        uint32_t tours = before.tour_first[i + 1] - before.tour_first[i];
        bool alike = tours == after.tour_first[i + 1] - after.tour_first[i];
        for (uint32_t k = 0; alike && k < tours; k++) {
            uint32_t j = before.tour_first[i] + k;
            uint32_t l = after.tour_first[i] + k;
            alike = before.tour.id[j] == after.tour.id[l] && before.tour.departure_s[j] == after.tour.departure_s[l] &&
                    before.tour.destination_place_ix[j] == after.tour.destination_place_ix[l];
        }
        same += alike;
    }
    assert_true(same > 0.95 * residents);
    town_free(t);
}

static void same_day_for_any_number_of_threads(void **state) {
    (void)state;
    const int threads[4] = {1, 2, 3, 8};
    uint64_t hash[4];
    for (int k = 0; k < 4; k++) {
        par_set_threads(threads[k]);
        day d = make_social_day(0.3);
        hash[k] = plan_hash(&d.plan) ^ population_hash(&d.p);
        town_free(d.t);
    }
    par_set_threads(0);
    assert_true(hash[0] == hash[1] && hash[1] == hash[2] && hash[2] == hash[3]);
}

static void another_replication_is_another_day(void **state) {
    (void)state;
    day d = make_day(0.1);
    plan other;
    arena scratch;
    arena_init(&scratch);
    rng_key key = {.seed = 7, .replication = 1};
    assert_ok(activity_run(&d.t->s, &d.t->z, &d.t->los, 0.12, key, &d.p, &d.t->a, &scratch, &other));
    assert_true(plan_hash(&other) != plan_hash(&d.plan));
    arena_free(&scratch);
    town_free(d.t);
}

static void tours_with_stops_keep_places_and_times(void **state) {
    (void)state;
    day d = make_social_day(0.5);
    uint32_t stops[PURPOSE_COUNT] = {0};
    for (uint32_t i = 0; i < d.p.person.count; i++) {
        int32_t home_s = 0;
        for (uint32_t t = d.plan.tour_first[i]; t < d.plan.tour_first[i + 1]; t++) {
            int32_t at_s = home_s;
            for (uint32_t k = d.plan.trip_first[t]; k < d.plan.trip_first[t + 1]; k++) {
                assert_true(d.plan.trip.departure_s[k] >= at_s);
                at_s = d.plan.trip.departure_s[k] +
                       planned_travel_s(d.t, d.plan.trip.from_place_ix[k], d.plan.trip.to_place_ix[k]);
                bool last = k + 1 == d.plan.trip_first[t + 1];
                bool stop = !last && d.plan.trip.to_place_ix[k] != d.plan.tour.destination_place_ix[t];
                stops[d.plan.trip.purpose[k]] += stop;
                assert_true(!stop || d.plan.tour.purpose[t] == PURPOSE_WORK);
            }
            home_s = at_s;
            assert_true(home_s < 30 * 3600);
        }
    }
    assert_true(stops[PURPOSE_SHOP] > 100 && stops[PURPOSE_ESCORT] > 30);
    assert_int_equal(stops[PURPOSE_SHOP] + stops[PURPOSE_ESCORT], d.plan.trip.count - 2 * d.plan.tour.count);
    town_free(d.t);
}

// Stops and company move activities, they do not add or remove any.
static void company_and_stops_keep_the_number_of_activities(void **state) {
    (void)state;
    double made[2][PURPOSE_COUNT] = {{0}};
    for (int social = 0; social < 2; social++) {
        day d = social != 0 ? make_social_day(1) : make_day(1);
        for (uint32_t k = 0; k < d.plan.trip.count; k++) {
            uint32_t tour = d.plan.trip.tour_ix[k];
            bool last = k + 1 == d.plan.trip_first[tour + 1];
            bool resident = d.p.person.segment[d.plan.tour.person_ix[tour]] == SEGMENT_RESIDENT;
            made[social][d.plan.trip.purpose[k]] += resident && !last;
        }
        town_free(d.t);
    }
    for (int why = 0; why < PURPOSE_COUNT; why++) {
        assert_near(made[1][why] / made[0][why], 1.0, 0.035);
    }
}

static void company_travels_with_a_driver(void **state) {
    (void)state;
    day d = make_social_day(1);
    uint32_t led[PURPOSE_COUNT] = {0};
    uint32_t visitors = 0, fetched = 0, strangers = 0, taken = 0;
    for (uint32_t t = 0; t < d.plan.tour.count; t++) {
        uint32_t lead = d.plan.tour.lead_tour_ix[t];
        if (lead == IX_NONE) {
            continue;
        }
        uint32_t me = d.plan.tour.person_ix[t];
        uint32_t other = d.plan.tour.person_ix[lead];
        led[d.plan.tour.purpose[t]]++;
        fetched += d.plan.tour.pickup_tour_ix[t] != IX_NONE;
        visitors += d.p.person.segment[me] == SEGMENT_VISITOR;
        strangers += d.p.person.household_ix[me] != d.p.person.household_ix[other];
        assert_int_equal(d.p.person.segment[me], d.p.person.segment[other]);
        assert_int_equal(d.p.person.home_place_ix[me], d.p.person.home_place_ix[other]);
        bool joint = plan_is_joint(&d.plan, t);
        taken += !joint;
        assert_true(!joint || d.p.person.licence[other] != 0);
        // on business nobody shares a car, but who has no licence may be taken there
        assert_true(d.plan.tour.purpose[t] != PURPOSE_BUSINESS || (!joint && d.p.person.licence[me] == 0));
        assert_true(joint || d.p.person.age[other] >= AGE_20_44);
        assert_true(joint || d.plan.tour.purpose[lead] == PURPOSE_ESCORT || d.plan.tour.purpose[lead] == PURPOSE_WORK);
    }
    assert_true(led[PURPOSE_WORK] > 100 && led[PURPOSE_SCHOOL] > 100);
    assert_true(led[PURPOSE_SHOP] > 300 && led[PURPOSE_LEISURE] > 500);
    assert_true(visitors > 300 && fetched > 20 && strangers > 100 && taken > 200);
    assert_int_equal(led[PURPOSE_ESCORT], 0);
    town_free(d.t);
}

static void missing_profiles_are_named(void **state) {
    (void)state;
    town *t = town_create(0.05);
    population p;
    plan made;
    arena scratch;
    arena_init(&scratch);
    town_synthesise(t, &p);
    t->s.purpose[PURPOSE_SHOP].profile_out = "no_such_hours";
    err_code code = activity_run(&t->s, &t->z, &t->los, 0.1, town_key(), &p, &t->a, &scratch, &made);
    assert_error(code, ERR_REFERENCE, "choice.shop.profile_out names the profile 'no_such_hours'");
    t->s.purpose[PURPOSE_SHOP].profile_out = "day";
    t->s.purpose[PURPOSE_WORK].profile_return = "nor_these";
    code = activity_run(&t->s, &t->z, &t->los, 0.1, town_key(), &p, &t->a, &scratch, &made);
    assert_error(code, ERR_REFERENCE, "choice.work.profile_return names the profile 'nor_these'");
    t->s.purpose[PURPOSE_WORK].profile_return = NULL;
    t->s.purpose[PURPOSE_WORK].profile_out = NULL;
    code = activity_run(&t->s, &t->z, &t->los, 0.1, town_key(), &p, &t->a, &scratch, &made);
    assert_error(code, ERR_REFERENCE, "choice.work.profile_out");
    arena_free(&scratch);
    town_free(t);
}

static void a_town_without_people_has_an_empty_day(void **state) {
    (void)state;
    town *t = town_create(0.0);
    population p;
    plan made;
    town_synthesise(t, &p);
    assert_int_equal(p.person.count, 0);
    assign(t, &p);
    live(t, &p, 0.1, &made);
    assert_int_equal(made.tour.count, 0);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_commuters_are_as_many_as_the_margin),
        cmocka_unit_test(out_commute_share_is_a_share),
        cmocka_unit_test(jobs_inside_are_filled_in_proportion_to_their_number),
        cmocka_unit_test(gravity_has_the_odds_of_its_friction),
        cmocka_unit_test(work_is_refused_where_there_is_none),
        cmocka_unit_test(pupils_go_to_the_nearest_school_with_places),
        cmocka_unit_test(newcomers_never_push_a_child_out_of_school),
        cmocka_unit_test(nearly_all_keep_their_job_when_others_move_in),
        cmocka_unit_test(nobody_is_in_two_places_at_once),
        cmocka_unit_test(tours_are_as_many_as_the_scenario_says),
        cmocka_unit_test(adults_with_a_child_escort_it),
        cmocka_unit_test(people_from_outside_make_one_tour_into_the_municipality),
        cmocka_unit_test(destinations_follow_size_and_logsum),
        cmocka_unit_test(leisure_also_visits_homes),
        cmocka_unit_test(a_place_that_cannot_be_reached_is_not_chosen),
        cmocka_unit_test(who_cannot_drive_goes_where_no_car_is_needed),
        cmocka_unit_test(departures_follow_the_profile),
        cmocka_unit_test(returns_follow_their_own_profile),
        cmocka_unit_test(home_office_only_removes_work_tours),
        cmocka_unit_test(others_do_the_same_when_homes_are_added),
        cmocka_unit_test(same_day_for_any_number_of_threads),
        cmocka_unit_test(another_replication_is_another_day),
        cmocka_unit_test(tours_with_stops_keep_places_and_times),
        cmocka_unit_test(company_and_stops_keep_the_number_of_activities),
        cmocka_unit_test(company_travels_with_a_driver),
        cmocka_unit_test(missing_profiles_are_named),
        cmocka_unit_test(a_town_without_people_has_an_empty_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
