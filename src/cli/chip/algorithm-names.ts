/** What the object identifiers are called that a refusal may name (9303-12 §4.4; RFC 3370, RFC 4055, RFC 5758). */
const NAMES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.2': 'MD2',
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
  '1.3.36.3.2.1': 'RIPEMD-160',
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.2': 'RSA with MD2',
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.3.101.112': 'Ed25519',
};

/** The name of the first algorithm in a text; `undefined` when it has none, or a stranger. */
export const algorithmIn = (text = ''): string | undefined => {
  const [identifier = ''] = /\b\d(?:\.\d+){3,}\b/.exec(text) ?? [];
  return Object.hasOwn(NAMES, identifier) ? NAMES[identifier] : undefined;
};
