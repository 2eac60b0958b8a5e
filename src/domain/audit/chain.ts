import { hash } from 'node:crypto';
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

/**
 * The one way to write a value down (RFC 8785, JSON Canonicalization Scheme): no space, members sorted by UTF-16 code units,
 * strings and numbers as ECMAScript serialises them. PostgreSQL may order the members of a `jsonb` as it likes.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 over the entry before and this one: changing, moving or removing an entry changes every hash after it. */
export function entryHash(previous: Buffer, event: ChainedEvent): Buffer {
  const { sequence, at, type, actorKind, actorId, subscriberId, clientId, detail } = event;
  const written = canonicalJson({
    previous: previous.toString('hex'),
    ...{ sequence, at, type, actorKind, actorId, subscriberId, clientId, detail },
  });
  return hash('sha256', written, 'buffer');
}
