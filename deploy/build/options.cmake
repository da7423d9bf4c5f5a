# SPDX-License-Identifier: Apache-2.0
# Warnings, sanitizers and hardening of our own code: the targets
# cpts_warnings and cpts_hardening, and the function cpts_library().
include(CheckCCompilerFlag)
include(CheckLinkerFlag)

option(CPTS_FUZZ "Build the fuzz targets of tests/fuzz and no other test" OFF)

add_library(cpts_warnings INTERFACE)
target_compile_options(cpts_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wformat=2 -Wundef -Wimplicit-fallthrough -Wno-format-nonliteral
  $<$<BOOL:${CPTS_WERROR}>:-Werror>)

add_library(cpts_hardening INTERFACE)
target_compile_definitions(cpts_hardening INTERFACE _GNU_SOURCE)

# Adds a compiler flag to cpts_hardening when the compiler knows it.
function(cpts_probe_compile flag)
  string(MAKE_C_IDENTIFIER "have${flag}" name)
  check_c_compiler_flag("${flag}" ${name})
  if(${name})
    target_compile_options(cpts_hardening INTERFACE ${flag})
  endif()
endfunction()

# Adds a linker flag to cpts_hardening when the linker knows it.
function(cpts_probe_link flag)
  string(MAKE_C_IDENTIFIER "link${flag}" name)
  check_linker_flag(C "${flag}" ${name})
  if(${name})
    target_link_options(cpts_hardening INTERFACE ${flag})
  endif()
endfunction()

foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
             -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -fno-strict-overflow
             -fno-strict-aliasing -fstrict-flex-arrays=3 -fno-omit-frame-pointer)
  cpts_probe_compile(${flag})
endforeach()
foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,--as-needed)
  cpts_probe_link(${flag})
endforeach()

if(CPTS_SANITIZE)
  target_compile_options(cpts_hardening INTERFACE -fsanitize=${CPTS_SANITIZE}
    -fno-sanitize-recover=undefined)
  target_link_options(cpts_hardening INTERFACE -fsanitize=${CPTS_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(cpts_hardening INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

# cpts_library(NAME LIB...): a static library of every .c file of this folder.
function(cpts_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.c)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC cpts_hardening ${ARGN} PRIVATE cpts_warnings)
endfunction()
