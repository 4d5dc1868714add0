// O10, O14, O16 to O19: ONNX graphs whose operators cannot be what they say, or ask for more than there is. A case
// is imported, prepared for its declared sizes, free ones being 2, or 5 in an input "other", and run.
#include "operator_cases.h"

#include "../io/onnx_writer.h"

namespace test::hostile {
namespace {

using namespace onnx;
using protobuf::packed;

std::string ints(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string packed_values;
  for (const std::int64_t value : values) packed_values += number(8, value);
  return attribute(name, 7, packed_values);
}
std::string integer(const std::string& name, std::int64_t value) {
  return attribute(name, 2, number(3, value));
}
std::string word(const std::string& name, const std::string& value) {
  return attribute(name, 3, bytes(4, value));
}
std::string integers(const std::string& name, const std::vector<std::int64_t>& values,
                     bool scalar = false) {
  std::string data;
  for (const std::int64_t value : values) data += number(7, value);
  std::vector<std::int64_t> dims;
  if (!scalar) dims.push_back(static_cast<std::int64_t>(values.size()));
  return tensor(name, 7, dims, data);
}
std::string weights(const std::string& name, const std::vector<std::int64_t>& dims) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) count *= dim;
  return tensor(name, 1, dims, raw(std::string(static_cast<std::size_t>(count) * 4, '\0')));
}

// One operator on x [N, 2, 6, 6] with these constants behind it.
std::string one_node(const std::string& type, const std::vector<std::string>& attributes,
                     const std::vector<std::string>& constants = {},
                     const std::vector<std::int64_t>& x = {-1, 2, 6, 6},
                     const std::vector<std::string>& outputs = {"y"}, std::int64_t opset = 21) {
  std::vector<std::string> inputs{"x"};
  for (std::size_t i = 0; i < constants.size(); ++i) inputs.push_back("c" + std::to_string(i));
  return model(
      Graph{
          {node(type, inputs, outputs, attributes)}, constants, {value("x", x)}, {value("y", {-1})}}
          .message(),
      opset);
}

Case bad(const std::string& id, const std::string& name, const std::string& file,
         const std::string& fragment) {
  return refused(id, name, file, {fragment});
}
Case good(const std::string& id, const std::string& name, const std::string& file,
          const std::string& outputs) {
  return accepted(id, name, file, outputs);
}

void windows(Cases& cases) {
  const auto conv = [&](const std::string& name, const std::vector<std::string>& attributes,
                        const std::string& fragment,
                        const std::vector<std::int64_t>& weight = {4, 2, 3, 3}) {
    cases.push_back(bad("O16", "conv_" + name,
                        one_node("Conv", attributes, {weights("c0", weight)}), fragment));
  };
  conv("stride_0", {ints("strides", {0, 1})}, "attribute 'strides' holds 0");
  conv("stride_huge", {ints("strides", {INT64_MAX, 1})}, "attribute 'strides' holds 92233");
  conv("dilation_0", {ints("dilations", {1, 0})}, "attribute 'dilations' holds 0");
  conv("dilation_large", {ints("dilations", {1, 1000000})}, "Kernel size");
  conv("group_0", {integer("group", 0)}, "attribute 'group' is 0");
  conv("group_negative", {integer("group", -1)}, "attribute 'group' is -1");
  conv("group_not_dividing", {integer("group", 3)}, "attribute 'group' is 3");
  conv("group_of_2", {integer("group", 2)}, "channels");
  conv("negative_pads", {ints("pads", {0, -1, 0, 0})}, "attribute 'pads' holds -1");
  conv("one_pad", {ints("pads", {1})}, "attribute 'pads' has 1 numbers, expected 4");
  conv("pads_huge", {ints("pads", {INT64_MAX, 0, 0, 0})}, "attribute 'pads' holds 92233");
  conv("kernel_shape", {ints("kernel_shape", {5, 5})}, "attribute 'kernel_shape' is not that");
  conv("auto_pad_foo", {word("auto_pad", "FOO"), ints("pads", {1, 1, 1, 1})}, "is 'FOO'");
  conv("auto_pad_and_pads", {word("auto_pad", "SAME_UPPER"), ints("pads", {1, 1, 1, 1})},
       "'pads' is given too");
  conv("rank_2", {}, "the weight is [4, 2]", {4, 2});
  conv("rank_6", {}, "the weight is", {4, 2, 1, 1, 1, 1});
  conv("kernel_0", {}, "the window has a size of 0", {4, 2, 0, 3});
  conv("kernel_of_others", {}, "got 2 channels", {4, 3, 3, 3});
  conv("no_outputs", {}, "", {0, 2, 3, 3});
  const auto pool = [&](const std::string& name, const std::vector<std::string>& attributes,
                        const std::string& fragment) {
    cases.push_back(bad("O16", "pool_" + name, one_node("MaxPool", attributes), fragment));
  };
  pool("no_kernel", {}, "attribute 'kernel_shape' is missing");
  pool("kernel_0", {ints("kernel_shape", {0, 2})}, "the window has a size of 0");
  pool("kernel_of_5", {ints("kernel_shape", {1, 1, 1, 1, 1})}, "expected");
  pool("kernel_of_100", {ints("kernel_shape", std::vector<std::int64_t>(100, 1))}, "expected");
  pool("too_large", {ints("kernel_shape", {7, 7})}, "size");
  pool("pads_huge", {ints("kernel_shape", {2, 2}), ints("pads", {1 << 30, 0, 1 << 30, 0})}, "");
  pool("stride_negative", {ints("kernel_shape", {2, 2}), ints("strides", {-1, 1})}, "holds -1");
  pool("kernel_is_a_number", {integer("kernel_shape", 2)}, "is of type i, expected ints");
  cases.push_back(bad(
      "O16", "transpose_output_padding",
      one_node("ConvTranspose", {ints("output_padding", {9, 9})}, {weights("c0", {2, 2, 3, 3})}),
      "output padding"));
  cases.push_back(bad("O16", "transpose_huge_shape",
                      one_node("ConvTranspose", {ints("output_shape", {1 << 30, 1 << 30})},
                               {weights("c0", {2, 2, 3, 3})}),
                      ""));
}

void reshapes(Cases& cases) {
  const auto reshape = [&](const std::string& name, const std::vector<std::int64_t>& target,
                           const std::string& fragment,
                           const std::vector<std::string>& attributes = {}) {
    cases.push_back(
        bad("O17", name, one_node("Reshape", attributes, {integers("c0", target)}), fragment));
  };
  reshape("two_inferred", {-1, -1}, "only one dimension can be inferred");
  reshape("minus_2", {-2, 3}, "invalid shape dimension -2");
  reshape("wrong_count", {2, 71}, "is invalid for input of size 144");
  reshape("product_overflow", {1LL << 40, 1LL << 40}, "");
  reshape("least", {INT64_MIN, 1}, "invalid shape dimension");
  reshape("zero_allowed", {0, -1}, "", {integer("allowzero", 1)});
  reshape("zero_beyond", {1, 1, 1, 1, 1, 0}, "size 0 at 5");
  reshape("of_100_dims", std::vector<std::int64_t>(100, 1), "");
  cases.push_back(
      bad("O17", "of_floats", one_node("Reshape", {}, {weights("c0", {2})}), "expected integers"));
}

void axes_and_sizes(Cases& cases) {
  const auto add = [&](const std::string& name, const std::string& file,
                       const std::string& fragment) {
    cases.push_back(bad("O18", name, file, fragment));
  };
  constexpr std::int64_t huge = std::int64_t{1} << 40;
  add("softmax_axis_9", one_node("Softmax", {integer("axis", 9)}), "got 9");
  add("softmax_axis_least", one_node("Softmax", {integer("axis", INT64_MIN)}), "Dimension");
  add("old_softmax_axis_9", one_node("Softmax", {integer("axis", 9)}, {}, {-1, 2, 6, 6}, {"y"}, 11),
      "got 9");
  add("concat_axis_9", one_node("Concat", {integer("axis", 9)}), "got 9");
  add("gather_axis_9", one_node("Gather", {integer("axis", 9)}, {integers("c0", {0})}), "got 9");
  add("transpose_twice", one_node("Transpose", {ints("perm", {0, 1, 1, 2})}), "");
  add("transpose_9", one_node("Transpose", {ints("perm", {0, 1, 2, 9})}), "9");
  add("reduce_axis_9", one_node("ReduceSum", {}, {integers("c0", {9})}), "got 9");
  add("unsqueeze_9", one_node("Unsqueeze", {}, {integers("c0", {9})}), "got 9");
  add("layer_norm_axis_9",
      one_node("LayerNormalization", {integer("axis", 9)}, {weights("c0", {6})}), "9");
  add("split_axis_9", one_node("Split", {integer("axis", 9)}, {integers("c0", {2})}), "got 9");
  add("split_sum", one_node("Split", {integer("axis", 1)}, {integers("c0", {9})}), "sum");
  add("slice_step_0",
      one_node(
          "Slice", {},
          {integers("c0", {0}), integers("c1", {1}), integers("c2", {1}), integers("c3", {0})}),
      "a step is 0");
  add("slice_axis_9",
      one_node("Slice", {}, {integers("c0", {0}), integers("c1", {1}), integers("c2", {9})}),
      "got 9");
  add("slice_counts", one_node("Slice", {}, {integers("c0", {0}), integers("c1", {})}), "");
  add("flatten_axis_9", one_node("Flatten", {integer("axis", 9)}), "9");
  add("tile", one_node("Tile", {}, {integers("c0", {1, huge, 1, 1})}), "takes more than");
  add("tile_overflow", one_node("Tile", {}, {integers("c0", {1, INT64_MAX, INT64_MAX, 1})}), "");
  add("tile_of_100", one_node("Tile", {}, {integers("c0", std::vector<std::int64_t>(100, 1))}), "");
  add("expand", one_node("Expand", {}, {integers("c0", {huge, 2, 2, 6, 6})}), "takes more than");
  add("expand_negative", one_node("Expand", {}, {integers("c0", {-5, 2, 6, 6})}), "");
  add("pad", one_node("Pad", {}, {integers("c0", {0, 0, 0, 0, 0, huge, 0, 0})}), "takes more than");
  add("pad_overflow", one_node("Pad", {}, {integers("c0", {0, 0, 0, 0, 0, INT64_MAX, 0, 0})}), "");
  add("pad_odd", one_node("Pad", {}, {integers("c0", {0, 0, 0})}), "pads are 3 numbers");
  add("resize",
      one_node(
          "Resize", {},
          {tensor("c0", 1, {0}, ""), tensor("c1", 1, {0}, ""), integers("c2", {1, 2, huge, 6})}),
      "");
  add("top_k_9", one_node("TopK", {}, {integers("c0", {9})}, {-1, 2, 6, 6}, {"y", "i"}), "k");
  add("space_block_0", one_node("SpaceToDepth", {integer("blocksize", 0)}), "blocksize");
  add("space_block_huge", one_node("DepthToSpace", {integer("blocksize", INT64_MAX)}), "blocksize");
  add("one_hot",
      one_node("OneHot", {}, {integers("c0", {huge}, true), weights("c1", {2})}, {-1, 2}), "depth");
  // Of constants alone: refused while the file is read.
  const auto constant = [&](const std::string& name, const std::string& type,
                            const std::vector<std::string>& inputs, const std::string& fragment) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < inputs.size(); ++i) names.push_back("c" + std::to_string(i));
    add(name,
        model(Graph{{node(type, names, {"h"}), node("Add", {"x", "h"}, {"y"})},
                    inputs,
                    {value("x", {-1, 2})},
                    {value("y", {-1, 2})}}
                  .message(),
              21),
        fragment);
  };
  constant("constant_of_shape", "ConstantOfShape", {integers("c0", {huge})}, "is asked for");
  constant("constant_of_shapes", "ConstantOfShape", {integers("c0", {huge, huge, huge})}, "");
  constant("constant_of_negative", "ConstantOfShape", {integers("c0", {-1})}, "is negative");
  constant("constant_expand", "Expand", {weights("c0", {1}), integers("c1", {huge})}, "");
  constant("constant_tile", "Tile", {weights("c0", {1}), integers("c1", {huge})}, "");
  constant("gather_out_of_range", "Gather", {weights("c0", {2}), integers("c1", {7})},
           "index out of range in self: 7");
  constant("range", "Range",
           {integers("c0", {0}, true), integers("c1", {huge}, true), integers("c2", {1}, true)},
           "elements are asked for");
  constant("range_step_0", "Range",
           {integers("c0", {0}, true), integers("c1", {5}, true), integers("c2", {0}, true)},
           "the step is 0");
  constant("divide_by_0", "Div", {integers("c0", {1}), integers("c1", {0})}, "ZeroDivisionError");
  // A few bytes doubled 60 times.
  Graph doubled{{}, {weights("c0", {1024})}, {value("x", {-1, 2})}, {value("y", {-1, 2})}};
  for (int i = 0; i < 60; ++i) {
    const std::string from = i == 0 ? "c0" : "d" + std::to_string(i);
    doubled.nodes.push_back(
        node("Concat", {from, from}, {"d" + std::to_string(i + 1)}, {integer("axis", 0)}));
  }
  doubled.nodes.push_back(node("Add", {"x", "d60"}, {"y"}));
  add("doubled", model(doubled.message(), 21), "bytes");
}

// What nothing reads may be anything.
void unread(Cases& cases) {
  cases.push_back(bad("O14", "quantised_convolution_of_one_input", one_node("QLinearConv", {}),
                      "input 3 is missing"));
  cases.push_back(
      good("O14", "unread_places_of_a_pool",
           one_node("MaxPool", {ints("kernel_shape", {2, 2})}, {}, {-1, 2, 6, 6}, {"y", "places"}),
           "float32 [2, 2, 5, 5]"));
  cases.push_back(good(
      "O14", "unread_statistics",
      one_node("BatchNormalization", {},
               {weights("c0", {2}), weights("c1", {2}), weights("c2", {2}), weights("c3", {2})},
               {-1, 2, 6, 6}, {"y", "mean", "var", "saved_mean", "saved_var"}, 8),
      "float32 [2, 2, 6, 6]"));
  const std::string labels = tensor("labels", 8, {2}, bytes(6, "cat") + bytes(6, "dog"));  // STRING
  const auto net = [&](const std::vector<std::string>& inputs) {
    return model(
        Graph{{node("Add", inputs, {"y"})}, {labels}, {value("x", {-1, 3})}, {value("y", {-1, 3})}}
            .message(),
        21);
  };
  cases.push_back(good("O10", "unread_texts", net({"x", "x"}), "float32 [2, 3]"));
  cases.push_back(bad("O10", "read_texts", net({"x", "labels"}),
                      "O10_read_texts: tensor 'labels': it cannot be used: its element type is"));
}

void symbols(Cases& cases) {
  const auto two = [](const std::string& second) {
    return model(Graph{{node("Add", {"x", second}, {"y"})},
                       {},
                       {value("x", {-1, 3}), value(second, {-1, 3})},
                       {value("y", {-1, 3})}}
                     .message(),
                 21);
  };
  cases.push_back(good("O19", "one_value", two("z"), "float32 [2, 3]"));
  cases.push_back(bad("O19", "two_values", two("other"), "'N' is 2 and 5"));
}

}  // namespace

Cases operator_cases() {
  Cases cases;
  windows(cases);
  reshapes(cases);
  axes_and_sizes(cases);
  symbols(cases);
  unread(cases);
  return cases;
}

}  // namespace test::hostile
