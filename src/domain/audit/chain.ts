import { hash } from 'node:crypto';
import { canonicalJson } from '../../standards/canonical-json.ts';
import type { EventDetail, EventType } from './event.ts';

/** What is hashed: every column of a sealed row, the number included. */
export interface ChainedEvent {
  readonly sequence: number;
  readonly at: Date;
  readonly type: EventType;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly subscriberId: string | null;
  readonly clientId: string | null;
  readonly detail: EventDetail | null;
}

/** What stands before the first entry. */
export const GENESIS = Buffer.alloc(32);

/** SHA-256 over the entry before and this one: changing, moving or removing an entry changes every hash after it. */
export function entryHash(previous: Buffer, event: ChainedEvent): Buffer {
  const { sequence, at, type, actorKind, actorId, subscriberId, clientId, detail } = event;
  const written = canonicalJson({
    previous: previous.toString('hex'),
    ...{ sequence, at, type, actorKind, actorId, subscriberId, clientId, detail },
  });
  return hash('sha256', written, 'buffer');
}
