// A contract that does a little of everything a call can do.
typedef unsigned long long u64;
#define HOST(name) __attribute__((import_module("env"), import_name(#name))) extern
#define METHOD(name) __attribute__((export_name(#name))) void name(void)
#define TEXT(text) sizeof(text) - 1, (u64)(unsigned long)(text)

HOST(input) void input(u64 reg);
HOST(storage_write) u64 storage_write(u64 key_len, u64 key, u64 value_len, u64 value, u64 reg);
HOST(storage_remove) u64 storage_remove(u64 key_len, u64 key, u64 reg);
HOST(value_return) void value_return(u64 len, u64 value);
HOST(log_utf8) void log_utf8(u64 len, u64 text);
HOST(panic_utf8) void panic_utf8(u64 len, u64 text);
HOST(promise_batch_create) u64 promise_batch_create(u64 len, u64 account);
HOST(promise_batch_then) u64 promise_batch_then(u64 promise, u64 len, u64 account);
HOST(promise_batch_action_transfer) void promise_batch_action_transfer(u64 promise, u64 amount);
HOST(promise_batch_action_function_call)
void promise_batch_action_function_call(u64 promise, u64 method_len, u64 method, u64 args_len, u64 args, u64 amount,
                                        u64 gas);
HOST(promise_batch_action_function_call_weight)
void promise_batch_action_function_call_weight(u64 promise, u64 method_len, u64 method, u64 args_len, u64 args,
                                               u64 amount, u64 gas, u64 weight);
HOST(promise_set_refund_to) void promise_set_refund_to(u64 promise, u64 len, u64 account);
HOST(promise_return) void promise_return(u64 promise);

// value_len 2^64 - 1 means: the register `value`
METHOD(keep) {
  input(0);
  storage_write(TEXT("kept"), -1, 0, 1);
  log_utf8(TEXT("kept it"));
  value_return(-1, 0);
}

METHOD(forget) { storage_remove(TEXT("kept"), 1); }

METHOD(fail) {
  storage_write(TEXT("kept"), TEXT("in vain"), 1);
  panic_utf8(TEXT("CODE: a sentence"));
}

METHOD(trap) { __builtin_trap(); }

METHOD(send) {
  static const u64 amount[2] = {7, 0}, nothing[2] = {0, 0};
  u64 first = promise_batch_create(TEXT("alice.near"));
  promise_batch_action_transfer(first, (u64)(unsigned long)amount);
  u64 second = promise_batch_then(first, TEXT("bob.near"));
  promise_batch_action_function_call(second, TEXT("hello"), TEXT("{}"), (u64)(unsigned long)nothing, 5000000000000ull);
  promise_batch_action_function_call_weight(second, TEXT("more"), TEXT("{}"), (u64)(unsigned long)nothing, 0, 1);
  promise_set_refund_to(second, TEXT("dave.near"));
  promise_return(second);
}
