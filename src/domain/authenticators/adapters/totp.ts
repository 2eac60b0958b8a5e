import { Secret as OtpSecret, TOTP } from 'otpauth';
import { z } from 'zod';
import type { Verdict, VerificationAdapter } from '../adapter.ts';

/** A shared secret (base32) and the last time step whose code was accepted. */
export interface TotpBinding {
  readonly secret: string;
  readonly lastStep: number;
}

interface TotpExpected {
  readonly secret: string;
}

/** For the page that binds: the secret to type and the URI for the QR code. */
interface TotpRequest {
  readonly secret?: string;
  readonly uri?: string;
}

interface TotpResponse {
  readonly code: string;
}

// What every authenticator app understands (RFC 6238 §4, §5.2: one step either way for the clock and the typing).
const PERIOD = 30;
const RULE = { algorithm: 'SHA1', digits: 6, period: PERIOD } as const;
const WINDOW = 1;

/** One-time codes of an authenticator app (RFC 6238). A time step is accepted once: the host stores `lastStep` conditionally. */
export function createTotpAdapter(parts: {
  relyingPartyName: string;
}): VerificationAdapter<TotpBinding, TotpExpected, TotpRequest, TotpResponse> {
  const check = (secret: string, lastStep: number, code: string, now: Date): Verdict<{ binding: TotpBinding }> => {
    const timestamp = now.getTime();
    const key = OtpSecret.fromBase32(secret);
    const delta = TOTP.validate({ token: code, secret: key, window: WINDOW, timestamp, ...RULE });
    if (delta === null) return { verified: false, reason: 'wrong' };
    const step = TOTP.counter({ period: PERIOD, timestamp }) + delta;
    // RFC 6238 §5.2: the verifier must not accept the second attempt of the one-time password.
    if (step <= lastStep) return { verified: false, reason: 'replayed' };
    return { verified: true, binding: { secret, lastStep: step } };
  };
  // People copy codes as their app shows them, `123 456`.
  const response = z.object({
    code: z
      .string()
      .max(32)
      .transform((code) => code.replace(/[\s-]/g, ''))
      .pipe(z.string().regex(/^[0-9]{6}$/)),
  });

  return {
    kind: 'totp',
    factors: ['have'],
    amr: ['otp'],
    phishingResistant: false,
    single: true,
    challenged: { toBind: true, toVerify: false },
    // As long as a sheet of codes is good for: some have to find and install an app first.
    lifetime: 3_600,
    answersPerChallenge: 5,
    guessable: true,
    binding: z.object({ secret: z.string(), lastStep: z.number().int() }),
    expected: z.object({ secret: z.string() }),
    response,
    responseToBind: response,

    challengeToBind: async ({ label }, _bound, random) => {
      // RFC 4226 §4, R6: at least 128 bits, 160 recommended.
      const secret = new OtpSecret({ buffer: new Uint8Array(random(20)).buffer });
      const uri = new TOTP({ issuer: parts.relyingPartyName, label, secret, ...RULE }).toString();
      return { expected: { secret: secret.base32 }, request: { secret: secret.base32, uri } };
    },
    bind: async ({ secret }, { code }, now) => check(secret, 0, code, now),
    challenge: async () => ({ expected: { secret: '' }, request: {} }),
    verify: async ({ id, binding }, _expected, { code }, now) => {
      const verdict = check(binding.secret, binding.lastStep, code, now);
      return verdict.verified ? { verified: true, used: { id, binding: verdict.binding } } : verdict;
    },
    decoy: (seed) => ({
      id: '',
      // The step of the year 30,000: a guess that fits a decoy is refused as used, and never verifies.
      binding: {
        secret: new OtpSecret({ buffer: new Uint8Array(seed.subarray(0, 20)).buffer }).base32,
        lastStep: 3e10,
      },
    }),
  };
}
