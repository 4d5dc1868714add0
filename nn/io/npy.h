#pragma once

#include <memory>

#include <nn/io/container.h>
#include <nn/io/zip.h>

namespace nn::io {

// An .npy file: one array, named "0". The format has no checksum.
std::shared_ptr<const Container> open_npy(std::shared_ptr<const ByteSource> source);

// An .npz file: a zip archive of arrays, each named as its entry is without ".npy".
std::shared_ptr<const Container> open_npz(ZipArchive archive);

}  // namespace nn::io
