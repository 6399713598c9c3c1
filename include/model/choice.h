// Nested logit (McFadden 1978; Daly 1987, Transportation Research B 21(4); Train 2009, Discrete Choice Methods with
// Simulation, ch. 4): probabilities, logsums and frozen draws that reproduce them, for trees of any depth.
//
// A tree is given as nodes: alternatives are leaves, nests have a coefficient lambda in (0,1] (dissimilarity; the
// scale of a nest relative to its parent). Root has lambda 1: utilities are in units of the root's Gumbel (RU2, the
// normalisation from the top, in which one coefficient of the utility means the same in all nests; RU1 would set the
// lowest scale to 1 instead). With s_n the product of the lambdas from the root to nest n (1/s_n is the mu of Biogeme
// and of Ben-Akiva and Lerman 1985, which must not fall from root to leaf):
//     I_n = s_n ln( sum over alternatives i in n of exp(V_i / s_n) + sum over nests m in n of exp(I_m / s_n) )
//     P(i) = exp((V_i - I_n) / s_n) * product over nests m from n up to below the root of exp((I_m - I_p) / s_p),
// p the parent of m. All sums are taken against their largest term (log-sum-exp), so nothing overflows.
// Unavailable alternatives have utility -inf, so choice sets may differ from one decision to the next.
// Frozen draws: U_i = V_i + eps_i with eps of the nested GEV distribution exactly, built from one Gumbel an
// alternative and one positive stable variate a nest (Cardell 1997, Econometric Theory 13(2); stable variates by
// Kanter 1975, Annals of Probability 3(4)), so best responses reproduce the formula's shares over the population.
#ifndef VESTSIM_MODEL_CHOICE_H
#define VESTSIM_MODEL_CHOICE_H

#include "base/mem.h"
#include "base/rng.h"

enum { CHOICE_ALTERNATIVES_MAX = 64, CHOICE_NODES_MAX = 128 };
#define CHOICE_SCALE_MIN 1e-6  // least product of lambdas from the root to a nest

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
// ln of the probabilities (not NULL), exact where the probability itself would be 0; -inf where not available.
// Returns the root logsum. What a log-likelihood is made of.
double choice_log_probabilities(const choice_tree *t, const double *utility, double *log_probability);
// Both of the above for count choices at once, in parallel: cells [choice * alternative_count + alternative], logsum
// [choice].
void choice_evaluate(const choice_tree *t, uint32_t count, const double *utility, double *log_probability,
                     double *probability, double *logsum);
// eps[alternative] for one decision maker: pure function of (key, entity).
void choice_frozen_errors(const choice_tree *t, rng_key key, uint64_t entity, double *error);
// Best alternative of utility + error; lowest index on ties; -1 if none is available.
int choice_best(const choice_tree *t, const double *utility, const double *error);

#endif
