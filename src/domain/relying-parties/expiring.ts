/** A client and the moments at which something of it ends (ISO 8601). */
export interface Ending {
  readonly clientId: string;
  readonly keyExpiry?: Readonly<Record<string, string>>;
  readonly secretExpiresAt?: string;
  /** Of the secret that made way for another. */
  readonly formerSecretUntil?: Date;
}

/** A key or secret of a client whose end is near or past. */
export interface Expiring {
  readonly clientId: string;
  readonly what: 'key' | 'secret' | 'previous_secret';
  /** Of a key. */
  readonly kid?: string;
  readonly expiresAt: Date;
  /** The narrowest of the warnings that it falls under. */
  readonly within: 'expired' | '1_day' | '7_days' | '30_days';
}

const DAY = 86_400_000;

/** How long before its end something is warned of first. */
export const WARNED_BEFORE = 30 * DAY;

/** What is warned of, the most pressing first: at most this long before the end. */
const WARNINGS = [
  ['expired', 0],
  ['1_day', DAY],
  ['7_days', 7 * DAY],
  ['30_days', WARNED_BEFORE],
] as const satisfies readonly (readonly [Expiring['within'], number])[];

/** What of these clients ends within 30 days or has ended, the soonest first. A secret that made way for another just ends. */
export function expiringAt(clients: readonly Ending[], now: Date): Expiring[] {
  return clients
    .flatMap(({ clientId, ...client }) => [
      ...Object.entries(client.keyExpiry ?? {}).map(([kid, at]) => ({ clientId, what: 'key' as const, kid, at })),
      ...(client.secretExpiresAt === undefined
        ? []
        : [{ clientId, what: 'secret' as const, at: client.secretExpiresAt }]),
      ...(client.formerSecretUntil && client.formerSecretUntil > now
        ? [{ clientId, what: 'previous_secret' as const, at: client.formerSecretUntil }]
        : []),
    ])
    .flatMap(({ at, ...one }): Expiring[] => {
      const expiresAt = new Date(at);
      const left = expiresAt.getTime() - now.getTime();
      const within = WARNINGS.find(([, longest]) => left <= longest)?.[0];
      return within ? [{ ...one, expiresAt, within }] : [];
    })
    .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || (a.clientId < b.clientId ? -1 : 1));
}
