/** What PKCS #11 v3.0 calls things, as numbers: only what is used here (`pkcs11t.h`). */

export type AttributeKind = 'boolean' | 'number' | 'octets';

/** Attributes of objects, and the form in which each travels. */
export const ATTRIBUTE = {
  class: { type: 0x000, kind: 'number' },
  token: { type: 0x001, kind: 'boolean' },
  private: { type: 0x002, kind: 'boolean' },
  label: { type: 0x003, kind: 'octets' },
  value: { type: 0x011, kind: 'octets' },
  id: { type: 0x102, kind: 'octets' },
  sensitive: { type: 0x103, kind: 'boolean' },
  decrypt: { type: 0x105, kind: 'boolean' },
  unwrap: { type: 0x107, kind: 'boolean' },
  sign: { type: 0x108, kind: 'boolean' },
  verify: { type: 0x10a, kind: 'boolean' },
  modulus: { type: 0x120, kind: 'octets' },
  modulusBits: { type: 0x121, kind: 'number' },
  publicExponent: { type: 0x122, kind: 'octets' },
  extractable: { type: 0x162, kind: 'boolean' },
  neverExtractable: { type: 0x164, kind: 'boolean' },
  alwaysSensitive: { type: 0x165, kind: 'boolean' },
  ecParams: { type: 0x180, kind: 'octets' },
  ecPoint: { type: 0x181, kind: 'octets' },
} as const satisfies Record<string, { type: number; kind: AttributeKind }>;

export type AttributeName = keyof typeof ATTRIBUTE;

interface Values {
  boolean: boolean;
  number: number;
  octets: Buffer;
}

/** Some attributes with their values. */
export type Attributes = { readonly [Name in AttributeName]?: Values[(typeof ATTRIBUTE)[Name]['kind']] };

export const OBJECT_CLASS = { publicKey: 2, privateKey: 3 } as const;

export const MECHANISM = {
  rsaKeyPair: 0x0000,
  rsaPss: 0x000d,
  sha256Rsa: 0x0040,
  sha256: 0x0250,
  ecKeyPair: 0x1040,
  ecdsa: 0x1041,
  edwardsKeyPair: 0x1055,
  eddsa: 0x1057,
} as const;

/** Flags of a token: what is known of its PIN. */
export const TOKEN_FLAG = { pinCountLow: 0x1_0000, pinFinalTry: 0x2_0000, pinLocked: 0x4_0000 } as const;

/** Answers that mean something of their own here. */
export const ANSWER = {
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLengthRange: 0xa2,
  pinLocked: 0xa4,
} as const;
