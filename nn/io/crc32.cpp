#include <array>
#include <cstring>
#include <vector>

#include <nn/io/crc32.h>
#include <nn/io/zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nn::io {
namespace {

// A message is a polynomial over GF(2), its first bit the highest power of x; its CRC is the rest
// of the division by P. Bits are stored in reverse, x^31 in bit 0.
constexpr std::uint32_t one = 0x80000000;

constexpr std::uint32_t times_x(std::uint32_t rest) {
  return (rest >> 1) ^ ((rest & 1U) != 0 ? 0xEDB88320U : 0);
}

#if defined(__x86_64__)

// Folding: 128 bits of it may be replaced by their product with x^D mod P,
// added to the bits D further on, each half by one product of 64 × 33 bits. What is left at the
// end, as long as the accumulators, zlib divides.
// Gopal et al., "Fast CRC computation for generic polynomials using PCLMULQDQ", Intel 2009
constexpr std::int64_t power(std::uint32_t exponent) {  // x^exponent mod P, in 33 bits
  std::uint32_t rest = one;
  for (std::uint32_t i = 0; i < exponent; ++i) rest = times_x(rest);
  return static_cast<std::int64_t>(std::uint64_t{rest} << 1);
}
constexpr std::int64_t low_factor(std::uint32_t distance) { return power(distance + 32); }
constexpr std::int64_t high_factor(std::uint32_t distance) { return power(distance - 32); }
static_assert(low_factor(128) == 0x1751997d0 && high_factor(128) == 0x0ccaa009e);

constexpr std::size_t accumulators = 4;
constexpr std::uint32_t nothing = 0xFFFFFFFF;  // so far: of which the register's state is 0

#define RUSHLIGHT_CLMUL __attribute__((target("pclmul,sse4.1")))
#define RUSHLIGHT_WIDE_CLMUL __attribute__((target("avx512f,vpclmulqdq")))

RUSHLIGHT_CLMUL inline __m128i load(std::span<const std::byte> bytes, std::size_t i) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data()) + i);
}

RUSHLIGHT_CLMUL inline __m128i fold(__m128i x, __m128i factors, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(x, factors, 0x00);
  const __m128i high = _mm_clmulepi64_si128(x, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

RUSHLIGHT_CLMUL std::uint32_t by_clmul(std::span<const std::byte> bytes, std::uint32_t so_far) {
  constexpr std::size_t block = accumulators * sizeof(__m128i);
  if (bytes.size() < 2 * block) return zlib_crc32(bytes, so_far);
  __m128i x[accumulators];
  for (std::size_t i = 0; i < accumulators; ++i) x[i] = load(bytes, i);
  x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128(static_cast<int>(~so_far)));
  const __m128i factors = _mm_set_epi64x(high_factor(8 * block), low_factor(8 * block));
  while ((bytes = bytes.subspan(block)).size() >= block) {
    for (std::size_t i = 0; i < accumulators; ++i) x[i] = fold(x[i], factors, load(bytes, i));
  }
  std::array<std::byte, block> folded;
  std::memcpy(folded.data(), x, block);
  return zlib_crc32(bytes, zlib_crc32(folded, nothing));
}

RUSHLIGHT_WIDE_CLMUL inline __m512i wide_load(std::span<const std::byte> bytes, std::size_t i) {
  return _mm512_loadu_si512(bytes.data() + i * sizeof(__m512i));
}

RUSHLIGHT_WIDE_CLMUL inline __m512i fold(__m512i x, __m512i factors, __m512i next) {
  const __m512i low = _mm512_clmulepi64_epi128(x, factors, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(x, factors, 0x11);
  return _mm512_ternarylogic_epi64(low, high, next, 0x96);  // the sum of all three
}

RUSHLIGHT_WIDE_CLMUL std::uint32_t by_wide_clmul(std::span<const std::byte> bytes,
                                                 std::uint32_t so_far) {
  constexpr std::size_t block = accumulators * sizeof(__m512i);
  if (bytes.size() < 4 * block) return by_clmul(bytes, so_far);
  __m512i x[accumulators];
  for (std::size_t i = 0; i < accumulators; ++i) x[i] = wide_load(bytes, i);
  x[0] =
      _mm512_xor_si512(x[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(~so_far))));
  constexpr std::int64_t low = low_factor(8 * block);
  constexpr std::int64_t high = high_factor(8 * block);
  const __m512i factors = _mm512_set_epi64(high, low, high, low, high, low, high, low);
  while ((bytes = bytes.subspan(block)).size() >= block) {
    for (std::size_t i = 0; i < accumulators; ++i) x[i] = fold(x[i], factors, wide_load(bytes, i));
  }
  std::array<std::byte, block> folded;
  std::memcpy(folded.data(), x, block);
  return by_clmul(bytes, by_clmul(folded, nothing));
}

#endif

// The product of two rests.
std::uint32_t times(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t term = one; term != 0; term >>= 1) {
    if ((a & term) != 0) product ^= b;
    b = times_x(b);
  }
  return product;
}

// What `bytes` bytes of zeros behind a message multiply its rest with: x^(8 bytes).
std::uint32_t zeros(std::uint64_t bytes) {
  std::uint32_t power = one >> 8;
  std::uint32_t product = one;
  for (; bytes > 0; bytes >>= 1) {
    if ((bytes & 1) != 0) product = times(product, power);
    power = times(power, power);
  }
  return product;
}

// Filled once: which of them the processor can run.
const std::vector<Crc32Version>& versions() {
  static const std::vector<Crc32Version> all = [] {
    std::vector<Crc32Version> found{{"zlib", zlib_crc32}};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
      found.push_back({"pclmulqdq", by_clmul});
      if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq")) {
        found.push_back({"vpclmulqdq", by_wide_clmul});
      }
    }
#endif
    return found;
  }();
  return all;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t so_far) {
  static const auto run = versions().back().run;
  return run(bytes, so_far);
}

std::uint32_t joined_crc32(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
  return times(first, zeros(second_size)) ^ second;
}

std::span<const Crc32Version> crc32_versions() { return versions(); }

}  // namespace nn::io
