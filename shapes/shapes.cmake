# The library sluice_shapes: structs and tables of every service in services.txt, made at build time from the pinned
# models. Include a service's structs as "shapes/sqs.h".
set(SLUICE_MODELS ${CMAKE_SOURCE_DIR}/build/models CACHE PATH "Where the published service models are kept")
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(shapes_source ${CMAKE_SOURCE_DIR}/shapes)
set(shapes_output ${CMAKE_BINARY_DIR}/generated/shapes)
file(STRINGS ${shapes_source}/services.txt shapes_services)

# One row a service: changes when a model, the overlay or the generator does.
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/generated/models.stamp
  COMMAND ${Python3_EXECUTABLE} ${shapes_source}/fetch.py ${SLUICE_MODELS}
  COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/generated/models.stamp
  DEPENDS ${shapes_source}/botocore.lock ${shapes_source}/fetch.py ${shapes_source}/services.txt
  COMMENT "Service models")
set(shapes_files)
foreach(service ${shapes_services})
  string(REPLACE "-" "_" file ${service})
  file(GLOB overlay CONFIGURE_DEPENDS ${shapes_source}/overlay/${service}.json)
  add_custom_command(
    OUTPUT ${shapes_output}/${file}.h ${shapes_output}/${file}.cc
    COMMAND ${Python3_EXECUTABLE} ${shapes_source}/generate.py ${SLUICE_MODELS} ${service} ${shapes_output}
    DEPENDS ${CMAKE_BINARY_DIR}/generated/models.stamp ${shapes_source}/generate.py ${overlay}
    COMMENT "Shapes of ${service}")
  list(APPEND shapes_files ${shapes_output}/${file}.h ${shapes_output}/${file}.cc)
endforeach()

add_library(sluice_shapes STATIC ${shapes_files})
target_include_directories(sluice_shapes PUBLIC ${CMAKE_BINARY_DIR}/generated ${CMAKE_SOURCE_DIR}/src)
# Members are optionals, so the structs are not "standard layout" to the letter; offsets of direct members are well
# defined in every compiler we build with. Tables need neither the optimizer nor debug information: a third less to build.
target_compile_options(sluice_shapes PRIVATE -Wno-invalid-offsetof -O1 -g0)
if(SLUICE_SANITIZE)
  target_compile_options(sluice_shapes PRIVATE -fno-sanitize=all)  # constant tables: half the time for nothing to find
endif()
