// A simulated day as persons with legs (model/chain), which is how MATSim's events see it.
#ifndef VESTSIM_LOOP_DAY_PLANS_H
#define VESTSIM_LOOP_DAY_PLANS_H

#include "loop/experiment.h"
#include "model/chain.h"

// Persons in the order of people, those without tours left out; then one person a vehicle of the fixed flows
// (flow_N) and one a bus (bus_N). Modes: car, ride, pt, bike, walk, truck, bus. Activities: home, the purposes of
// tours, outside, line. Legs by car, lorry and bus are driven: a leg starts on its first link, which in MATSim is left
// when the second is entered; the others take their time from door to door. Arrays in a; entry_s and routes point into
// x.
err_code day_plans_build(const experiment_replayed *x, arena *a, chain_plans *plans, chain_result *happened);

#endif
