# cmake -DOUT=file.c "-DASSETS=name=path;name=path" -P embed.cmake
# Writes a C file that holds the named files as bytes (report_assets of sim/io/report_internal.h).
string(REPLACE "|" ";" assets "${ASSETS}")
set(arrays "")
set(rows "")
set(number 0)
foreach(asset IN LISTS assets)
    string(REGEX MATCH "^([^=]+)=(.+)$" _ "${asset}")
    set(name "${CMAKE_MATCH_1}")
    set(path "${CMAKE_MATCH_2}")
    file(READ "${path}" hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const unsigned char data_${number}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", data_${number}, sizeof data_${number} - 1},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUT}" "// Made by cmake/embed.cmake.\n#include \"report_internal.h\"\n\n${arrays}\n"
    "const report_asset report_assets[] = {\n${rows}};\nconst size_t report_asset_count = ${number};\n")
