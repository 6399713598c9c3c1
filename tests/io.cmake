# tests of io
vestsim_test(unit project vestsim_io)
vestsim_test(unit gmns vestsim_io)
vestsim_test(unit gmns_turn vestsim_io)
vestsim_test(unit gmns_save vestsim_io)
vestsim_test(unit tntp vestsim_io)
vestsim_test(unit gtfs vestsim_io PkgConfig::ZIP)
vestsim_test(unit tables vestsim_io)
vestsim_test(unit scenario_yaml vestsim_io)
vestsim_test(property mutated_input vestsim_io)
# Data of others beside the project; "skipped" where they are not.
vestsim_test(cases gtfs_cases vestsim_io)
vestsim_test(cases gmns_cases vestsim_io)
vestsim_test(cases tntp_cases vestsim_io vestsim_loop)

# libFuzzer targets: clang only, with -DVESTSIM_SANITIZE=address,fuzzer-no-link so that the loaders are instrumented.
option(VESTSIM_FUZZ "Build the fuzz targets (clang)" OFF)
if(VESTSIM_FUZZ AND CMAKE_C_COMPILER_ID MATCHES "Clang")
    foreach(loader scenario gtfs gmns tables)
        add_executable(fuzz_${loader} fuzz/fuzz_${loader}.c)
        target_include_directories(fuzz_${loader} PRIVATE support)
        target_link_libraries(fuzz_${loader} PRIVATE vestsim_io vestsim_flags)
        target_compile_options(fuzz_${loader} PRIVATE -fsanitize=fuzzer,address)
        target_link_options(fuzz_${loader} PRIVATE -fsanitize=fuzzer,address)
    endforeach()
endif()
# Slow: 100 000 vehicles a day, several days.
vestsim_test(cases assign_queue_cases vestsim_io vestsim_loop)
set_tests_properties(cases.assign_queue_cases PROPERTIES LABELS "cases;slow")
