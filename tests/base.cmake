# tests of base
vestsim_test(unit err vestsim_base)
vestsim_test(unit log vestsim_base)
vestsim_test(unit mem vestsim_base)
vestsim_test(unit hash vestsim_base)
vestsim_test(unit rng vestsim_base)
vestsim_test(unit dmath vestsim_base)
vestsim_test(unit par vestsim_base)
vestsim_test(unit table vestsim_base)
