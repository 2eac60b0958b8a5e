const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const curves: Record<string, readonly string[]> = { EC: ['P-256', 'P-384', 'P-521'], OKP: ['Ed25519'] };

const bits = (base64url: unknown): number =>
  typeof base64url === 'string' ? Buffer.from(base64url, 'base64url').length * 8 : 0;

const text = (value: unknown): value is string => typeof value === 'string' && value.length > 0;

/** The faults of one public key, as pairs of member and sentence. */
function keyFaults(key: Record<string, unknown>): [string, string][] {
  const faults: [string, string][] = privateMembers
    .filter((member) => member in key)
    .map((member) => [member, 'This is a private member: we hold public keys only.']);
  if (key.kty === 'RSA') {
    // FAPI 2.0 §5.4.1: RSA keys of at least 2048 bits.
    if (bits(key.n) < 2048) faults.push(['n', 'An RSA key has at least 2,048 bits.']);
    if (!text(key.e)) faults.push(['e', 'An RSA key has an exponent.']);
  } else if (key.kty === 'EC' || key.kty === 'OKP') {
    const known = curves[key.kty] ?? [];
    if (!text(key.crv) || !known.includes(key.crv)) faults.push(['crv', `Known curves are ${known.join(', ')}.`]);
    if (!text(key.x)) faults.push(['x', 'A coordinate is missing.']);
    if (key.kty === 'EC' && !text(key.y)) faults.push(['y', 'A coordinate is missing.']);
  } else {
    faults.push(['kty', 'A key is RSA, EC or OKP; symmetric keys are secrets.']);
  }
  return faults;
}

/** The faults of a client's key set, each with its path below `jwks`. */
export function jwksFaults(jwks: unknown): { path: string; message: string }[] {
  const keys = (jwks as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length === 0) return [{ path: 'keys', message: 'A key set has at least one key.' }];
  const faults: { path: string; message: string }[] = [];
  const kids = new Set<unknown>();
  keys.forEach((key: unknown, index) => {
    if (typeof key !== 'object' || key === null) {
      faults.push({ path: `keys.${index}`, message: 'A key is an object.' });
      return;
    }
    const members = key as Record<string, unknown>;
    for (const [member, message] of keyFaults(members)) faults.push({ path: `keys.${index}.${member}`, message });
    // Two keys of one name, or several without any, leave open which one signs.
    if (keys.length > 1 && (!text(members.kid) || kids.has(members.kid))) {
      faults.push({ path: `keys.${index}.kid`, message: 'Where there are several keys, each has a kid of its own.' });
    }
    kids.add(members.kid);
  });
  return faults;
}
