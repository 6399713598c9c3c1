// The root of one replication: bracket, then regula falsi with the Illinois rule.
#include <math.h>
#include <string.h>

#include "loop/ceiling.h"

enum { GRID = 5, BRACKET_STEPS = 6, REFINE_STEPS = 20 };

static const double overshoot = 1.3;  // of the first secant step, so that the second point lies beyond the crossing
static const double turn_back_share = 0.25;  // see the header

typedef struct search {
    ceiling_response *response;
    void *context;
    const ceiling_range *range;
    ceiling_root *out;
} search;

static double snap(const search *s, double x) {
    x = x < s->range->min ? s->range->min : x;
    x = x > s->range->max ? s->range->max : x;
    return s->range->whole ? floor(x + 0.5) : x;
}

// Evaluates x unless it is known; points stay in order of x.
static err_code evaluate(search *s, double x, double *change_pct) {
    ceiling_root *o = s->out;
    uint32_t at = 0;
    while (at < o->point_count && o->point_x[at] < x) {
        at++;
    }
    if (at < o->point_count && o->point_x[at] == x) {
        *change_pct = o->point_pct[at];
        return ERR_OK;
    }
    CHECK(o->point_count < CEILING_POINTS_MAX, ERR_INTERNAL, "a root took more than %d simulations",
          (int)CEILING_POINTS_MAX);
    TRY(s->response(s->context, x, change_pct));
    CHECK(isfinite(*change_pct), ERR_INFEASIBLE,
          "the change against today at %.6g is no number: is there car traffic in "
          "sentrum today?",
          x);
    size_t moved = (o->point_count - at) * sizeof *o->point_x;
    memmove(o->point_x + at + 1, o->point_x + at, moved);
    memmove(o->point_pct + at + 1, o->point_pct + at, moved);
    o->point_x[at] = x;
    o->point_pct[at] = *change_pct;
    o->point_count++;
    return ERR_OK;
}

static bool over(double change_pct) {
    return change_pct > 0.0;
}

// Neighbouring points on both sides of the ceiling: index of the lower, IX_NONE if there are none; counts them.
static uint32_t find_crossing(const ceiling_root *o, uint32_t *count) {
    uint32_t found = IX_NONE;
    *count = 0;
    for (uint32_t i = 0; i + 1 < o->point_count; i++) {
        if (over(o->point_pct[i]) != over(o->point_pct[i + 1])) {
            found = found == IX_NONE ? i : found;
            *count += 1;
        }
    }
    return found;
}

static err_code look_everywhere(search *s) {
    double change;
    for (int i = 0; i < GRID; i++) {
        TRY(evaluate(s, snap(s, s->range->min + (s->range->max - s->range->min) * i / (GRID - 1)), &change));
    }
    return ERR_OK;
}

// From another replication's root along its slope, in growing steps, towards the end of the range on that side.
static err_code look_near(search *s, const ceiling_root *near) {
    uint32_t crossings;
    double change;
    double x = snap(s, near->x);
    double before = s->range->tolerance;
    TRY(evaluate(s, x, &change));
    for (int i = 0; i < BRACKET_STEPS && find_crossing(s->out, &crossings) == IX_NONE; i++) {
        if (fabs(change) <= s->range->tolerance_pct) {
            break;
        }
        double way = (over(change) == near->rising) ? -1.0 : 1.0;  // towards where the other side should be
        double step = near->slope != 0.0 ? fabs(overshoot * change / near->slope) : 0.0;
        step = fmax(step, 2.0 * before);
        bool last = i + 1 == BRACKET_STEPS;
        double next = snap(s, last ? (way > 0.0 ? s->range->max : s->range->min) : x + way * step);
        if (next == x) {  // the end of the range
            break;
        }
        before = step;
        x = next;
        TRY(evaluate(s, x, &change));
    }
    return ERR_OK;
}

// Narrows the bracket between points i and i + 1: regula falsi with the Illinois rule, halving where that is slow.
static err_code refine(search *s, uint32_t i) {
    const ceiling_root *o = s->out;
    double a = o->point_x[i], b = o->point_x[i + 1];
    double fa = o->point_pct[i], fb = o->point_pct[i + 1];
    int side = 0;
    double width = INFINITY;  // two steps ago
    double last_width = INFINITY;
    for (int k = 0; k < REFINE_STEPS && b - a > s->range->tolerance; k++) {
        double x = snap(s, a + (b - a) * fa / (fa - fb));
        bool slow = b - a > 0.5 * width;  // a response in steps draws regula falsi to one side
        width = last_width;
        last_width = b - a;
        if (slow || x <= a || x >= b) {
            x = snap(s, 0.5 * (a + b));
        }
        double change;
        if (x <= a || x >= b) {
            break;
        }
        TRY(evaluate(s, x, &change));
        if (fabs(change) <= s->range->tolerance_pct) {
            break;
        }
        if (over(change) == over(fa)) {
            a = x;
            fa = change;
            fb = side == -1 ? 0.5 * fb : fb;
            side = -1;
        } else {
            b = x;
            fb = change;
            fa = side == 1 ? 0.5 * fa : fa;
            side = 1;
        }
    }
    return ERR_OK;
}

// Does the response go against its way by much? scale: its change over the whole range.
static bool turns_back(const ceiling_root *o, bool rising, double scale) {
    double extreme = o->point_pct[0];
    double against = 0.0;
    for (uint32_t i = 0; i < o->point_count; i++) {
        extreme = rising ? fmax(extreme, o->point_pct[i]) : fmin(extreme, o->point_pct[i]);
        against = fmax(against, fabs(extreme - o->point_pct[i]));
    }
    return against > turn_back_share * scale;
}

// No crossing among the points: a point that is near enough will do, else the end of the range where it would lie.
static void conclude_without(const search *s, const ceiling_root *near) {
    ceiling_root *o = s->out;
    uint32_t last = o->point_count - 1;
    uint32_t best = 0;
    for (uint32_t i = 1; i <= last; i++) {
        best = fabs(o->point_pct[i]) < fabs(o->point_pct[best]) ? i : best;
    }
    o->status = over(o->point_pct[0]) ? CEILING_FAILS_EVERYWHERE : CEILING_HOLDS_EVERYWHERE;
    o->rising = near != NULL ? near->rising : o->point_pct[last] >= o->point_pct[0];
    if (last > 0) {
        o->slope = (o->point_pct[last] - o->point_pct[0]) / (o->point_x[last] - o->point_x[0]);
    }
    if (near != NULL && near->slope != 0.0 && fabs(o->point_pct[best]) <= s->range->tolerance_pct) {
        o->status = CEILING_FOUND;
        o->slope = near->slope;
        o->x = o->point_x[best] - o->point_pct[best] / o->slope;
        o->x = fmin(fmax(o->x, s->range->min), s->range->max);
        return;
    }
    o->x = (o->status == CEILING_HOLDS_EVERYWHERE) == o->rising ? s->range->max : s->range->min;
}

// Where the straight line between points i and i + 1 meets the ceiling.
static double crossing_at(const ceiling_root *o, uint32_t i) {
    double share = o->point_pct[i] / (o->point_pct[i] - o->point_pct[i + 1]);
    return o->point_x[i] + share * (o->point_x[i + 1] - o->point_x[i]);
}

static double change_of(const ceiling_root *o) {
    double least = o->point_pct[0], most = o->point_pct[0];
    for (uint32_t i = 1; i < o->point_count; i++) {
        least = fmin(least, o->point_pct[i]);
        most = fmax(most, o->point_pct[i]);
    }
    return most - least;
}

static void conclude(const search *s, const ceiling_root *near) {
    ceiling_root *o = s->out;
    uint32_t crossings;
    uint32_t first = find_crossing(o, &crossings);
    if (first == IX_NONE) {
        conclude_without(s, near);
        return;
    }
    uint32_t last = o->point_count - 2;
    while (over(o->point_pct[last]) == over(o->point_pct[last + 1])) {
        last--;
    }
    o->slope = (o->point_pct[o->point_count - 1] - o->point_pct[0]) / (o->point_x[o->point_count - 1] - o->point_x[0]);
    bool even = crossings % 2 == 0;
    o->rising = even && near != NULL ? near->rising : !over(o->point_pct[0]);
    // A response that trembles at the ceiling crosses it more than once: the middle of those crossings.
    o->x = 0.5 * (crossing_at(o, first) + crossing_at(o, last));
    double scale = near != NULL ? fabs(near->slope) * (s->range->max - s->range->min) : change_of(o);
    bool turned = turns_back(o, o->rising, scale) || (near == NULL ? even : o->rising != near->rising);
    o->status = turned ? CEILING_NOT_MONOTONE : CEILING_FOUND;
}

err_code ceiling_find_root(ceiling_response *response, void *context, const ceiling_range *range,
                           const ceiling_root *near, ceiling_root *out) {
    search s = {.response = response, .context = context, .range = range, .out = out};
    *out = (ceiling_root){0};
    TRY(near == NULL ? look_everywhere(&s) : look_near(&s, near));
    uint32_t crossings;
    uint32_t i = find_crossing(out, &crossings);
    if (i != IX_NONE && crossings == 1) {
        TRY(refine(&s, i));
    }
    conclude(&s, near);
    return ERR_OK;
}

const char *ceiling_status_name(ceiling_status s) {
    static const char *const name[] = {"found", "holds_everywhere", "fails_everywhere", "not_monotone"};
    return (unsigned)s < sizeof name / sizeof name[0] ? name[s] : "?";
}
