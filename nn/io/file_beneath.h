#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include <nn/io/file.h>

namespace nn::io {

// A file that another file names, beneath `folder` (empty: the current one): parts joined by '/',
// as "weights/net.data". Throws Error when the name is empty, absolute, has a drive, a backslash,
// NUL or ".." in it, when a link stands on the way, and when what is there is no regular file
// or has a second name (hard link): nothing outside of the folder is ever opened.
std::shared_ptr<const ByteSource> open_beneath(const std::filesystem::path& folder,
                                               std::string_view name);

}  // namespace nn::io
