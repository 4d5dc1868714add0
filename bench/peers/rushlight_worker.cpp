// Our side of bench/peers: prepares and runs a network at the driver's word. worker.py describes
// the lines that it reads and writes.
//
//   rushlight_worker FOLDER THREADS
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <models/registry.h>
#include <nn/nn.h>

namespace {

namespace fs = std::filesystem;

// The first pictures of the file, as many as the shape says.
nn::Tensor read_pictures(const fs::path& path, const nn::Shape& shape) {
  nn::Tensor x(shape);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(x.data()), static_cast<std::streamsize>(x.nbytes()))) {
    nn::fail(path.string(), ": cannot read ", shape, " values");
  }
  return x;
}

// A network prepared for one batch, with its input and output.
struct Prepared {
  nn::Session session;
  nn::Tensor x;  // [batch, C, H, W]
  nn::Tensor y;  // [batch, classes]
};

struct Network {
  nn::Graph graph;
  nn::Shape input;
};

// Of models/ with the weights of its .pt file, others from their .onnx file.
Network load(const fs::path& folder, const std::string& name, std::int64_t batch) {
  if (const models::Model* model = models::find(name)) {
    Network net{model->build(), model->input_shape(batch)};
    nn::load(net.graph, nn::StateDict::open(folder / (name + ".pt")));
    return net;
  }
  nn::ImportedGraph imported = nn::import_model(folder / (name + ".onnx"));
  nn::Shape input{batch};
  for (std::size_t i = 1; i < imported.inputs.at(0).sizes.size(); ++i) {
    input = input.appended(imported.inputs[0].sizes[i].size.value());
  }
  return {std::move(imported.graph), input};
}

Prepared prepare(const fs::path& folder, int threads, const std::string& name, std::int64_t batch) {
  const auto [net, input] = load(folder, name, batch);
  nn::Tensor x = read_pictures(folder / (name + ".pictures"), input);
  nn::Session session(net, x.shape(), {.threads = threads});
  nn::Tensor y = session(x);
  return {std::move(session), std::move(x), std::move(y)};
}

// Calls until the time is over, after one that is not counted; at least once.
std::string run(Prepared& prepared, double milliseconds) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  prepared.session.run(prepared.x, prepared.y);
  std::vector<double> seconds;
  const auto begin = Clock::now();
  for (auto from = begin; Seconds(from - begin).count() * 1e3 < milliseconds || seconds.empty();) {
    prepared.session.run(prepared.x, prepared.y);
    const auto to = Clock::now();
    seconds.push_back(Seconds(to - from).count());
    from = to;
  }
  std::ranges::sort(seconds);
  std::ostringstream text;
  text << "ok " << seconds.front() << " " << seconds[seconds.size() / 2];
  return text.str();
}

void write_output(const Prepared& prepared, const fs::path& path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(prepared.y.data()),
             static_cast<std::streamsize>(prepared.y.nbytes()));
  if (!file.flush()) nn::fail(path.string(), ": cannot write");
}

class Worker {
 public:
  Worker(fs::path folder, int threads) : folder_(std::move(folder)), threads_(threads) {}

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "version") return "ok";
    if (command == "prepare") {
      std::string name;
      std::int64_t batch = 0;
      words >> name >> batch;
      prepared_ = prepare(folder_, threads_, name, batch);
      return "ok";
    }
    if (!prepared_) nn::fail("expected prepare, got ", line);
    if (command == "run") {
      double milliseconds = 0;
      words >> milliseconds;
      return run(*prepared_, milliseconds);
    }
    if (command != "output") nn::fail("expected prepare, run or output, got ", line);
    std::string path;
    std::getline(words >> std::ws, path);
    write_output(*prepared_, path);
    return "ok";
  }

 private:
  fs::path folder_;
  int threads_;
  std::optional<Prepared> prepared_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: rushlight_worker FOLDER THREADS\n";
    return 2;
  }
  Worker worker(argv[1], std::stoi(argv[2]));
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << worker.answer(line) << std::endl;
    } catch (const std::exception& error) {
      std::string text = error.what();
      std::ranges::replace(text, '\n', ' ');
      std::cout << "error " << text << std::endl;
    }
  }
}
