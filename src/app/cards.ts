import type { Settings } from '../config/settings.ts';
import type { Journal } from '../domain/audit/index.ts';
import {
  type CardRules,
  createChipExaminer,
  createDocumentStatuses,
  createHttpDocumentAuthority,
  createSimulatedDocumentAuthority,
  createTrustStore,
  type DocumentAuthority,
  USUAL_CARD_RULES,
} from '../domain/proofing/index.ts';
import { withdrawnDocuments } from '../sandbox/index.ts';
import { NATIONAL_PROFILE } from '../standards/icao9303/profiles.ts';
import type { Foundation } from './foundation.ts';
import { partnerParts } from './registers/partners.ts';

/** Everything that says whether a card is genuine: whose signature is believed, and what the authority says today. */
export function cards(base: Foundation, journal: Journal) {
  const { settings, database, clock, sealer } = base;
  const authority = documentAuthority(base);
  const rules = rulesOf(settings, authority !== undefined);
  const trustStore = createTrustStore({
    ...{ database, clock, journal, rules },
    fourEyes: !base.sandbox,
    failed: base.fault,
  });
  const documentStatuses = createDocumentStatuses({
    ...{ database, sealer: sealer('documents') },
    ...(authority ? { authority } : {}),
    freshness: rules.CARD_STATUS_FRESHNESS,
    withoutAuthority: rules.CARD_STATUS === 'waived' ? 'waived' : 'refused',
  });
  const revocation = { ...NATIONAL_PROFILE.revocation, staleAfterDays: rules.CRL_STALE_DAYS };
  const examiner = createChipExaminer({
    anchors: trustStore.anchors,
    profile: { ...NATIONAL_PROFILE, revocation },
    askStatus: documentStatuses.check,
    ...(rules.CARD_TRUST === 'authority' && authority ? { vouch: (sod) => authority.vouch(sod) } : {}),
  });
  return { trustStore, documentStatuses, examiner };
}

/**
 * What the settings come to: without an authority nobody takes its word, and with one it is asked whatever they say. What a
 * sandbox asks of an engine when nobody has said anything loosens nothing.
 */
const rulesOf = (settings: Settings, authority: boolean): CardRules => ({
  CARD_TRUST: authority ? settings.cardTrust : 'certificates',
  CARD_STATUS: authority ? 'asked' : settings.cardStatus,
  CRL_STALE_DAYS: settings.crlStaleDays,
  CARD_STATUS_FRESHNESS: settings.cardStatusFreshness,
  FACE_PAD_REQUIRED: settings.facePadRequired ?? USUAL_CARD_RULES.FACE_PAD_REQUIRED,
});

/** Over HTTPS where one is configured; simulated in the sandbox and nowhere else. */
function documentAuthority(base: Foundation): DocumentAuthority | undefined {
  const parts = partnerParts(base, 'documentAuthority');
  if (parts) return parts.watched(createHttpDocumentAuthority(parts));
  if (!base.sandbox) return undefined;
  const statuses = Object.fromEntries(withdrawnDocuments().map((number) => [number, 'withdrawn' as const]));
  return createSimulatedDocumentAuthority({ clock: base.clock, statuses });
}
