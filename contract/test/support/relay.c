// A second contract that calls another one: `relay` takes "receiver\nmethod\narguments" as its input and hands its
// attached deposit on; `pay` does the same and attaches 1 yoctoNEAR of its account's.
#include <stdint.h>

extern void input(uint64_t register_id);
extern uint64_t register_len(uint64_t register_id);
extern void read_register(uint64_t register_id, uint64_t ptr);
extern void attached_deposit(uint64_t ptr);
extern uint64_t promise_create(uint64_t account_len, uint64_t account_ptr, uint64_t name_len, uint64_t name_ptr,
                               uint64_t args_len, uint64_t args_ptr, uint64_t amount_ptr, uint64_t gas);
extern void promise_return(uint64_t promise);

static char text[1 << 20];
static uint8_t deposit[16];

static void hand_on(void) {
  uint64_t length, part[3], at = 0;
  input(0);
  length = register_len(0);
  if (length > sizeof text) __builtin_trap();
  read_register(0, (uint64_t)(uintptr_t)text);
  for (int i = 0; i < 3; i++) {
    part[i] = at;
    while (at < length && (i == 2 || text[at] != '\n')) at++;
    at++;
  }
  promise_return(promise_create(part[1] - part[0] - 1, (uint64_t)(uintptr_t)(text + part[0]), part[2] - part[1] - 1,
                                (uint64_t)(uintptr_t)(text + part[1]), length - part[2],
                                (uint64_t)(uintptr_t)(text + part[2]), (uint64_t)(uintptr_t)deposit, 50000000000000));
}

__attribute__((export_name("relay"))) void relay(void) {
  attached_deposit((uint64_t)(uintptr_t)deposit);
  hand_on();
}

__attribute__((export_name("pay"))) void pay(void) {
  deposit[0] = 1;
  hand_on();
}
