/**
 * Whether an attestation object is `none` or a self attestation: `packed` with nothing but `alg` and `sig` (WebAuthn §8.2, §8.7).
 * Statements with certificates are refused before anybody verifies them: that would fetch the revocation lists which the
 * claimant's own certificates name. Reads exactly what authenticators write (CTAP2 canonical CBOR) and refuses all else.
 */
export function isPlainAttestation(object: Uint8Array): boolean {
  try {
    const reader = readerOf(Buffer.from(object));
    const members = reader.map((key) =>
      key === 'fmt' ? reader.text() : key === 'attStmt' ? reader.map(() => reader.skip()) : reader.skip(),
    );
    const statement = members.get('attStmt');
    if (!reader.atEnd() || members.size !== 3 || !members.has('authData') || !(statement instanceof Map)) return false;
    if (members.get('fmt') === 'none') return statement.size === 0;
    return members.get('fmt') === 'packed' && [...statement.keys()].sort().join() === 'alg,sig';
  } catch {
    return false;
  }
}

// CBOR major types (RFC 8949 §3.1).
const [UNSIGNED, NEGATIVE, BYTES, TEXT, MAP] = [0, 1, 2, 3, 5];

function readerOf(bytes: Buffer) {
  let at = 0;
  const head = (): [major: number, value: number] => {
    const first = bytes.readUInt8(at);
    at += 1;
    const size = { 24: 1, 25: 2, 26: 4 }[first & 31] ?? 0;
    // No indefinite lengths, no 64 bits.
    if ((first & 31) > 23 && size === 0) throw new Error('not canonical');
    const value = size === 0 ? first & 31 : bytes.readUIntBE(at, size);
    at += size;
    return [first >> 5, value];
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const text = (): string => {
    const [major, length] = head();
    if (major !== TEXT) throw new Error('not a text');
    return take(length).toString('utf8');
  };
  return {
    text,
    /** A map with text keys, each once. */
    map(value: (key: string) => unknown): Map<string, unknown> {
      const [major, size] = head();
      const members = new Map<string, unknown>();
      if (major !== MAP) throw new Error('not a map');
      for (let n = 0; n < size; n += 1) {
        const key = text();
        if (members.has(key)) throw new Error('twice');
        members.set(key, value(key));
      }
      return members;
    },
    /** A number, bytes or a text. */
    skip(): undefined {
      const [major, value] = head();
      if (major === BYTES || major === TEXT) take(value);
      else if (major !== UNSIGNED && major !== NEGATIVE) throw new Error('nested');
    },
    atEnd: (): boolean => at === bytes.length,
  };
}
