// The contract's C functions for this machine: a question a line on stdin, an answer a line on stdout.
//   point <hex of 32 bytes>      -> <ed25519_classify> <ed25519_is_key>
//   decode <length> <text>       -> hex, or "none"
//   encode <hex>                 -> text
//   member <name> <json>         -> the places json_member finds, or "none"
//   row <first> <from> <json>    -> the places json_row finds, or "none"
//   contains <part> <text>       -> 0 or 1
#include "../../native/base58.h"
#include "../../native/ed25519.h"
#include "../../native/json_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t from_hex(uint8_t *out, const char *hex) {
  size_t length = strlen(hex) / 2;
  for (size_t i = 0; i < length; i++) sscanf(hex + 2 * i, "%2hhx", &out[i]);
  return length;
}

int main(void) {
  static char line[65536];
  uint8_t bytes[2048];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *argument = strchr(line, ' ');
    *argument++ = 0;
    char *rest = strchr(argument, ' ');
    size_t found[3];
    if (strcmp(line, "member") == 0) {
      *rest++ = 0;
      if (json_member(rest, strlen(rest), argument, strlen(argument), found))
        printf("%zu %zu %zu\n", found[0], found[1], found[2]);
      else
        puts("none");
    } else if (strcmp(line, "row") == 0) {
      char *text = strchr(rest + 1, ' ') + 1;
      *rest++ = 0;
      if (json_row(text, strlen(text), (size_t)atoi(rest), argument, strlen(argument), found))
        printf("%zu %zu\n", found[0], found[1]);
      else
        puts("none");
    } else if (strcmp(line, "contains") == 0) {
      *rest++ = 0;
      printf("%d\n", text_contains(rest, strlen(rest), argument, strlen(argument)));
    } else if (strcmp(line, "point") == 0) {
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
