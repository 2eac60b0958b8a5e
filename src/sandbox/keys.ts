import { createECDH, hkdfSync } from 'node:crypto';
import type { Secret } from '../platform/secret.ts';

/** A private P-256 key as JWK. */
export interface PrivateJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

// The order of the group of P-256 (SEC 2 §2.4.2): a private key is a number from 1 to it.
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const derive = (master: Secret<Buffer>, use: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', master.reveal(), Buffer.alloc(0), `senid sandbox ${use}`, bytes));

/** A client's secret, 256 bits: derived from the sandbox's own, so that nothing has to be kept and a restart changes nothing. */
export const sandboxSecret = (master: Secret<Buffer>, clientId: string): string =>
  derive(master, `client secret ${clientId}`, 32).toString('base64url');

/** A client's key, derived likewise. 384 bits before the reduction leave no bias worth the name (FIPS 186-5 A.2.1). */
export function sandboxKey(master: Secret<Buffer>, clientId: string): PrivateJwk {
  const wide = BigInt(`0x${derive(master, `client key ${clientId}`, 48).toString('hex')}`);
  const d = Buffer.from(((wide % (ORDER - 1n)) + 1n).toString(16).padStart(64, '0'), 'hex');
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(d);
  const point = pair.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  return {
    kty: 'EC',
    crv: 'P-256',
    x: x ?? '',
    y: y ?? '',
    d: d.toString('base64url'),
    kid: `${clientId}-1`,
    alg: 'ES256',
    use: 'sig',
  };
}

/** What the simulated register signs its reports with. */
export const sandboxReporterKey = (master: Secret<Buffer>): PrivateJwk => sandboxKey(master, 'register-reports');

/** The half of a key that the server may know. */
export function publicJwk({ d: _, ...key }: PrivateJwk): Omit<PrivateJwk, 'd'> {
  return key;
}
