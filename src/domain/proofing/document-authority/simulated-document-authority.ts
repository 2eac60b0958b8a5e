import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../../platform/clock.ts';
import { type DocumentAuthority, type DocumentStatus, statusAnswer, unavailable, vouchAnswer } from './authority.ts';

/** How it behaves: as it should, away, without an answer in time, or with an answer that is none. */
export type Behaviour = 'well' | 'down' | 'slow' | 'garbage';

/** The authority of the sandbox: every document is valid but those that it is told of. */
export interface SimulatedDocumentAuthority extends DocumentAuthority {
  behave(how: Behaviour): void;
}

export function createSimulatedDocumentAuthority(parts: {
  readonly clock: Clock;
  /** By document number: the cards that are not simply valid. */
  readonly statuses?: Readonly<Record<string, DocumentStatus>>;
  /** SHA-256 (hexadecimal) of the security objects that it made; all of them when not given. */
  readonly issued?: ReadonlySet<string>;
  /** Milliseconds that a slow one is waited for. */
  readonly timeout?: number;
}): SimulatedDocumentAuthority {
  const { clock, statuses = {}, issued, timeout = 2_500 } = parts;
  let behaviour: Behaviour = 'well';

  /** What would have come over the wire. */
  const answering = async (body: object): Promise<unknown> => {
    if (behaviour === 'down') throw unavailable('unreachable');
    if (behaviour === 'garbage') return { status: 'fine', issued: 'yes' };
    if (behaviour === 'slow') {
      await setTimeout(timeout);
      throw unavailable('too_slow');
    }
    return { ...body, asOf: clock.now().toISOString() };
  };

  return {
    status: async ({ documentNumber }) =>
      statusAnswer(await answering({ status: statuses[documentNumber] ?? 'valid' }), clock.now()),
    vouch: async (sod) => {
      const known = issued === undefined || issued.has(createHash('sha256').update(sod).digest('hex'));
      return vouchAnswer(await answering({ issued: known }), clock.now());
    },
    behave: (how) => {
      behaviour = how;
    },
  };
}
