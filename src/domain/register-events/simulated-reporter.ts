import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { z } from 'zod';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import { eventUri, type KINDS, type Kind } from './event.ts';

/** What a report says, without the register's number of it. */
export type Said<One extends Kind> = Omit<z.input<(typeof KINDS)[One]>, 'sequence'>;

/** The register of a sandbox and of tests, as the one that reports: it signs what somebody lets it say. */
export interface SimulatedReporter {
  report<One extends Kind>(kind: One, number: string, said: Said<One>, sequence?: number): Promise<string>;
}

export function createSimulatedReporter(parts: {
  readonly issuer: string;
  readonly audience: string;
  /** A private key with `kid` and `alg`. */
  readonly key: JWK;
  readonly clock: Clock;
}): SimulatedReporter {
  const { issuer, audience, key, clock } = parts;
  // Rises with every report, after a restart too.
  let last = 0;
  const next = (): number => {
    last = Math.max(last + 1, clock.now().getTime());
    return last;
  };

  return {
    async report(kind, number, said, sequence = next()) {
      const events = { [eventUri(audience, kind)]: { sequence, ...said } };
      const subject = { format: 'iss_sub', iss: issuer, sub: number };
      return new SignJWT({ events, sub_id: subject })
        .setProtectedHeader({ alg: key.alg ?? 'ES256', kid: key.kid ?? '', typ: 'secevent+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(epochSeconds(clock.now()))
        .setJti(randomUUID())
        .sign(await importJWK(key));
    },
  };
}
