#include <apps/json.h>
#include <nlohmann/json.hpp>

namespace apps {

struct Json::Value {
  nlohmann::ordered_json json;
};

Json::Json() : value_(std::make_unique<Value>()) {}
Json::Json(double value) : value_(std::make_unique<Value>(Value{value})) {}
Json::Json(std::int64_t value) : value_(std::make_unique<Value>(Value{value})) {}
Json::Json(std::uint64_t value) : value_(std::make_unique<Value>(Value{value})) {}
Json::Json(bool value) : value_(std::make_unique<Value>(Value{value})) {}
Json::Json(std::string_view text) : value_(std::make_unique<Value>(Value{std::string(text)})) {}
Json::Json(const std::vector<Json>& items) : Json() {
  value_->json = nlohmann::ordered_json::array();
  for (const Json& item : items) value_->json.push_back(item.value_->json);
}
Json::Json(const Json& other) : value_(std::make_unique<Value>(*other.value_)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json other) noexcept {
  value_ = std::move(other.value_);
  return *this;
}
Json::~Json() = default;

Json Json::object(std::initializer_list<Member> members) {
  Json result;
  result.value_->json = nlohmann::ordered_json::object();
  for (const Member& member : members) result.set(member.name, member.value);
  return result;
}

void Json::set(std::string_view name, const Json& value) {
  value_->json[std::string(name)] = value.value_->json;
}

std::string Json::text() const {
  return value_->json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::optional<double> number_in(std::string_view json, std::initializer_list<const char*> keys) {
  const nlohmann::json whole = nlohmann::json::parse(json, nullptr, false);
  const nlohmann::json* value = &whole;
  for (const char* key : keys) {
    if (!value->is_object() || !value->contains(key)) return std::nullopt;
    value = &value->at(key);
  }
  return value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

}  // namespace apps
