/** What the chain tells a call about itself. Callers, keys and deposit exist in change calls only. */
export interface ReadCall {
  /** The contract's own account. */
  self(): string
  /** The account that made this call. */
  predecessor(): string
  /** The account that signed the transaction. */
  signer(): string
  /** The access key that signed the transaction, in near text. */
  signerKey(): string
  /** yoctoNEAR. */
  deposit(): bigint
  /** Unix nanoseconds of the block. */
  now(): bigint
  /** Height of the block. */
  height(): number
  /** The arguments as they came. */
  input(): string
}

/** The contract's own key-value storage; texts are UTF-8. */
export interface Storage {
  read(key: string): string | null
  write(key: string, text: string): void
  remove(key: string): void
}

/**
 * Finding things in JSON text without parsing it, which is twenty times cheaper. The text is the contract's own: well formed,
 * without spaces, and ASCII.
 */
export interface SearchJson {
  /** The member of an object: where its name begins (with the quote), its value begins, and its value ends; or null. */
  jsonMember(text: string, name: string): [name: number, value: number, end: number] | null
  /** In the list that begins at `from`: where the element that is itself a list and begins with this text is; or null. */
  jsonRow(text: string, first: string, from: number): [start: number, end: number] | null
  /** Does the part occur anywhere in the text? */
  contains(text: string, part: string): boolean
}

/** What a call can set going. Nothing of it happens if the call fails. */
export interface Act {
  log(line: string): void
  transfer(receiver: string, yocto: bigint): void
}

/** New code for the contract's own account. */
export interface Upgrade {
  /** SHA-256 of the arguments. They may be no text, and do not enter the contract's memory. */
  inputSha256(): Uint8Array
  /**
   * After `inputSha256`: puts the arguments in place as the account's code and calls its `migrate` with all the gas that is
   * left, in one receipt: both happen or neither.
   */
  deployInput(migrateArguments: string): void
}

/** What is too dear for JavaScript inside the contract. */
export interface Cryptography {
  sha256(bytes: Uint8Array): Uint8Array
  /** Of the text's UTF-8. */
  sha256Text(text: string): Uint8Array
  /** x and y (64 bytes, big endian) of a SEC1-compressed point (33 bytes), or null if there is none. */
  secp256k1Point(compressed: Uint8Array): Uint8Array | null
  /** Is it the canonical encoding of a point of Edwards25519 that is not of small order? A tenth of the price of `classifyEd25519`. */
  isEd25519Key(encoded: Uint8Array): boolean
  /** 0: not the canonical encoding of a point of Edwards25519; 1: a point; 2: a point of prime order. */
  classifyEd25519(encoded: Uint8Array): number
  /** Base58 (Bitcoin's alphabet) of exactly `length` bytes (at most 96), or null for any other text. Each has one text. */
  decodeBase58(text: string, length: number): Uint8Array | null
  /** Base58 of at most 96 bytes. */
  encodeBase58(bytes: Uint8Array): string
}

export type Chain = ReadCall & Storage & SearchJson & Act & Upgrade & Cryptography
