# Tests of the source itself.
find_program(VESTSIM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
add_test(NAME lint.layers COMMAND ${VESTSIM_PYTHON} ${PROJECT_SOURCE_DIR}/tests/lint/check_layers.py ${PROJECT_SOURCE_DIR})
add_test(NAME lint.size COMMAND ${VESTSIM_PYTHON} ${PROJECT_SOURCE_DIR}/tests/lint/check_size.py ${PROJECT_SOURCE_DIR})
add_test(NAME lint.format COMMAND ${PROJECT_SOURCE_DIR}/tests/lint/check_format.sh ${PROJECT_SOURCE_DIR})
add_test(NAME lint.docs COMMAND ${VESTSIM_PYTHON} ${PROJECT_SOURCE_DIR}/tests/lint/check_docs.py ${PROJECT_SOURCE_DIR} $<TARGET_FILE:vestsim>)
# The lints must be able to fail: each is fed a tree with planted faults.
add_test(NAME lint.selftest COMMAND ${VESTSIM_PYTHON} ${PROJECT_SOURCE_DIR}/tests/lint/selftest.py ${PROJECT_SOURCE_DIR})
set_tests_properties(lint.layers lint.size lint.format lint.docs lint.selftest PROPERTIES LABELS lint SKIP_RETURN_CODE 77)
