# Manual pages and completion for bash, written by the program from its table of commands; what `cmake --install` puts where.
include(GNUInstallDirs)
set(man_dir ${CMAKE_CURRENT_BINARY_DIR}/man)
set(completion ${CMAKE_CURRENT_BINARY_DIR}/completion/vestsim)
add_custom_command(OUTPUT ${man_dir}/vestsim.1 ${completion}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${man_dir} ${CMAKE_CURRENT_BINARY_DIR}/completion
    COMMAND vestsim help --man ${man_dir}
    COMMAND vestsim help --bash > ${completion}
    DEPENDS vestsim VERBATIM)
add_custom_target(reference ALL DEPENDS ${man_dir}/vestsim.1 ${completion})
install(TARGETS vestsim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${man_dir}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES README.md CHANGELOG.md docs/methods.md docs/formats.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
