# tests of MATSim in and out, and of what it needs of the traffic model
vestsim_test(unit mobsim_recorder vestsim_model)
vestsim_test(unit chain vestsim_model)
vestsim_test(unit matsim vestsim_io PkgConfig::ZLIB)
vestsim_test(unit matsim_schedule vestsim_io)
vestsim_test(property mutated_matsim vestsim_io)
vestsim_test(cases matsim_cases vestsim_io)
target_include_directories(cases_matsim_cases PRIVATE ${PROJECT_SOURCE_DIR}/sim/io)
vestsim_script(cli matsim ${CMAKE_CURRENT_SOURCE_DIR}/cli/matsim.sh)
