# tests of cli, and of the results file that only io writes
vestsim_test(unit store vestsim_io hdf5::hdf5 hdf5::hdf5_hl)
vestsim_test(unit options)
target_sources(unit_options PRIVATE ${PROJECT_SOURCE_DIR}/sim/cli/options.c)
target_include_directories(unit_options PRIVATE ${PROJECT_SOURCE_DIR}/sim/cli)

vestsim_script(cli usage ${CMAKE_CURRENT_SOURCE_DIR}/cli/usage.sh)
vestsim_script(cli input ${CMAKE_CURRENT_SOURCE_DIR}/cli/input.sh)
vestsim_script(cli query ${CMAKE_CURRENT_SOURCE_DIR}/cli/query.sh)
vestsim_script(cli routes ${CMAKE_CURRENT_SOURCE_DIR}/cli/routes.sh)
vestsim_script(cli assign ${CMAKE_CURRENT_SOURCE_DIR}/cli/assign.sh)
vestsim_script(cli run ${CMAKE_CURRENT_SOURCE_DIR}/cli/run.sh)
vestsim_script(cli replications ${CMAKE_CURRENT_SOURCE_DIR}/cli/replications.sh)
vestsim_script(cli interrupt ${CMAKE_CURRENT_SOURCE_DIR}/cli/interrupt.sh)
vestsim_script(cli full_disk ${CMAKE_CURRENT_SOURCE_DIR}/cli/full_disk.sh)
vestsim_script(cli xarray ${CMAKE_CURRENT_SOURCE_DIR}/cli/xarray.sh)
vestsim_script(cli report ${CMAKE_CURRENT_SOURCE_DIR}/cli/report.sh)
vestsim_script(cli export ${CMAKE_CURRENT_SOURCE_DIR}/cli/export.sh)
vestsim_script(cli export_replay ${CMAKE_CURRENT_SOURCE_DIR}/cli/export_replay.sh)
vestsim_script(cli analysis ${CMAKE_CURRENT_SOURCE_DIR}/cli/analysis.sh)
vestsim_script(cli query_transit ${CMAKE_CURRENT_SOURCE_DIR}/cli/query_transit.sh)
# Journeys with published answers; skipped without the cases.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
    vestsim_script(cases transit_journeys ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/cases/transit_cases.py)
endif()
vestsim_script(cli compare ${CMAKE_CURRENT_SOURCE_DIR}/cli/compare.sh)
vestsim_script(cli ceiling ${CMAKE_CURRENT_SOURCE_DIR}/cli/ceiling.sh)

# Slow tests run only when asked for: ctest -C slow -L slow.
add_test(NAME slow.false_alarms CONFIGURATIONS slow COMMAND ${PROJECT_SOURCE_DIR}/tests/slow/false_alarms.sh)
set_tests_properties(slow.false_alarms PROPERTIES LABELS slow TIMEOUT 7200
    ENVIRONMENT "VESTSIM=$<TARGET_FILE:vestsim>;VESTSIM_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
