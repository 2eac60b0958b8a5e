import type { Journal } from '../domain/audit/index.ts';
import {
  createChipExaminer,
  createDocumentStatuses,
  createHttpDocumentAuthority,
  createSimulatedDocumentAuthority,
  createTrustStore,
  type DocumentAuthority,
} from '../domain/proofing/index.ts';
import { withdrawnDocuments } from '../sandbox/index.ts';
import { NATIONAL_PROFILE } from '../standards/icao9303/profiles.ts';
import type { Foundation } from './foundation.ts';
import { partnerParts } from './registers/partners.ts';

/** Everything that says whether a card is genuine: whose signature is believed, and what the authority says today. */
export function cards(base: Foundation, journal: Journal) {
  const { settings, database, clock, sealer } = base;
  const trustStore = createTrustStore({
    ...{ database, clock, journal },
    fourEyes: !base.sandbox,
    staleAfterDays: settings.crlStaleDays,
    failed: base.fault,
  });
  const authority = documentAuthority(base);
  const documentStatuses = createDocumentStatuses({
    ...{ database, sealer: sealer('documents') },
    ...(authority ? { authority } : {}),
    freshness: settings.cardStatusFreshness,
    withoutAuthority: settings.cardStatus === 'waived' ? 'waived' : 'refused',
  });
  const revocation = { ...NATIONAL_PROFILE.revocation, staleAfterDays: settings.crlStaleDays };
  const examiner = createChipExaminer({
    anchors: trustStore.anchors,
    profile: { ...NATIONAL_PROFILE, revocation },
    askStatus: documentStatuses.check,
    ...(settings.cardTrust === 'authority' && authority ? { vouch: (sod) => authority.vouch(sod) } : {}),
  });
  return { trustStore, documentStatuses, examiner };
}

/** Over HTTPS where one is configured; simulated in the sandbox and nowhere else. */
function documentAuthority(base: Foundation): DocumentAuthority | undefined {
  const parts = partnerParts(base, 'documentAuthority');
  if (parts) return parts.watched(createHttpDocumentAuthority(parts));
  if (!base.sandbox) return undefined;
  const statuses = Object.fromEntries(withdrawnDocuments().map((number) => [number, 'withdrawn' as const]));
  return createSimulatedDocumentAuthority({ clock: base.clock, statuses });
}
