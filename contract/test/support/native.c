// The contract's C functions for this machine: a question a line on stdin, an answer a line on stdout.
//   point <hex of 32 bytes>      -> <ed25519_classify> <ed25519_is_key>
//   decode <length> <text>       -> hex, or "none"
//   encode <hex>                 -> text
#include "../../native/base58.h"
#include "../../native/ed25519.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t from_hex(uint8_t *out, const char *hex) {
  size_t length = strlen(hex) / 2;
  for (size_t i = 0; i < length; i++) sscanf(hex + 2 * i, "%2hhx", &out[i]);
  return length;
}

int main(void) {
  static char line[4096];
  uint8_t bytes[2048];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *argument = strchr(line, ' ');
    *argument++ = 0;
    if (strcmp(line, "point") == 0) {
      from_hex(bytes, argument);
      printf("%d %d\n", ed25519_classify(bytes), ed25519_is_key(bytes));
    } else if (strcmp(line, "decode") == 0) {
      size_t length = (size_t)atoi(argument);
      const char *text = strchr(argument, ' ') + 1;
      if (base58_decode(bytes, length, text, strlen(text))) {
        for (size_t i = 0; i < length; i++) printf("%02x", bytes[i]);
        puts("");
      } else {
        puts("none");
      }
    } else {
      char text[2 * BASE58_MAX_BYTES];
      size_t length = from_hex(bytes, argument);
      printf("%.*s\n", (int)base58_encode(text, bytes, length), text);
    }
  }
  return 0;
}
