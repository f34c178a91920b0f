// A contract that does what its input says: how many records (a byte), the records, each an operation (a byte) and seven
// numbers (64 bits each, little endian), and after them whatever. What the host functions answer is the result. A number 0xA5A5…xxxx stands for the address of the input's byte
// xxxx, so that a script can point into itself.
typedef unsigned long long u64;
typedef unsigned char u8;
#define HOST(name, ...) \
  __attribute__((import_module("env"), import_name(#name))) extern u64 name(__VA_ARGS__)
#define HOST_VOID(name, ...) \
  __attribute__((import_module("env"), import_name(#name))) extern void name(__VA_ARGS__)

HOST_VOID(read_register, u64, u64);
HOST(register_len, u64);
HOST_VOID(write_register, u64, u64, u64);
HOST_VOID(input, u64);
HOST_VOID(current_account_id, u64);
HOST_VOID(signer_account_id, u64);
HOST_VOID(signer_account_pk, u64);
HOST_VOID(predecessor_account_id, u64);
HOST(block_index, void);
HOST(block_timestamp, void);
HOST(epoch_height, void);
HOST(storage_usage, void);
HOST_VOID(account_balance, u64);
HOST_VOID(account_locked_balance, u64);
HOST_VOID(attached_deposit, u64);
HOST(prepaid_gas, void);
HOST_VOID(random_seed, u64);
HOST_VOID(sha256, u64, u64, u64);
HOST_VOID(keccak256, u64, u64, u64);
HOST_VOID(keccak512, u64, u64, u64);
HOST_VOID(ripemd160, u64, u64, u64);
HOST(ecrecover, u64, u64, u64, u64, u64, u64, u64);
HOST(ed25519_verify, u64, u64, u64, u64, u64, u64);
HOST_VOID(value_return, u64, u64);
HOST_VOID(panic_utf8, u64, u64);
HOST_VOID(log_utf8, u64, u64);
HOST_VOID(log_utf16, u64, u64);
HOST(storage_write, u64, u64, u64, u64, u64);
HOST(storage_read, u64, u64, u64);
HOST(storage_remove, u64, u64, u64);
HOST(storage_has_key, u64, u64);
HOST(promise_batch_create, u64, u64);
HOST(promise_batch_then, u64, u64, u64);
HOST(promise_and, u64, u64);
HOST_VOID(promise_batch_action_create_account, u64);
HOST_VOID(promise_batch_action_transfer, u64, u64);
HOST_VOID(promise_batch_action_function_call, u64, u64, u64, u64, u64, u64, u64);
HOST_VOID(promise_batch_action_delete_key, u64, u64, u64);
HOST_VOID(promise_batch_action_add_key_with_full_access, u64, u64, u64, u64);
HOST_VOID(promise_batch_action_delete_account, u64, u64, u64);
HOST_VOID(promise_set_refund_to, u64, u64, u64);
HOST(promise_results_count, void);
HOST(promise_result, u64, u64);
HOST_VOID(promise_return, u64);

enum { NUMBERS = 7, RECORD = 1 + 8 * NUMBERS, INPUT_MAX = 4096 };
static u8 script[INPUT_MAX];

static u64 number(const u8 *at) {
  u64 value = 0;
  for (int i = 7; i >= 0; i--) value = value << 8 | at[i];
  return value >> 48 == 0xA5A5 ? (u64)(unsigned long)script + (value & 0xffff) : value;
}

static u64 run(u8 operation, const u64 *n) {
  switch (operation) {
#define DOES(code, call) case code: call; return 0;
#define SAYS(code, call) case code: return call;
    DOES(0, read_register(n[0], n[1]))
    SAYS(1, register_len(n[0]))
    DOES(2, write_register(n[0], n[1], n[2]))
    DOES(3, input(n[0]))
    DOES(4, current_account_id(n[0]))
    DOES(5, signer_account_id(n[0]))
    DOES(6, signer_account_pk(n[0]))
    DOES(7, predecessor_account_id(n[0]))
    SAYS(8, block_index())
    SAYS(9, block_timestamp())
    SAYS(10, epoch_height())
    SAYS(11, storage_usage())
    DOES(12, account_balance(n[0]))
    DOES(13, account_locked_balance(n[0]))
    DOES(14, attached_deposit(n[0]))
    SAYS(15, prepaid_gas())
    DOES(16, random_seed(n[0]))
    DOES(17, sha256(n[0], n[1], n[2]))
    DOES(18, keccak256(n[0], n[1], n[2]))
    DOES(19, keccak512(n[0], n[1], n[2]))
    DOES(20, ripemd160(n[0], n[1], n[2]))
    SAYS(21, ecrecover(n[0], n[1], n[2], n[3], n[4], n[5], n[6]))
    SAYS(22, ed25519_verify(n[0], n[1], n[2], n[3], n[4], n[5]))
    DOES(23, value_return(n[0], n[1]))
    DOES(24, panic_utf8(n[0], n[1]))
    DOES(25, log_utf8(n[0], n[1]))
    DOES(26, log_utf16(n[0], n[1]))
    SAYS(27, storage_write(n[0], n[1], n[2], n[3], n[4]))
    SAYS(28, storage_read(n[0], n[1], n[2]))
    SAYS(29, storage_remove(n[0], n[1], n[2]))
    SAYS(30, storage_has_key(n[0], n[1]))
    SAYS(31, promise_batch_create(n[0], n[1]))
    SAYS(32, promise_batch_then(n[0], n[1], n[2]))
    SAYS(33, promise_and(n[0], n[1]))
    DOES(34, promise_batch_action_create_account(n[0]))
    DOES(35, promise_batch_action_transfer(n[0], n[1]))
    DOES(36, promise_batch_action_function_call(n[0], n[1], n[2], n[3], n[4], n[5], n[6]))
    DOES(37, promise_batch_action_delete_key(n[0], n[1], n[2]))
    DOES(38, promise_batch_action_add_key_with_full_access(n[0], n[1], n[2], n[3]))
    DOES(39, promise_batch_action_delete_account(n[0], n[1], n[2]))
    DOES(40, promise_set_refund_to(n[0], n[1], n[2]))
    SAYS(41, promise_results_count())
    SAYS(42, promise_result(n[0], n[1]))
    DOES(43, promise_return(n[0]))
  }
  __builtin_trap();
}

__attribute__((export_name("run_script"))) void run_script(void) {
  static u64 answers[INPUT_MAX / RECORD];
  input(0);
  read_register(0, (u64)(unsigned long)script);
  for (int record = 0; record < script[0]; record++) {
    const u8 *at = script + 1 + RECORD * record;
    u64 numbers[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) numbers[i] = number(at + 1 + 8 * i);
    answers[record] = run(*at, numbers);
  }
  if (register_len(99) == -1ull) value_return(8 * script[0], (u64)(unsigned long)answers);
}
