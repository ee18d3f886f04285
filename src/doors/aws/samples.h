#pragma once

#include <string>
#include <vector>

#include "doors/aws/shape.h"
#include "wire/form.h"

// For tests: values of any shape, made by walking its table.
namespace sluice::aws::samples {

/// Every member present, two elements a collection, no two texts alike.
void fill(const Shape& shape, void* value);

/// The parameters an SDK would send for the structure.
std::vector<wire::FormField> parameters_of(const Shape& shape, const void* value);

/// A whole value of a table, freed at its end.
class Sample {
 public:
  explicit Sample(const Whole& whole) : whole_(whole), value_(whole.make()) {}
  ~Sample() { whole_.destroy(value_); }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
  void* get() const { return value_; }

 private:
  const Whole& whole_;
  void* value_;
};

}  // namespace sluice::aws::samples
