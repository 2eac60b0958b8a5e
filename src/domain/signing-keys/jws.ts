import type { SigningKey } from './key.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed JWT in compact form (RFC 7515 §7.1), whoever keeps the key. `alg` and `kid` are the key's own. */
export async function signJwt(
  key: Pick<SigningKey, 'kid' | 'algorithm' | 'sign'>,
  { typ, claims }: { typ: string; claims: object },
): Promise<string> {
  const signed = `${part({ alg: key.algorithm, kid: key.kid, typ })}.${part(claims)}`;
  return `${signed}.${(await key.sign(Buffer.from(signed))).toString('base64url')}`;
}
