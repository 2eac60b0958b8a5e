import { padRequired } from '../config/profiles.ts';
import { type Applications, createApplications, createPictureIntake } from '../domain/applications/index.ts';
import type { Policy } from '../domain/assurance/index.ts';
import type { Journal } from '../domain/audit/index.ts';
import type { Authenticators } from '../domain/authenticators/index.ts';
import type { Guardianships } from '../domain/guardianships/index.ts';
import type { Notices } from '../domain/notices/index.ts';
import type { TrustStore } from '../domain/proofing/index.ts';
import type { RecoveryAddresses } from '../domain/recovery/index.ts';
import type { Subscribers } from '../domain/subscribers/index.ts';
import { type Repetition, repeat } from '../jobs/repeat.ts';
import type { EnrolmentParts } from '../journeys/enrolment/visit.ts';
import { createPortraitDecoder } from '../platform/portrait-decoder/portrait-decoder.ts';
import type { Domain } from './domain.ts';
import type { Foundation } from './foundation.ts';
import type { Registers } from './registers.ts';

/** Level 1 online, where those who are asked about an applicant are all there; nothing otherwise. */
export function applications(
  { settings, database, clock, sealer, sandbox }: Foundation,
  nouns: {
    readonly journal: Journal;
    readonly notices: Notices;
    readonly subscribers: Subscribers;
    readonly authenticators: Authenticators;
    readonly reachable: RecoveryAddresses['reachable'];
    readonly assurance: () => Promise<Policy>;
    readonly guardianships: Guardianships;
  },
  { population, telephone, face, used, trustStore }: Registers & { readonly trustStore: Pick<TrustStore, 'rules'> },
): Applications | undefined {
  if (!population || !telephone || !face) return undefined;
  // A camera's picture is larger than a chip's portrait, and its thread is another: neither waits for the other.
  const pictures = createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 }));
  return createApplications({
    ...{ database, clock, sandbox, pictures, population, telephone, face, used, ...nouns },
    padRequired: async () => (sandbox ? padRequired(settings) : (await trustStore.rules()).inForce.FACE_PAD_REQUIRED),
    sealer: sealer('applications'),
  });
}

/** What its pages are given beside what My account knows of the browser. */
export const enrolment = (
  { settings, cookieSigner }: Foundation,
  parts: Domain,
  online: Applications,
): Pick<
  EnrolmentParts,
  'applications' | 'authenticators' | 'subscribers' | 'guardianships' | 'wardLocks' | 'cookieSigner' | 'secure'
> => ({
  ...{ applications: online, authenticators: parts.authenticators, subscribers: parts.subscribers },
  ...{ guardianships: parts.guardianships, wardLocks: parts.wardLocks },
  ...{ cookieSigner, secure: settings.issuer.startsWith('https:') },
});

/** The office works while there is anything to do, and looks again each second. */
export function applicationJobs(online: Applications | undefined, failed: (error: unknown) => void): Repetition[] {
  if (!online) return [];
  return [
    repeat(
      async () => {
        while ((await online.checkNext()) !== 'idle');
      },
      1_000,
      failed,
    ),
    repeat(
      async () => {
        while (await online.settleNext());
      },
      5_000,
      failed,
    ),
    repeat(() => online.sweep(), 60_000, failed),
  ];
}
