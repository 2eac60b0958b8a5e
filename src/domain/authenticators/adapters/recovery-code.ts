import { z } from 'zod';
import type { Sealer } from '../../../platform/sealed.ts';
import type { VerificationAdapter } from '../adapter.ts';
import { inGroups, isPrinted, plainCode, printedCode } from './printed-alphabet.ts';

/** What is kept of a sheet: a hash for each code that was not used yet. */
export interface RecoveryCodeBinding {
  readonly codes: readonly string[];
}

interface RecoveryCodeExpected {
  readonly codes: readonly string[];
}

interface RecoveryCodeRequest {
  /** In groups, to be printed; there is no second look at them. */
  readonly codes: readonly string[];
}

interface RecoveryCodeResponse {
  readonly code: string;
}

/** Codes on a sheet. */
export const SHEET = 8;

/**
 * Printed codes (SP 800-63B-4 §4.2.2.1): worth nothing at sign-in, one half of a recovery. A sheet counts once one of its codes
 * was typed back; a code is good once; a new sheet takes the place of the old.
 *
 * They are kept as keyed hashes and not as slow ones: 80 random bits cannot be searched for, so that cost would protect nothing
 * and only lend an attacker our processors (abuse case 42); the key keeps a stolen table from telling whether a sheet that was
 * found belongs to somebody.
 */
export function createRecoveryCodeAdapter(parts: {
  readonly sealer: Pick<Sealer, 'keyedHash'>;
}): VerificationAdapter<RecoveryCodeBinding, RecoveryCodeExpected, RecoveryCodeRequest, RecoveryCodeResponse> {
  const hashOf = (code: string): string => parts.sealer.keyedHash(`recovery code ${code}`).toString('base64url');
  const response = z.object({
    code: z
      .string()
      .max(100)
      .transform(plainCode)
      .refine((code) => isPrinted(code)),
  });

  return {
    kind: 'recovery-code',
    factors: [],
    amr: [],
    phishingResistant: false,
    single: true,
    challenged: { toBind: true, toVerify: false },
    // Time enough to walk to a printer.
    lifetime: 3_600,
    answersPerChallenge: 10,
    guessable: false,
    binding: z.object({ codes: z.array(z.string()).max(SHEET) }),
    expected: z.object({ codes: z.array(z.string()) }),
    response,
    responseToBind: response,

    challengeToBind: async (_subscriber, _bound, random) => {
      const codes = Array.from({ length: SHEET }, () => printedCode(random));
      return { expected: { codes }, request: { codes: codes.map(inGroups) } };
    },
    // Typed back: whoever could not save them is not left with codes that they do not have.
    bind: async ({ codes }, { code }) =>
      codes.includes(code)
        ? { verified: true, binding: { codes: codes.map(hashOf) } }
        : { verified: false, reason: 'wrong' },
    challenge: async () => ({ expected: { codes: [] }, request: { codes: [] } }),
    verify: async ({ id, binding }, _expected, { code }) => {
      const hash = hashOf(code);
      if (!binding.codes.includes(hash)) return { verified: false, reason: 'wrong' };
      const codes = binding.codes.filter((one) => one !== hash);
      return { verified: true, used: { id, binding: { codes } }, detail: { left: codes.length } };
    },
    decoy: (seed) => ({ id: '', binding: { codes: [seed.toString('base64url')] } }),
  };
}
