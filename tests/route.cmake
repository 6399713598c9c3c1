# tests of route
vestsim_test(unit route_car vestsim_model)
vestsim_test(unit route_active vestsim_model)
vestsim_test(unit route_transit vestsim_model)
vestsim_test(property route_car_brute vestsim_model)
vestsim_test(property route_active_brute vestsim_model)
vestsim_test(property route_transit_brute vestsim_model)
add_executable(bench_route bench/bench_route.c)
target_link_libraries(bench_route PRIVATE test_support vestsim_model vestsim_flags)
