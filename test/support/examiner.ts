import { type ChipExaminer, createChipExaminer } from '../../src/domain/proofing/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { withdrawnDocuments } from '../../src/sandbox/cards/cards.ts';
import type { TrustAnchors } from '../../src/standards/icao9303/pki/anchors.ts';
import { NATIONAL_PROFILE } from '../../src/standards/icao9303/profiles.ts';
import { sandboxTrust } from './virtual-card.ts';

/** An examiner that trusts the sandbox's authorities and knows which of its cards are withdrawn, without a database. */
export function sandboxExaminer(clock: Clock): ChipExaminer {
  const withdrawn = new Set(withdrawnDocuments());
  let trust: Promise<TrustAnchors> | undefined;
  return createChipExaminer({
    anchors: () => {
      trust ??= sandboxTrust(clock.now());
      return trust;
    },
    profile: NATIONAL_PROFILE,
    askStatus: async ({ documentNumber }) => ({
      ...{ status: 'valid', from: 'authority' },
      ...(withdrawn.has(documentNumber) ? { refusal: { code: 'document.revoked' } } : {}),
    }),
  });
}
