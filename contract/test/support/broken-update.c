// New code whose migration fails, after it has overwritten the state and logged an event.
typedef unsigned long long u64;
extern u64 storage_write(u64 key_len, u64 key, u64 value_len, u64 value, u64 register_id);
extern void log_utf8(u64 len, u64 text);
extern void panic_utf8(u64 len, u64 text);
#define TEXT(text) sizeof(text) - 1, (u64)(unsigned long)(text)

__attribute__((export_name("migrate"))) void migrate(void) {
  storage_write(TEXT("S"), TEXT("broken"), 0);
  log_utf8(TEXT("half way"));
  panic_utf8(TEXT("MIGRATION_FAILED: on purpose"));
}
