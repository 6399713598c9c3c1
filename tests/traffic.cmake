# tests of traffic
vestsim_test(unit par_team vestsim_base)
vestsim_test(unit traveltime vestsim_model)
vestsim_test(unit mobsim vestsim_model)
vestsim_test(property mobsim_properties vestsim_model)
vestsim_test(property traffic_exact vestsim_model)
vestsim_test(unit mobsim_junction vestsim_model)

# Prints figures; not a test.
add_executable(bench_mobsim bench/bench_mobsim.c bench/bench_mobsim_bound.c)
target_link_libraries(bench_mobsim PRIVATE test_support vestsim_model vestsim_flags)
# Parallel code: also run under ThreadSanitizer.
set_tests_properties(unit.par_team PROPERTIES LABELS "unit;tsan")
set_tests_properties(property.mobsim_properties PROPERTIES LABELS "property;tsan")
