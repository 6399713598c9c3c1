// Tailpipe CO2 from vehicle-km by class: cars by the fossil share of the year's fleet, lorries by a mean factor
// (params/emissions.csv).
#ifndef VESTSIM_MODEL_EMISSION_H
#define VESTSIM_MODEL_EMISSION_H

#include "world/scenario.h"

double emission_ev_share(const scenario *s, int year);
// tonnes of CO2
double emission_co2_t(const scenario *s, int year, double car_km, double lorry_km);

#endif
