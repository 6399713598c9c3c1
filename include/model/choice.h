// Nested logit (McFadden 1978; Train 2009, Discrete Choice Methods with Simulation, ch. 4): probabilities, logsums
// and frozen draws that reproduce them.
//
// A tree is given as nodes: alternatives are leaves, nests have a coefficient lambda in (0,1] (dissimilarity; the
// scale of a nest relative to its parent). Root has lambda 1. Unavailable alternatives have utility -inf.
// Frozen draws: U_i = V_i + eps_i with eps of the nested GEV distribution exactly, built from one Gumbel an
// alternative and one positive stable variate a nest (Cardell 1997, Econometric Theory 13(2); stable variates by
// Kanter 1975, Annals of Probability 3(4)), so best responses reproduce the formula's shares over the population.
#ifndef VESTSIM_MODEL_CHOICE_H
#define VESTSIM_MODEL_CHOICE_H

#include "base/mem.h"
#include "base/rng.h"

enum { CHOICE_ALTERNATIVES_MAX = 64, CHOICE_NODES_MAX = 128 };

typedef struct choice_tree {
    int alternative_count;
    int nest_count;                        // node 0 is the root; nests are 0..nest_count-1
    int nest_parent[CHOICE_NODES_MAX];     // parent[i] < i; root: -1
    double nest_lambda[CHOICE_NODES_MAX];  // relative to the parent; root: 1
    int alternative_nest[CHOICE_ALTERNATIVES_MAX];
} choice_tree;

err_code choice_validate(const choice_tree *t);  // ERR_RANGE naming the nest; ERR_REFERENCE for a bad parent
// probability may be NULL. Returns the root logsum; -inf when nothing is available (probabilities then 0).
double choice_probabilities(const choice_tree *t, const double *utility, double *probability);
// eps[alternative] for one decision maker: pure function of (key, entity).
void choice_frozen_errors(const choice_tree *t, rng_key key, uint64_t entity, double *error);
// Best alternative of utility + error; lowest index on ties; -1 if none is available.
int choice_best(const choice_tree *t, const double *utility, const double *error);

#endif
