#include "base58.h"

static const char ALPHABET[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static int digit_of(char c) {
  for (int digit = 0; digit < 58; digit++)
    if (ALPHABET[digit] == c) return digit;
  return -1;
}

int base58_decode(uint8_t *out, size_t length, const char *text, size_t text_length) {
  // base 2^32, least significant first; what does not fit in `length` bytes is refused below
  uint32_t limbs[BASE58_MAX_BYTES / 4 + 1] = {0};
  size_t used = 0, zeros = 0;
  if (length > BASE58_MAX_BYTES || text_length > 2 * length) return 0;
  while (zeros < text_length && text[zeros] == '1') zeros++;
  for (size_t at = zeros; at < text_length; at++) {
    int digit = digit_of(text[at]);
    if (digit < 0) return 0;
    uint64_t carry = (uint64_t)digit;
    for (size_t i = 0; i < used; i++) {
      carry += (uint64_t)limbs[i] * 58;
      limbs[i] = (uint32_t)carry;
      carry >>= 32;
    }
    if (carry > 0) {
      if (used > length / 4) return 0;
      limbs[used++] = (uint32_t)carry;
    }
  }
  size_t bytes = 4 * used;
  while (bytes > 0 && (limbs[(bytes - 1) / 4] >> 8 * ((bytes - 1) % 4) & 255) == 0) bytes--;
  if (zeros + bytes != length) return 0;
  for (size_t i = 0; i < length; i++)
    out[length - 1 - i] = i < bytes ? (uint8_t)(limbs[i / 4] >> 8 * (i % 4)) : 0;
  return 1;
}

size_t base58_encode(char *out, const uint8_t *bytes, size_t length) {
  // base 58^5, least significant first
  uint32_t limbs[2 * BASE58_MAX_BYTES / 5 + 1];
  size_t used = 0, zeros = 0, size = 0;
  while (zeros < length && bytes[zeros] == 0) zeros++;
  for (size_t at = zeros; at < length; at++) {
    uint64_t carry = bytes[at];
    for (size_t i = 0; i < used; i++) {
      carry += (uint64_t)limbs[i] * 256;
      limbs[i] = (uint32_t)(carry % 656356768);
      carry /= 656356768;
    }
    if (carry > 0) limbs[used++] = (uint32_t)carry;
  }
  // least significant digit first, then turned round
  for (size_t i = 0; i < used; i++) {
    uint32_t rest = limbs[i];
    for (int k = 0; k < 5 && (i + 1 < used || rest > 0); k++, rest /= 58) out[size++] = ALPHABET[rest % 58];
  }
  while (zeros-- > 0) out[size++] = '1';
  for (size_t i = 0; i < size / 2; i++) {
    char c = out[i];
    out[i] = out[size - 1 - i];
    out[size - 1 - i] = c;
  }
  return size;
}
