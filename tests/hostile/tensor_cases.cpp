// T: tensors as the pickle of torch.save and the header of safetensors describe them.
#include "../io/safetensors_writer.h"
#include "case.h"
#include "torch_files.h"

namespace test::hostile {
namespace {

using namespace std::string_literals;
using namespace pickle;

using Sizes = std::vector<std::int64_t>;
constexpr std::int64_t large = 1LL << 32;
constexpr std::int64_t huge = 1LL << 62;

std::string file_of_tensor(const std::string& program) { return file_of(dict({{"w", program}})); }
std::string file_of_view(const Sizes& sizes, const Sizes& strides, std::int64_t offset = 0) {
  return file_of_tensor(tensor(storage("0", 6), sizes, strides, offset));
}
std::string file_of_storage(const std::string& storage_program) {
  return file_of_tensor(tensor(storage_program, {6}, {1}));
}
std::string file_of_view_of(const std::string& storage_program) {
  return file_of_tensor(tensor(storage_program, {2}, {1}));
}
Case bad(const std::string& id, const std::string& name, const Sizes& sizes, const Sizes& strides,
         std::int64_t offset, const std::string& fragment) {
  return refused(id, name, file_of_view(sizes, strides, offset),
                 {"m/data.pkl: tensor 'w': ", fragment});
}
Case bad_storage(const std::string& id, const std::string& name, const std::string& program,
                 const std::string& fragment) {
  return refused(id, name, file_of_storage(program), {"m/data", fragment});
}
Case good(const std::string& id, const std::string& name, const Sizes& sizes, const Sizes& strides,
          std::int64_t offset, const std::string& tensors) {
  return accepted(id, name, file_of_view(sizes, strides, offset), "w float32 " + tensors + "\n");
}

void views(Cases& cases) {
  cases.push_back(bad("T1", "one_beyond", {1}, {1}, 6, "reach beyond the storage of 6 elements"));
  cases.push_back(bad("T1", "last_row_beyond", {2, 3}, {3, 1}, 1, "reach beyond"));
  cases.push_back(good("T1", "last_element", {1}, {1}, 5, "[1]: 5"));
  cases.push_back(bad("T2", "negative", {1}, {1}, -1, "offset -1 is negative"));
  cases.push_back(bad("T2", "2_62", {1}, {1}, huge, "reach beyond"));
  cases.push_back(bad("T2", "most_negative", {1}, {1}, INT64_MIN, "is negative"));
  cases.push_back(bad("T3", "seven_of_six", {7}, {1}, 0, "reach beyond"));
  cases.push_back(bad("T3", "million", {1000, 1000}, {1000, 1}, 0, "reach beyond"));
  cases.push_back(bad("T4", "minus_1", {-1}, {1}, 0, "negative dimension -1"));
  cases.push_back(bad("T4", "two_negatives", {-2, -3}, {3, 1}, 0, "negative dimension"));
  cases.push_back(bad("T4", "most_negative", {INT64_MIN}, {1}, 0, "negative dimension"));
  cases.push_back(bad("T5", "product", {large, large}, {0, 0}, 0, "multiplication overflow"));
  cases.push_back(
      bad("T5", "product_with_0", {large, large, 0}, {0, 0, 0}, 0, "multiplication overflow"));
  cases.push_back(bad("T5", "bytes", {huge}, {0}, 0, "Storage size calculation overflowed"));
  cases.push_back(bad("T6", "minus_1", {2}, {-1}, 1, "stride -1 is negative"));
  cases.push_back(bad("T6", "most_negative", {2}, {INT64_MIN}, 5, "is negative"));
  cases.push_back(bad("T7", "past_the_end", {2}, {6}, 0, "reach beyond"));
  cases.push_back(bad("T7", "2_62", {2}, {huge}, 0, "reach beyond"));
  cases.push_back(bad("T7", "sum_wraps", {5, 5}, {huge, huge}, 0, "reach beyond"));
  cases.push_back(bad("T8", "fewer", {2, 3}, {1}, 0, "2 dimensions, the strides 1"));
  cases.push_back(bad("T8", "more", {6}, {1, 1}, 0, "1 dimensions, the strides 2"));
  cases.push_back(good("T9", "expansion", {3, 2}, {0, 1}, 0, "[3, 2]: 0 1 0 1 0 1"));
  cases.push_back(good("T9", "bomb_of_4_tb", {1LL << 40}, {0}, 0, "[1099511627776]: unreadable"));
  cases.push_back(
      good("T9", "bomb_of_many_dimensions", Sizes(32, 2), Sizes(32, 0), 0,
           "[2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, "
           "2, 2, 2, 2, 2, 2, 2]: unreadable"));
  cases.push_back(good("T10", "overlapping", {2, 3}, {1, 1}, 0, "[2, 3]: 0 1 2 1 2 3"));
  cases.push_back(good("T11", "transposed", {3, 2}, {1, 3}, 0, "[3, 2]: 0 3 1 4 2 5"));
  cases.push_back(good("T11", "every_second", {3}, {2}, 1, "[3]: 1 3 5"));
  cases.push_back(refused("T17", "rank_33", file_of_view(Sizes(33, 1), Sizes(33, 1)),
                          {"33 dimensions; at most 32"}));
  cases.push_back(refused("T17", "rank_10000", file_of_view(Sizes(10'000, 1), Sizes(10'000, 1)),
                          {"10000 dimensions; at most 32"}));
  cases.push_back(good("T18", "zero", {0, 3}, {3, 1}, 0, "[0, 3]:"));
  cases.push_back(good("T18", "scalar", {}, {}, 4, "[]: 4"));
  cases.push_back(accepted("T23", "shared",
                           file_of(dict({{"a", tensor(storage("0", 6), {2}, {1})},
                                         {"b", tensor(storage("0", 6), {2}, {1}, 1)}})),
                           "a float32 [2]: 0 1\nb float32 [2]: 1 2\n"));
}

void storages(Cases& cases) {
  cases.push_back(refused("T12", "less", file_of_view_of(storage("0", 5)),
                          {"m/data/0: 24 bytes, its 5 elements of 4 bytes need 20"}));
  cases.push_back(bad_storage("T12", "more", storage("0", 7), "need 28"));
  cases.push_back(bad_storage("T13", "negative", storage("0", -1), "-1 elements"));
  cases.push_back(bad_storage("T13", "2_61", storage("0", 1LL << 61), "overflow"));
  cases.push_back(bad_storage("T13", "2_60", storage("0", 1LL << 60), "need 4611686018427387904"));
  cases.push_back(
      bad_storage("T14", "unknown", storage("0", 6, "FunnyStorage"), "is not a class of storages"));
  cases.push_back(bad_storage("T14", "wider", storage("0", 6, "DoubleStorage"), "need 48"));
  cases.push_back(bad_storage("T14", "narrower", storage("0", 6, "HalfStorage"), "need 12"));
  cases.push_back(refused("T14", "two_types",
                          file_of(dict({{"a", tensor(storage("0", 6), {6}, {1})},
                                        {"b", tensor(storage("0", 6, "IntStorage"), {6}, {1})}})),
                          {"storage '0' is described in two different ways"}));
  for (const auto& [name, key] : {std::pair{"parent", "../../x"s},
                                  {"absolute", "/etc/passwd"s},
                                  {"empty", ""s},
                                  {"nul", "0\0"s},
                                  {"1_mib", std::string(1 << 20, '0')}}) {
    cases.push_back(bad_storage("T15", name, storage(key, 6), "storage '"));
  }
  for (const std::string device : {"cuda:0", "mps", "xla:1", "privateuseone"}) {
    cases.push_back(
        accepted("T16", "good_" + device.substr(0, 3),
                 file_of_tensor(tensor(storage("0", 6, "FloatStorage", device), {6}, {1})),
                 "w float32 [6]: 0 1 2 3 4 5\n"));
  }
  for (const auto& [name, device] : {std::pair{"empty", ""s},
                                     {"spaces", "CUDA 0"s},
                                     {"no_number", "cuda:x"s},
                                     {"path", "../cuda"s},
                                     {"long", std::string(1000, 'c')}}) {
    cases.push_back(
        bad_storage("T16", name, storage("0", 6, "FloatStorage", device), "is not a device"));
  }
}

std::string of_type(const std::string& type, std::int64_t count, const std::string& bytes) {
  TorchFile file = honest_file();
  file.program = dict({{"w", tensor(storage("0", count, type), {count}, {1})}});
  file.storages[0].second = bytes;
  return file.bytes();
}

void types(Cases& cases) {
  cases.push_back(
      accepted("T19", "bools", of_type("BoolStorage", 4, "\0\1\2\xFF"s), "w bool [4]: 0 1 1 1\n"));
  cases.push_back(
      accepted("T19", "bools_of_safetensors",
               safetensors(R"({"w":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", "\0\x80"s),
               "w bool [2]: 0 1\n"));
  cases.push_back(
      accepted("T20", "nan_and_inf",
               of_type("FloatStorage", 3, u32(0x7FC00000) + u32(0x7F800000) + u32(0xFF800000)),
               "w float32 [3]: nan inf -inf\n"));
  cases.push_back(accepted("T21", "f16", of_type("HalfStorage", 2, u16(0x3C00) + u16(1)),
                           "w float16 [2]: 1 5.960464477539063e-08\n"));
  cases.push_back(accepted("T21", "bf16", of_type("BFloat16Storage", 2, u16(0x3F80) + u16(0xC000)),
                           "w bfloat16 [2]: 1 -2\n"));
  cases.push_back(accepted("T21", "f64", of_type("DoubleStorage", 1, u64(0x3FF8000000000000)),
                           "w float64 [1]: 1.5\n"));
  cases.push_back(
      accepted("T21", "i64", of_type("LongStorage", 1, u64(~0ULL)), "w int64 [1]: -1\n"));
  cases.push_back(accepted("T21", "i32", of_type("IntStorage", 1, u32(~0U)), "w int32 [1]: -1\n"));
  cases.push_back(
      accepted("T21", "i16", of_type("ShortStorage", 1, u16(0x8000)), "w int16 [1]: -32768\n"));
  cases.push_back(accepted("T21", "i8", of_type("CharStorage", 1, "\x80"), "w int8 [1]: -128\n"));
  cases.push_back(accepted("T21", "u8", of_type("ByteStorage", 1, "\x80"), "w uint8 [1]: 128\n"));
  const std::string w = tensor(storage("0", 6), {6}, {1});
  const auto beside = [&](const std::string& value) {
    return file_of(dict({{"w", w}, {"x", value}}));
  };
  const std::string neighbour = "w float32 [6]: 0 1 2 3 4 5\n";
  cases.push_back(accepted("T22", "complex", of_type("ComplexFloatStorage", 1, u64(0)),
                           "w complex64 [1]: unreadable\n"));
  cases.push_back(accepted("T22", "sparse",
                           beside(call("torch._utils", "_rebuild_sparse_tensor",
                                       {text("torch.sparse_coo"), tuple({w, w, integers({9})})})),
                           neighbour + "x sparse_coo float32 [9]: unreadable\n"));
  cases.push_back(
      accepted("T22", "quantised", of_type("QInt8Storage", 2, "ab"), "w qint8 [2]: unreadable\n"));
  cases.push_back(accepted("T22", "nested",
                           beside(call("torch._utils", "_rebuild_nested_tensor", {w, w, w, w})),
                           neighbour + "x nested [0]: unreadable\n"));
  cases.push_back(accepted(
      "T22", "subclass",
      beside(call("torch._tensor", "_rebuild_from_type_v2",
                  {global("torch._utils", "_rebuild_tensor_v2"), global("my.models", "Subclass"),
                   tuple({storage("0", 6), integer(0), integers({6}), integers({1}), "\x89",
                          ordered_dict()}),
                   "}"})),
      neighbour + "x float32 [6]: unreadable\n"));
  // Whether a state dict fits a net is load's to say: here the names are simply others.
  cases.push_back(accepted("T24", "unexpected_name", file_of(dict({{"unexpected", w}})),
                           "unexpected float32 [6]: 0 1 2 3 4 5\n"));
}

}  // namespace

Cases tensor_cases() {
  Cases cases;
  views(cases);
  storages(cases);
  types(cases);
  return cases;
}

}  // namespace test::hostile
