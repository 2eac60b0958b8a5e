import type { Journal } from '../domain/audit/index.ts';
import {
  createChipExaminer,
  createDocumentStatuses,
  createHttpDocumentAuthority,
  createSimulatedDocumentAuthority,
  createTrustStore,
  type DocumentAuthority,
} from '../domain/proofing/index.ts';
import { createEgress } from '../platform/egress.ts';
import { withdrawnDocuments } from '../sandbox/index.ts';
import { NATIONAL_PROFILE } from '../standards/icao9303/profiles.ts';
import type { Foundation } from './foundation.ts';

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
function documentAuthority({ settings, sandbox, clock }: Foundation): DocumentAuthority | undefined {
  const { documentAuthorityUrl: url } = settings;
  if (url) {
    const credentials = {
      tokenUrl: settings.documentAuthorityTokenUrl!,
      clientId: settings.documentAuthorityClientId!,
      clientSecret: settings.documentAuthorityClientSecret!,
    };
    // The operator has named these origins: they may stand on a private network, where nothing else is reached.
    const egress = createEgress({ allowOrigins: [new URL(url).origin, new URL(credentials.tokenUrl).origin] });
    return createHttpDocumentAuthority({ url, credentials, egress, clock });
  }
  if (!sandbox) return undefined;
  const statuses = Object.fromEntries(withdrawnDocuments().map((number) => [number, 'withdrawn' as const]));
  return createSimulatedDocumentAuthority({ clock, statuses });
}
