# tests of MATSim in and out, and of what it needs of the traffic model
vestsim_test(unit mobsim_recorder vestsim_model)
