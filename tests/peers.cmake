# The comparison with other simulators: that its case is right and that it runs, on a tiny town. Its figures are no test.
add_test(NAME peers.make_case COMMAND ${VESTSIM_PYTHON} ${PROJECT_SOURCE_DIR}/tests/bench/peers/test_make_case.py)
vestsim_script(peers sumo ${PROJECT_SOURCE_DIR}/tests/bench/peers/sumo.sh --side 8 --trips 500 --repeats 1)
set_tests_properties(peers.make_case PROPERTIES LABELS peers)
