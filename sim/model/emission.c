#include "model/emission.h"

static const double G_PER_T = 1e6;

double emission_ev_share(const scenario *s, int year) {
    double share = s->ev_share + s->ev_share_per_year * ((double)year - s->today_year);
    // The cap never cuts below today's share: a fleet does not go back to petrol because a limit was set low.
    double cap = fmin(1.0, fmax(s->ev_share_max, s->ev_share));
    return fmin(cap, fmax(0.0, share));
}

double emission_co2_t(const scenario *s, int year, double car_km, double lorry_km) {
    double fossil_share = 1.0 - emission_ev_share(s, year);
    return (car_km * fossil_share * s->co2_g_per_km + lorry_km * s->lorry_co2_g_per_km) / G_PER_T;
}
