#pragma once

namespace models::wiring::costs {

// How unusual a wiring is: the sum of these, least first. Only their order of size means something;
// each stands for what tutorials do less often.
// Input:
inline constexpr double other_side = 3;  // 32 × 32 in one channel, 28 × 28 in three
// Padding, where kernels are larger than 1:
inline constexpr double mixed_padding = 2;       // some convolutions with "same", some without
inline constexpr double padding_returns = 1;     // … and one with behind one without
inline constexpr double uniform_padding = 1.75;  // one number for all, neither 0 nor "same"
// Stride:
inline constexpr double stride_two = 1.5;         // each convolution of stride 2
inline constexpr double large_kernel = -1.25;     // off that, of a kernel of 4 or of 7 and more
inline constexpr double stride_and_pool = 1;      // and a pool behind it
inline constexpr double strided_unpadded = 0.75;  // without padding, of an odd kernel
inline constexpr double pointwise_stride =
    1;                                        // of a kernel of 1, which then sees one value of four
inline constexpr double all_strides_two = 1;  // every convolution: in place of their sum
inline constexpr double larger_stride = 2.5;  // 4 of a kernel of 8 and more, or as large as it
// Pools, where no numbers tell of them:
inline constexpr double no_pool = 1;                // behind a convolution
inline constexpr double no_pool_in_pair = 0.5;      // … and the next has as many channels
inline constexpr double no_pool_at_the_end = 0.75;  // … and a linear layer follows
inline constexpr double pool_in_block = 2;          // within what is named as one block
inline constexpr double pool_before_global = 0.5;   // behind the last, before a global pool
inline constexpr double odd_side = 0.25;            // it drops a row
inline constexpr double pool_size = 3;              // 3 × 3, 4 × 4, or 3 × 3 with stride 2
// From planes to one value each, where the linear layer takes as many as there are channels:
inline constexpr double global_pool = 1;         // of planes of more than 1 × 1
inline constexpr double global_unpadded = 0.25;  // … behind convolutions without padding
inline constexpr double shrunk_to_one = 1.5;     // pools and strides happen to leave 1 × 1
// What stands in the gaps of numbered names:
inline constexpr double dropout = 0.25;
inline constexpr double unknown_layer = 2;  // each further one
inline constexpr double before_norm = 1;    // something unknown between a layer and its norm
inline constexpr double other_order = 1;    // norm, activation and pool in an order of its own
inline constexpr double no_activation = 4;
inline constexpr double after_depthwise = 1;  // an activation between depthwise and pointwise

// Wirings that cost so much more than the best are counted, not listed.
inline constexpr double listed = 4;

}  // namespace models::wiring::costs
