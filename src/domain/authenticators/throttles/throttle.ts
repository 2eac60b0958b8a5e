import ipaddr from 'ipaddr.js';
import type { Sealer } from '../../../platform/sealed.ts';
import type { Limit, Limits } from './limits.ts';

/** One counter that an attempt is reserved against. */
export interface Counter {
  readonly scope: keyof Limits | 'code';
  readonly key: Buffer;
  readonly limit: Limit;
  /** A success sets it to nothing instead of taking back one. */
  readonly resets: boolean;
}

/** How many answers one challenge takes. */
export interface CodeLimit {
  readonly id: string;
  readonly most: number;
  readonly lifetime: number;
}

/** Whom an attempt is about: an account, or what was typed where there is none. Both are counted alike (abuse case 41). */
export const accountKey = (account: { subscriberId?: string; identifier?: string }): string | undefined => {
  if (account.subscriberId !== undefined) return `subscriber ${account.subscriberId}`;
  if (account.identifier === undefined) return undefined;
  return `typed ${account.identifier
    .normalize('NFC')
    .replace(/[\s.-]/g, '')
    .slice(0, 200)
    .toLowerCase()}`;
};

/** /24 of IPv4, /56 of IPv6 (what a household is given, RFC 6177); IPv4 in IPv6 is IPv4. */
export function addressPrefix(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray().slice(0, parsed.kind() === 'ipv4' ? 3 : 7);
  return `${parsed.kind()} ${bytes.join('.')}`;
}

/** Names the counters of an attempt. Keys are keyed hashes: the table tells nothing about who signs in from where. */
export function createThrottle(sealer: Sealer, limits: Limits, shard: () => number) {
  const key = (scope: string, value: string): Buffer => sealer.keyedHash(`throttle ${scope} ${value}`).subarray(0, 16);
  const counter = (scope: keyof Limits, value: string, resets = false): Counter => ({
    scope,
    key: key(scope, value),
    limit: limits[scope],
    resets,
  });
  const ofKind = (kind: string, account: string): Counter => ({
    ...counter('authenticator', `${kind} ${account}`, true),
    ...(kind === 'face' ? { scope: 'face', limit: limits.face } : {}),
  });
  const answers = ({ id, most, lifetime }: CodeLimit): Counter => {
    const limit = { most, window: lifetime * 2, free: 0, pause: 0, keep: lifetime * 2 };
    return { scope: 'code', key: key('code', id), limit, resets: false };
  };
  const shards = 16;
  const sharded = (): Counter => ({
    ...counter('global', String(shard() % shards)),
    limit: { ...limits.global, most: Math.max(1, Math.ceil(limits.global.most / shards)) },
  });

  return {
    /** The authenticator first: its count is what a rejection is about. Always this order, which is the order of locking. */
    guess: (kind: string, account: string, address: string, code?: CodeLimit): Counter[] => [
      ofKind(kind, account),
      ...(code ? [answers(code)] : []),
      counter('account', account),
      counter('address', addressPrefix(address)),
      sharded(),
    ],
    ofKind,
    /** Answers to a challenge that binds: its own number of answers is the limit. */
    binding: (code: CodeLimit): Counter[] => [answers(code)],
    signature: (address: string): Counter[] => [counter('addressPasskey', addressPrefix(address))],
    /** Of an authenticator that has just been bound, or bound afresh. */
    authenticatorKey: (kind: string, account: string): Buffer => key('authenticator', `${kind} ${account}`),
  };
}

export type Throttle = ReturnType<typeof createThrottle>;
