/** As much of CBOR (RFC 8949) as a WebAuthn authenticator writes: integers, byte and text strings, maps in the order given. */
export type CborValue = number | string | Uint8Array | Map<CborValue, CborValue>;

export function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])]);
}

function head(major: number, length: number): Buffer {
  const type = major << 5;
  if (length < 24) return Buffer.of(type | length);
  if (length < 0x100) return Buffer.of(type | 24, length);
  if (length < 0x10000) return Buffer.of(type | 25, length >> 8, length & 0xff);
  const long = Buffer.alloc(5);
  long[0] = type | 26;
  long.writeUInt32BE(length, 1);
  return long;
}
