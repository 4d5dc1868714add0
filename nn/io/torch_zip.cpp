#include <nn/io/pickle.h>
#include <nn/io/torch_archive_container.h>
#include <nn/io/torch_zip.h>

namespace nn::io {
namespace {

class TorchZip final : public TorchArchiveContainer {
 public:
  TorchZip(ZipArchive archive, const OpenOptions& options)
      : TorchArchiveContainer(std::move(archive)) {
    big_endian_ = archive_.big_endian();
    const ZipEntry& pickle_entry = archive_.entry_named("data.pkl");
    auto bytes = archive_.zip().read(pickle_entry, PickleLimits{}.bytes);
    at_place(printable(pickle_entry.name), [&] {
      const Pickle pickle =
          Pickle::parse(std::move(bytes), {.unknown_calls = options.skip_unknown});
      TorchTensors tensors(pickle);
      storages_ = archive_.find_storages(tensors, "data/");
      ChosenWeights chosen = choose_weights(pickle, tensors, options);
      list(std::move(tensors), std::move(chosen));
    });
    set_producer(archive_.producer());
  }

  std::string_view format() const override { return "torch.save zip"; }
};

}  // namespace

std::shared_ptr<const Container> open_torch_zip(ZipArchive archive, const OpenOptions& options) {
  return std::make_shared<TorchZip>(std::move(archive), options);
}

}  // namespace nn::io
