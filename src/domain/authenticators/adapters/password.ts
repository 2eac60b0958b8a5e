import { z } from 'zod';
import type { HashingPool } from '../../../platform/hashing-pool.ts';
import type { BindRejection, VerificationAdapter } from '../adapter.ts';
import { blocked } from './block-list/block-list.ts';

/** What is kept of a password. `alone`: long enough to be the only factor. */
export interface PasswordBinding {
  readonly phc: string;
  readonly alone: boolean;
}

interface PasswordExpected {
  readonly ownData: readonly string[];
  readonly alone: boolean;
}

interface PasswordRequest {
  /** For the page: the least number of characters. */
  readonly least?: number;
}

interface PasswordResponse {
  readonly password: string;
}

/** SP 800-63B-4 §3.1.1.2: at least 15 characters alone, 8 as part of multi-factor authentication; 64 and more are allowed. */
export const LEAST_ALONE = 15;
export const LEAST_WITH_SECOND_FACTOR = 8;
const MOST_BYTES = 4096;

// Any bytes will do: nobody knows a password for this hash, and verifying it costs what verifying a real one does.
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$c2VuaWQgbm9ib2R5IGhlcmU$5mXTfXFJeuOFJMY5HoLyXwBvXzPdXw2aN0pDPJY3NUE';

/** NFC, so that a phone (NFC) and a desktop (NFD) hash the same characters (§3.1.1.2; abuse case 43). */
const normal = (password: string): string => password.normalize('NFC');
const bytes = (password: string): number => Buffer.byteLength(normal(password));

// An unpaired surrogate has no UTF-8 form: two such passwords would hash alike.
const text = z.string().refine((value) => value.isWellFormed());

/** Passwords: argon2id under a keyed pepper, no composition rules, a block list with reasons. */
export function createPasswordAdapter(parts: {
  hashing: HashingPool;
}): VerificationAdapter<PasswordBinding, PasswordExpected, PasswordRequest, PasswordResponse> {
  const { hashing } = parts;
  const tooWeak = (password: string, { alone, ownData }: PasswordExpected): BindRejection | undefined => {
    if (bytes(password) > MOST_BYTES) return 'too_long';
    // Characters are Unicode code points (§3.1.1.2), whatever a string's length says.
    const length = [...normal(password)].length;
    if (length < (alone ? LEAST_ALONE : LEAST_WITH_SECOND_FACTOR)) return 'too_short';
    return blocked(password, ownData);
  };

  return {
    kind: 'password',
    factors: ['know'],
    amr: ['pwd'],
    phishingResistant: false,
    single: true,
    challenged: { toBind: false, toVerify: false },
    lifetime: 0,
    answersPerChallenge: 0,
    guessable: true,
    binding: z.object({ phc: z.string(), alone: z.boolean() }),
    expected: z.object({ ownData: z.array(z.string()), alone: z.boolean() }),
    response: z.object({
      password: text
        .min(1)
        .max(MOST_BYTES)
        .refine((value) => bytes(value) <= MOST_BYTES),
    }),
    responseToBind: z.object({ password: text.max(1_000_000) }),

    challengeToBind: async ({ ownData, alone }) => ({
      expected: { ownData, alone },
      request: { least: alone ? LEAST_ALONE : LEAST_WITH_SECOND_FACTOR },
    }),
    async bind(expected, { password }) {
      const reason = tooWeak(password, expected);
      if (reason) return { verified: false, reason };
      const phc = await hashing.hash(normal(password));
      if (phc === undefined) return { verified: false, reason: 'busy', retryAfter: 1 };
      return { verified: true, binding: { phc, alone: [...normal(password)].length >= LEAST_ALONE } };
    },
    challenge: async () => ({ expected: { ownData: [], alone: true }, request: {} }),
    async verify(bound, _expected, { password }) {
      const same = await hashing.verify(bound.binding.phc, normal(password));
      if (same === undefined) return { verified: false, reason: 'busy', retryAfter: 1 };
      if (!same) return { verified: false, reason: 'wrong' };
      if (!hashing.outdated(bound.binding.phc)) return { verified: true, used: bound };
      // Made with yesterday's costs: now is the one moment at which it can be made anew. Too busy is no reason to refuse.
      const phc = (await hashing.hash(normal(password))) ?? bound.binding.phc;
      return { verified: true, used: { id: bound.id, binding: { ...bound.binding, phc } } };
    },
    decoy: () => ({ id: '', binding: { phc: NOBODY, alone: true } }),
    busy: () => hashing.full,
  };
}
