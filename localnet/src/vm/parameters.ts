/**
 * What NEAR's virtual machine charges and allows, mainnet, protocol 84 (nearcore `core/parameters`). Gas, unless named
 * otherwise. The key of a host cost is its name in a receipt's gas profile, in lower case.
 */
export const HOST_COSTS = {
  base: 264_768_111,
  contract_loading_base: 35_445_963,
  contract_loading_bytes: 1_089_295,
  read_memory_base: 2_609_863_200,
  read_memory_byte: 3_801_333,
  write_memory_base: 2_803_794_861,
  write_memory_byte: 2_723_772,
  read_register_base: 2_517_165_186,
  read_register_byte: 98_562,
  write_register_base: 2_865_522_486,
  write_register_byte: 3_801_564,
  utf8_decoding_base: 3_111_779_061,
  utf8_decoding_byte: 291_580_479,
  utf16_decoding_base: 3_543_313_050,
  utf16_decoding_byte: 163_577_493,
  sha256_base: 4_540_970_250,
  sha256_byte: 24_117_351,
  keccak256_base: 5_879_491_275,
  keccak256_byte: 21_471_105,
  keccak512_base: 5_811_388_236,
  keccak512_byte: 36_649_701,
  ripemd160_base: 853_675_086,
  ripemd160_block: 680_107_584,
  ecrecover_base: 278_821_988_457,
  ed25519_verify_base: 210_000_000_000,
  ed25519_verify_byte: 9_000_000,
  log_base: 3_543_313_050,
  log_byte: 13_198_791,
  storage_write_base: 64_196_736_000,
  storage_write_key_byte: 70_482_867,
  storage_write_value_byte: 31_018_539,
  storage_write_evicted_byte: 32_117_307,
  storage_read_base: 56_356_845_749,
  storage_read_key_byte: 30_952_533,
  storage_read_value_byte: 5_611_004,
  storage_large_read_overhead_base: 1,
  storage_large_read_overhead_byte: 1,
  storage_remove_base: 53_473_030_500,
  storage_remove_key_byte: 38_220_384,
  storage_remove_ret_value_byte: 11_531_556,
  storage_has_key_base: 54_039_896_625,
  storage_has_key_byte: 30_790_845,
  touching_trie_node: 2_280_000_000,
  read_cached_trie_node: 2_280_000_000,
  promise_and_base: 1_465_013_400,
  promise_and_per_promise: 5_452_176,
  promise_return: 560_152_386,
  validator_stake_base: 911_834_726_400,
  validator_total_stake_base: 911_834_726_400,
} as const
export type HostCost = keyof typeof HOST_COSTS

/** Gas of one WebAssembly instruction; `block`, `else` and `end` are free. */
export const REGULAR_OP_GAS = 822_756

/** A bulk instruction (`memory.copy`, …) costs this many regular ones, and one more per byte or element. */
export const LINEAR_OP_BASE = 32

/**
 * Pages of 64 KiB a contract starts with, or what it declares if that is more. NEAR gives every contract 1,024; a fresh
 * 64 MiB per call would cost milliseconds and a garbage collection each. A contract that needs more grows, up to the
 * same limit as on NEAR.
 */
export const INITIAL_MEMORY_PAGES = 64

export const VM_LIMITS = {
  maxGasBurnt: 300_000_000_000_000,
  maxMemoryPages: 2_048,
  maxRegisterSize: 104_857_600,
  maxRegisters: 100,
  registersMemoryLimit: 1_073_741_824,
  maxLogs: 100,
  maxTotalLogLength: 16_384,
  maxStorageKeyLength: 2_048,
  maxStorageValueLength: 4_194_304,
  maxReturnedDataLength: 4_194_304,
  maxContractSize: 4_194_304,
  maxPromisesPerCall: 1_024,
  maxInputDataDependencies: 128,
  maxFunctions: 10_000,
  inlineValueThreshold: 4_000,
} as const
