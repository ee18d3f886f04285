# Warnings, sanitizers, the compiler cache and the linker, in one place.
add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -fno-omit-frame-pointer)
# g++ 12 sees uninitialized members in the arm of a std::expected that is not there.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
# Names of files in logs and debug information start at the tree, not at the machine's root.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
option(SLUICE_WERROR "Warnings are errors (what ./dev check builds with)" OFF)
if(SLUICE_WERROR)
  add_compile_options(-Werror)
endif()

# SLUICE_SANITIZE: empty, "address" (with undefined behaviour) or "thread".
set(SLUICE_SANITIZE "" CACHE STRING "address or thread: builds with that sanitizer")
if(SLUICE_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(SLUICE_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  # Asio's fences are no synchronization of ours; g++ says that the sanitizer does not see them, for each.
  add_compile_options(-Wno-tsan)
  add_link_options(-fsanitize=thread)
endif()

option(SLUICE_FUZZER "Fuzz targets search (clang's libFuzzer) instead of replaying files" OFF)
if(SLUICE_FUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
