// Gives a fuzz target the empty input and then each file named on the command line, and counts them. What is wrong with
// one ends the process (a failed check, a sanitizer), after its name was printed.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

void give(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int count, char** names) {
  give("");
  for (int i = 1; i < count; ++i) {
    std::printf("%s\n", names[i]);
    std::fflush(stdout);
    std::ifstream file(names[i], std::ios::binary);
    if (!file) {
      std::printf("cannot be read\n%d passed, 1 failed\n", i);
      return 1;
    }
    give(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  std::printf("%d passed, 0 failed\n", count);
  return 0;
}
