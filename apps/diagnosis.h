#pragma once

#include <apps/finding.h>
#include <string>

#include <nn/io/file.h>

namespace apps {

// What a file is that cannot be opened as weights, or what happened to it; `problem` is what the
// reader said. The file is looked at, nothing of it is unpacked or run.
Finding diagnose(const std::string& file, const nn::io::ByteSource& source,
                 const std::string& problem);

}  // namespace apps
