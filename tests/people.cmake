# tests of people: choice, synthesis, growth, daily activities, emission
foreach(module choice synth growth activity emission departure)
    vestsim_test(unit ${module} vestsim_model)
endforeach()
vestsim_test(property choice_draws vestsim_model)
vestsim_test(property synth_margins vestsim_model)

add_executable(bench_people bench/bench_people.c)
target_link_libraries(bench_people PRIVATE test_support vestsim_model vestsim_flags)
set_tests_properties(unit.activity PROPERTIES LABELS "unit;tsan")
