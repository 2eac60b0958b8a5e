import { createHash } from 'node:crypto';
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import { eventUri, KINDS, type Kind, type Reported, type SignedEvent } from './event.ts';

/** Who reports, with the public keys that its events are signed with; configured, never fetched. */
export interface RegisterSigner {
  readonly issuer: string;
  readonly keys: JSONWebKeySet;
}

/** Why a token is not taken, as RFC 8935 §2.4 names it. */
export type TokenError =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed';
export type ReadToken =
  | { readonly read: true; readonly event: SignedEvent }
  | { readonly read: false; readonly err: TokenError };

/** Seconds that the register's clock may be ahead of ours. */
const AHEAD = 60;
const ALGORITHMS = ['ES256', 'ES384', 'PS256', 'Ed25519'];

const claimsSchema = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  iat: z.int().positive(),
  jti: z.string().min(1).max(200),
  // RFC 9493 §3.2.5: the person as the register knows them.
  sub_id: z.object({ format: z.literal('iss_sub'), iss: z.string(), sub: z.string().regex(/^\d{12}$/) }),
  // One event in each token: what belongs together would otherwise be half taken.
  events: z
    .record(z.string().max(300), z.record(z.string(), z.unknown()))
    .refine((events) => Object.keys(events).length === 1),
});

/**
 * Reads a security event token (RFC 8417): typed, signed with one of the configured keys, from this register, for us, not from the
 * future, and about one thing. How old it is does not matter: what comes twice is known by its name, what comes late by its order.
 */
export function createTokenReader(parts: {
  readonly signer: RegisterSigner;
  readonly audience: string;
  readonly clock: Clock;
}) {
  const { signer, audience, clock } = parts;
  const keys = createLocalJWKSet(signer.keys);

  const known = (kind: string): kind is Kind => Object.hasOwn(KINDS, kind);
  function reportedBy(number: string, uri: string, said: unknown): Report {
    const base = eventUri(audience, '');
    const kind = uri.startsWith(base) ? uri.slice(base.length) : uri;
    if (!known(kind)) return { unread: 'unknown_kind', kind: 'unknown' };
    const read = KINDS[kind].safeParse(said);
    if (!read.success) return { unread: 'malformed', kind };
    const reported = { kind, ...read.data } as Reported;
    const isItself = reported.kind === 'number-reestablished' && reported.identity_number === number;
    return { reported: isItself ? { kind: 'number-restored', sequence: reported.sequence } : reported };
  }

  return async function readToken(token: string): Promise<ReadToken> {
    let payload: string;
    try {
      const verified = await compactVerify(token, keys, { algorithms: ALGORITHMS });
      if (!isSecurityEvent(verified.protectedHeader.typ)) return { read: false, err: 'invalid_request' };
      payload = new TextDecoder('utf-8', { fatal: true }).decode(verified.payload);
    } catch (error) {
      return { read: false, err: errorOf(error) };
    }
    const parsed = claimsSchema.safeParse(parsedJson(payload));
    if (!parsed.success) return { read: false, err: 'invalid_request' };
    const { iss, aud, iat, jti, sub_id: subject, events } = parsed.data;
    if (iss !== signer.issuer || subject.iss !== signer.issuer) return { read: false, err: 'invalid_issuer' };
    if (![aud].flat().includes(audience)) return { read: false, err: 'invalid_audience' };
    if (iat > epochSeconds(clock.now()) + AHEAD) return { read: false, err: 'invalid_request' };
    const [[uri, said] = ['', {}]] = Object.entries(events);
    // Whoever sends it again may write another time on it; whom it is about and what it says stays.
    const digest = createHash('sha256')
      .update(JSON.stringify([subject.sub, uri, said]))
      .digest();
    const saidAt = new Date(iat * 1000);
    const common = { issuer: iss, name: jti, digest, claims: payload, number: subject.sub, saidAt };
    return { read: true, event: { ...common, ...reportedBy(subject.sub, uri, said) } };
  };
}

type Report =
  | { readonly reported: Reported }
  | { readonly unread: 'unknown_kind' | 'malformed'; readonly kind: string };

/** RFC 8417 §2.3: typed, so that no other token of the same signer passes for one. */
const isSecurityEvent = (typ: string | undefined): boolean =>
  typ !== undefined && ['secevent+jwt', 'application/secevent+jwt'].includes(typ.toLowerCase());

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(error: unknown): TokenError {
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'invalid_key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'authentication_failed';
  return 'invalid_request';
}
