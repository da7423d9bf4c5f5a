# SPDX-License-Identifier: Apache-2.0
# The library's promise to other people's programs: every installed header
# compiles alone in each of the three languages, and libcpts.so exports what the
# headers declare, no more and no less.
find_program(CPTS_CXX NAMES c++ g++ clang++ REQUIRED)
find_program(CPTS_NM nm REQUIRED)
find_program(CPTS_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

set(header_flags -Wall -Wextra -pedantic -Werror -fsyntax-only -I${CMAKE_SOURCE_DIR}/sdk/include)
file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sdk/include/cpts/*.h)
foreach(header ${headers})
  get_filename_component(name ${header} NAME_WE)
  add_test(NAME lint.header_${name}_c99
    COMMAND ${CMAKE_C_COMPILER} -std=c99 ${header_flags} -x c ${header})
  add_test(NAME lint.header_${name}_c11
    COMMAND ${CMAKE_C_COMPILER} -std=c11 ${header_flags} -x c ${header})
  add_test(NAME lint.header_${name}_cxx11
    COMMAND ${CPTS_CXX} -std=c++11 ${header_flags} -x c++ ${header})
endforeach()

add_test(NAME lint.exports COMMAND ${CPTS_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/exports.py
  ${CPTS_NM} $<TARGET_FILE:cpts> ${headers})
