#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

// A JSON value to be printed: built up, then turned to text. Non-finite numbers become null, bytes
// that are not UTF-8 the replacement character.
class Json {
 public:
  Json();  // null
  Json(double value);
  Json(std::int64_t value);
  Json(std::uint64_t value);
  Json(bool value);
  Json(std::string_view text);
  Json(const char* text) : Json(std::string_view(text)) {}
  Json(const std::string& text) : Json(std::string_view(text)) {}
  // An array.
  Json(const std::vector<Json>& items);
  Json(const Json& other);
  Json(Json&&) noexcept;
  Json& operator=(Json other) noexcept;
  ~Json();

  // An object, its members in this order.
  struct Member;
  static Json object(std::initializer_list<Member> members);
  void set(std::string_view name, const Json& value);

  // On one line, without a newline at its end.
  std::string text() const;

 private:
  struct Value;
  std::unique_ptr<Value> value_;
};

struct Json::Member {
  std::string_view name;
  Json value;
};

// The number below these keys of a JSON object; nothing where there is none or the text is no JSON.
std::optional<double> number_in(std::string_view json, std::initializer_list<const char*> keys);

}  // namespace apps
