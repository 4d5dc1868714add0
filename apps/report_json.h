#pragma once

#include <apps/json.h>

#include <nn/import/load.h>

namespace apps {

// How a state dict fits a graph:
//   {"fits":false,"matched":["fc2.bias"],"missing":[],"unexpected":[],
//    "mismatched":[{"name":"fc1.weight","expected":[128,3136],"found":[128,9216]}],
//    "notes":[],"renames":["features.0=conv1"],"explained":["'fc1' expects 9216 = 64·12·12 …"]}
Json report_json(const nn::LoadReport& report);

}  // namespace apps
