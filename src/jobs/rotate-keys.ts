import type { SigningKeys } from '../domain/signing-keys/index.ts';
import { type Repetition, repeat } from './repeat.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Seconds that a key signs before the next one takes its place. */
export const ROTATE_EVERY = 90 * DAY;

/** Rotates each key when it has signed long enough, and forgets retired ones; a look an hour, in every process. */
export function startKeyRotation(parts: {
  signingKeys: Pick<SigningKeys, 'maintain'>;
  /** Seconds a key stays current. */
  rotateEvery?: number;
  /** Milliseconds between looks. */
  every?: number;
  failed: (error: unknown) => void;
}): Repetition {
  const { signingKeys, rotateEvery = ROTATE_EVERY, every = HOUR * 1_000, failed } = parts;
  return repeat(() => signingKeys.maintain(rotateEvery), every, failed);
}
