#include <CLI/CLI.hpp>
#include <algorithm>
#include <apps/options.h>
#include <array>
#include <map>
#include <sstream>

namespace apps {
namespace {

constexpr const char* model_help =
    "An ONNX file, a .pt2, or weights (default: the shipped mnist_convnet.pt), whose net is a "
    "known one, "
    "that of --net, or inferred";
constexpr const char* rounding_help =
    "Round weights that float32 cannot hold exactly, as PyTorch would, and do not refuse them";
constexpr const char* json_help = "Print one JSON object a line";

// Empty when it is one; says else what is wrong. CLI::Range lets NaN pass.
std::string check_seconds(const std::string& text) {
  double seconds = 0;
  if (CLI::detail::lexical_cast(text, seconds) && seconds >= 0 && seconds <= 3600) return {};
  return "Value " + text + " not in range 0 to 3600";
}

void add_tolerance(CLI::App& command, const char* name, double& tolerance, const char* help) {
  command.add_option(name, tolerance, help)->type_name("T")->check([](const std::string& text) {
    double value = 0;
    const bool number = CLI::detail::lexical_cast(text, value) && value >= 0 && value <= 1e30;
    return number ? std::string() : text + " is no number from 0";
  });
}

void add_storage(CLI::App& command, nn::DType& storage) {
  static const std::map<std::string, nn::DType> types{{"float32", nn::DType::float32},
                                                      {"float16", nn::DType::float16},
                                                      {"bfloat16", nn::DType::bfloat16}};
  command
      .add_option_function<std::string>(
          "--storage", [&](const std::string& name) { storage = types.at(name); },
          "Keep the weights of linear layers as float32 (default), float16 or bfloat16: half the "
          "memory, less exact")
      ->type_name("TYPE")
      ->check(CLI::IsMember(&types));
}

// Empty when it is one; says else what is wrong.
std::string check_rename(const std::string& text) {
  try {
    nn::parse_rename(text);
    return {};
  } catch (const nn::Error& error) {
    return error.what();
  }
}

void add_open_options(CLI::App& command, WeightsOptions& options) {
  command
      .add_option(
          "--key", options.open.key,
          "Where in a checkpoint the weights are, as 'ema' or 'model.state_dict'; '*' takes "
          "every tensor")
      ->type_name("KEY");
  command.add_flag("--skip-unknown", options.open.skip_unknown,
                   "Read files that call functions which are not known here, without what these "
                   "would make; nothing is ever executed");
  command
      .add_option_function<std::vector<std::string>>(
          "--rename",
          [&](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) options.renames.push_back(nn::parse_rename(text));
          },
          "Read a tensor, or all below a module, by another name: features.0=conv1, module.= "
          "(may be repeated)")
      ->type_name("OLD=NEW")
      ->allow_extra_args(false)
      ->check(check_rename);
}

void add_weights_options(CLI::App& command, WeightsOptions& options) {
  add_open_options(command, options);
  command.add_flag("--allow-rounding", options.allow_rounding, rounding_help);
}

void add_save_format(CLI::App& command, std::optional<nn::SaveFormat>& format) {
  command
      .add_option_function<std::string>(
          "--to", [&](const std::string& name) { format = nn::save_format_named(name); },
          "Its format, whatever its name: torch, safetensors or npz")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"torch", "safetensors", "npz"}));
}

void add_dtype(CLI::App& command, std::optional<nn::DType>& dtype) {
  const auto check = [](const std::string& name) -> std::string {
    const auto found = nn::dtype_named(name);
    if (found && nn::is_floating_point(*found)) return {};
    return "Value " + name + " is not a floating-point type, as float32, float16 or bfloat16";
  };
  command
      .add_option_function<std::string>(
          "--dtype", [&](const std::string& name) { dtype = nn::dtype_named(name); },
          "Write floating-point tensors as float32, float16, bfloat16 …; others stay")
      ->type_name("TYPE")
      ->check(check);
}

// What the options of a wiring are for, in a line each; those without one are left to the library.
constexpr std::array<std::pair<std::string_view, const char*>, 13> wiring_help{{
    {"activation", "Activation between layers: relu, tanh, sigmoid, leaky_relu, gelu, silu, …"},
    {"pool", "Pooling: max or avg"},
    {"padding", "Padding of convolutions: 0, same, 1, or one for each: same,0"},
    {"stride", "Stride of convolutions: 1, or one for each: 2,1"},
    {"pool_after", "The convolutions that a pool follows: conv1,conv2, or none"},
    {"pool_size", "Size of pools: 2, or 3/2 for 3 with stride 2"},
    {"head", "From planes to features: flatten, global_avg, global_max, adaptive_avg"},
    {"order", "What follows a layer: norm,activation,pool in their order"},
    {"without_activation", "Layers that no activation follows: fc1, or none"},
    {"layers", "The layers that run, in their order; others are left out"},
    {"norm_after", "The layers that the BatchNorms follow, in the BatchNorms' order"},
    {"eps", "eps of BatchNorm: 1e-05"},
    {"output", "What comes out: logits, log_softmax or softmax"},
}};

std::string check_wiring(std::string_view name, const std::string& text) {
  models::WiringOptions options;
  try {
    models::set_option(options, name, text);
    return {};
  } catch (const nn::Error& error) {
    return error.what();
  }
}

void add_net_options(CLI::App& command, NetOptions& options) {
  command
      .add_option("--net", options.text,
                  "The net that the weights are for, as Python's print(model) shows it")
      ->type_name("TEXTFILE");
  for (const auto& [name, help] : wiring_help) {
    // bench has another --layers.
    std::string dashed = nn::concat("--", name == "layers" ? "run_layers" : name);
    std::ranges::replace(dashed, '_', '-');
    command
        .add_option_function<std::string>(
            dashed,
            [&options, option = name](const std::string& text) {
              models::set_option(options.wiring, option, text);
            },
            help)
        ->type_name("HOW")
        ->check([option = name](const std::string& text) { return check_wiring(option, text); })
        ->group("Where weights and --net leave it open");
  }
  command
      .add_option_function<std::vector<std::string>>(
          "--input",
          [&](const std::vector<std::string>& texts) {
            for (const std::string& text : texts)
              options.inputs.push_back(*parse_given_input(text));
            options.wiring.input = without_batch(options.inputs[0].shape);
          },
          "Sizes of the input: 1,3,224,224, or 1x28x28 of one picture; of several inputs one each, "
          "in their order or as NAME=1,16")
      ->type_name("SIZES")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        return parse_given_input(text) ? std::string() : text + " is no shape, as 1,3,224,224";
      })
      ->group("Where weights and --net leave it open");
  command
      .add_option_function<std::string>(
          "--normalize",
          [&](const std::string& text) { options.normalization = parse_normalization(text); },
          "What pictures were made for the training: mean,std as 0.1307,0.3081 (of pixels / 255), "
          "x/255, +-1, none (0 to 255), or imagenet of photographs")
      ->type_name("HOW")
      ->check([](const std::string& text) {
        return parse_normalization(text)
                   ? std::string()
                   : text + " is neither mean,std nor one of x/255, +-1, none, imagenet";
      });
}

constexpr const char* in_terminal = "-";  // the value of a --graph without a file

bool names_picture(std::string_view file) {
  return file.ends_with(".svg") || file.ends_with(".dot") || file.ends_with(".md");
}

// The words of the command line, where --graph has its value behind a '=': the word that follows it
// when that names a picture, and not the model.
std::vector<std::string> words_of(int argc, const char* const* argv) {
  std::vector<std::string> words(argv, argv + argc);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "--graph") continue;
    const bool named = i + 1 < words.size() && names_picture(words[i + 1]);
    words[i] = nn::concat("--graph=", named ? words[i + 1] : in_terminal);
    if (named) words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return words;
}

}  // namespace

std::variant<Options, Answer> parse(int argc, const char* const* argv) {
  CLI::App app("Runs the files PyTorch users have, without Python.", "rushlight");
  app.set_version_flag("--version", "rushlight " RUSHLIGHT_VERSION);
  app.require_subcommand(1);

  ClassifyOptions classify;
  CLI::App* const classify_command =
      app.add_subcommand("classify", "Which digit, or other class, is on a picture");
  classify_command->add_option("IMAGE", classify.images, "PNG or JPEG files")->required();
  classify_command->add_option("--model", classify.model, model_help)->type_name("FILE");
  classify_command
      ->add_option("--top", classify.top,
                   "Show the K most probable classes (default: all of one picture, or 5 of more "
                   "than 20; 3 of "
                   "each of several)")
      ->type_name("K")
      ->check(CLI::Range(1, 1000));
  add_weights_options(*classify_command, classify.weights);
  add_net_options(*classify_command, classify.net);
  add_storage(*classify_command, classify.storage);
  classify_command->add_flag("--json", classify.json, json_help);

  EvaluateOptions evaluate;
  CLI::App* const evaluate_command =
      app.add_subcommand("evaluate", "Accuracy and confusion matrix on MNIST");
  evaluate_command->add_option("FOLDER", evaluate.folder, "Holds the idx files, plain or gzipped")
      ->required();
  evaluate_command->add_option("--model", evaluate.model, model_help)->type_name("FILE");
  evaluate_command->add_flag("--train", evaluate.train,
                             "The 60,000 training pictures, not the 10,000 test ones");
  add_weights_options(*evaluate_command, evaluate.weights);
  add_net_options(*evaluate_command, evaluate.net);
  add_storage(*evaluate_command, evaluate.storage);
  evaluate_command->add_flag("--json", evaluate.json, json_help);

  InspectOptions inspect;
  CLI::App* const inspect_command =
      app.add_subcommand("inspect", "What is in a weights file, or the layers of a network");
  inspect_command
      ->add_option("FILE", inspect.file,
                   "Weights, an ONNX file or a .pt2; with --graph also the name of a known network")
      ->required();
  add_open_options(*inspect_command, inspect.weights);
  add_net_options(*inspect_command, inspect.net);
  inspect_command->add_flag(
      "--kernels", inspect.kernels,
      "Also how each layer of the network would run here, one picture at a time");
  inspect_command
      ->add_option_function<std::string>(
          "--graph",
          [&](const std::string& file) {
            inspect.graph = true;
            inspect.picture = file == in_terminal ? "" : file;
          },
          "The network's layers with what they read, shapes, parameters and multiply-adds: a "
          "table, "
          "or a picture in OUT, which ends in .svg, .dot (Graphviz) or .md (Mermaid)")
      ->type_name("[OUT]")
      ->check([](const std::string& file) {
        return file == in_terminal || names_picture(file)
                   ? std::string()
                   : "expected a file that ends in .svg, .dot or .md, got " + file;
      });
  inspect_command->add_flag("--prepared", inspect.prepared,
                            "The graph after the passes of a session: what really runs");
  inspect_command->add_flag("--json", inspect.json, json_help);

  ConvertOptions convert;
  std::optional<nn::SaveFormat> convert_to;
  CLI::App* const convert_command =
      app.add_subcommand("convert", "Write the weights of a file in another format");
  convert_command->add_option("IN", convert.input, "Any file of weights")->required();
  convert_command
      ->add_option("OUT", convert.output,
                   "The new file, written whole or not at all: .pt, .safetensors or .npz")
      ->required();
  add_save_format(*convert_command, convert_to);
  add_dtype(*convert_command, convert.dtype);
  convert_command->add_flag("--skip-unreadable", convert.skip_unreadable,
                            "Leave out tensors that can only be listed: complex, quantised, "
                            "sparse and their like");
  add_open_options(*convert_command, convert.weights);
  convert_command->add_flag("--json", convert.json, json_help);

  DoctorOptions doctor;
  CLI::App* const doctor_command = app.add_subcommand(
      "doctor", "What is wrong or suspicious about a file of weights, and what mends it");
  doctor_command->add_option("FILE", doctor.file, "A file that should be weights")->required();
  add_open_options(*doctor_command, doctor.weights);
  doctor_command->add_flag("--json", doctor.json, json_help);

  BenchOptions bench;
  CLI::App* const bench_command =
      app.add_subcommand("bench", "How fast a network runs on this machine");
  bench_command
      ->add_option("MODEL", bench.model,
                   "An ONNX file, a .pt2, weights, or the name of a known network: then with "
                   "made-up weights")
      ->required();
  bench_command->add_option("--batch", bench.batches, "Pictures at a time (default: 1 8 64 512)")
      ->type_name("B")
      ->check(CLI::Range(1, 100000));
  bench_command->add_option("--threads", bench.threads, "Threads that share the work (default: 1)")
      ->type_name("T")
      ->check(CLI::Range(1, 1024));
  bench_command
      ->add_option("--seconds", bench.seconds,
                   "Measure each line of the table so long (default: 0.5)")
      ->type_name("S")
      ->check(check_seconds);
  bench_command->add_flag("--layers", bench.layers, "Also show how fast each layer is");
  add_weights_options(*bench_command, bench.weights);
  add_net_options(*bench_command, bench.net);
  add_storage(*bench_command, bench.storage);
  bench_command->add_flag("--json", bench.json, json_help);

  SummaryOptions summary;
  CLI::App* const summary_command = app.add_subcommand(
      "summary", "The layers of a network, their shapes, parameters, multiply-adds and memory");
  summary_command
      ->add_option("MODEL", summary.model,
                   "An ONNX file, a .pt2, weights, or the name of a known network")
      ->required();
  add_weights_options(*summary_command, summary.weights);
  add_net_options(*summary_command, summary.net);
  summary_command->add_flag("--json", summary.json, json_help);

  VerifyOptions verify;
  CLI::App* const verify_command = app.add_subcommand(
      "verify",
      "Whether a network gives what PyTorch gave, or which layer is the first that differs");
  verify_command
      ->add_option("MODEL", verify.model,
                   "An ONNX file, a .pt2, weights, or the name of a known network")
      ->required();
  verify_command
      ->add_option("REFERENCE", verify.reference,
                   "Inputs, outputs and values between, as tools/export_reference.py stores them")
      ->required();
  add_tolerance(
      *verify_command, "--rtol", verify.tolerance.rtol,
      "Allowed: ATOL + RTOL * max(|b|, rms of the tensor b). Default: 1e-4, ten times what "
      "a hundred layers of float32 lose");
  add_tolerance(*verify_command, "--atol", verify.tolerance.atol, "Default: 1e-5");
  add_weights_options(*verify_command, verify.weights);
  add_net_options(*verify_command, verify.net);
  verify_command->add_flag("--json", verify.json, json_help);

  try {
    const std::vector<std::string> words = words_of(argc, argv);
    std::vector<const char*> pointers;
    for (const std::string& word : words) pointers.push_back(word.c_str());
    app.parse(static_cast<int>(pointers.size()), pointers.data());
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const bool shown = app.exit(error, text, text) == 0;
    return Answer{text.str(), shown ? 0 : 2};
  }
  if (classify_command->parsed()) return Options(classify);
  if (evaluate_command->parsed()) return Options(evaluate);
  if (bench_command->parsed()) return Options(bench);
  if (verify_command->parsed()) return Options(verify);
  if (summary_command->parsed()) return Options(summary);
  if (doctor_command->parsed()) return Options(doctor);
  if (convert_command->parsed()) {
    if (!convert_to) convert_to = nn::save_format_of(convert.output);
    if (!convert_to) {
      return Answer{nn::concat("the end of '", nn::printable(convert.output),
                               "' tells no format: end it in .pt, .safetensors or .npz, or give "
                               "--to torch, safetensors or npz\n"),
                    2};
    }
    convert.format = *convert_to;
    return Options(convert);
  }
  return Options(inspect);
}

}  // namespace apps
