import type { Algorithm, Custody, KeyState, SigningKey } from './key.ts';
import { type Overlap, usableAt } from './rotation.ts';

/** A key as people see it: what it is, where it rests, and its dates. */
export interface KeyDescription {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly state: KeyState;
  readonly custody: Custody;
  readonly createdAt: Date;
  /** Of a next key: from then on every key set in circulation has it. */
  readonly usableAt?: Date;
  readonly activatedAt?: Date;
  readonly retiredAt?: Date;
  /** Of a retired key: from then on nothing that it signed is accepted, and it is published no more. */
  readonly forgottenAt?: Date;
}

/** Every key with its dates, in the order given. */
export const describedKeys = (keys: readonly SigningKey[], { publishFor, retainFor }: Overlap): KeyDescription[] =>
  keys.map((key) => {
    const { kid, algorithm, state, custody, createdAt, activatedAt, retiredAt } = key;
    const current = keys.find((other) => other.algorithm === algorithm && other.state === 'current');
    return {
      ...{ kid, algorithm, state, custody, createdAt },
      ...(state === 'next' && current ? { usableAt: usableAt(current, key, publishFor) } : {}),
      ...(activatedAt ? { activatedAt } : {}),
      ...(retiredAt ? { retiredAt, forgottenAt: new Date(retiredAt.getTime() + retainFor * 1000) } : {}),
    };
  });
