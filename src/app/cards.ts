import type { Settings } from '../config/settings.ts';
import type { Journal } from '../domain/audit/index.ts';
import {
  agreedBeyond,
  type CardRules,
  type ChipExaminer,
  createChipExaminer,
  createDocumentStatuses,
  createHttpDocumentAuthority,
  createSimulatedDocumentAuthority,
  createTrustStore,
  type DocumentAuthority,
  type DocumentStatuses,
  USUAL_CARD_RULES,
} from '../domain/proofing/index.ts';
import type { Queryable } from '../platform/database.ts';
import { withdrawnDocuments } from '../sandbox/index.ts';
import { NATIONAL_PROFILE } from '../standards/icao9303/profiles.ts';
import type { Foundation } from './foundation.ts';
import { partnerParts } from './registers/partners.ts';

/** Everything that says whether a card is genuine: whose signature is believed, and what the authority says today. */
export function cards(base: Foundation, journal: Journal) {
  const { settings, database, clock, sealer } = base;
  const authority = documentAuthority(base);
  const trustStore = createTrustStore({
    ...{ database, clock, journal, rules: wishedBy(settings, authority !== undefined) },
    fourEyes: !base.sandbox,
    ...facePadOf(base),
    failed: base.fault,
  });
  const statusesBy = madeOnce((rules) =>
    createDocumentStatuses({
      ...{ database, sealer: sealer('documents') },
      ...(authority ? { authority } : {}),
      freshness: rules.CARD_STATUS_FRESHNESS,
      withoutAuthority: rules.CARD_STATUS === 'waived' ? 'waived' : 'refused',
    }),
  );
  const examinerBy = madeOnce((rules) => {
    const revocation = { ...NATIONAL_PROFILE.revocation, staleAfterDays: rules.CRL_STALE_DAYS };
    return createChipExaminer({
      anchors: trustStore.anchors,
      profile: { ...NATIONAL_PROFILE, revocation },
      askStatus: statusesBy(rules).check,
      ...(rules.CARD_TRUST === 'authority' && authority ? { vouch: (sod) => authority.vouch(sod) } : {}),
    });
  });
  const inForce = async (): Promise<CardRules> => (await trustStore.rules()).inForce;
  const documentStatuses: DocumentStatuses = {
    check: async (document, now) => statusesBy(await inForce()).check(document, now),
    forget: async (now) => statusesBy(await inForce()).forget(now),
  };
  const examiner: ChipExaminer = {
    examine: async (evidence, against) => examinerBy(await inForce()).examine(evidence, against),
    ofAnyState: async (evidence, against) => examinerBy(await inForce()).ofAnyState(evidence, against),
  };
  return { trustStore, documentStatuses, examiner };
}

/** A part that goes by the rules in force: another one only when they are others. */
function madeOnce<Part>(make: (rules: CardRules) => Part): (rules: CardRules) => Part {
  let made: { readonly by: CardRules; readonly part: Part } | undefined;
  return (rules) => {
    if (made?.by !== rules) made = { by: rules, part: make(rules) };
    return made.part;
  };
}

/**
 * What the settings come to: without an authority nobody takes its word, and with one it is asked whatever they say. What a
 * sandbox asks of an engine when nobody has said anything loosens nothing.
 */
const wishedBy = (settings: Settings, authority: boolean): CardRules => ({
  CARD_TRUST: authority ? settings.cardTrust : 'certificates',
  CARD_STATUS: authority ? 'asked' : settings.cardStatus,
  CRL_STALE_DAYS: settings.crlStaleDays,
  CARD_STATUS_FRESHNESS: settings.cardStatusFreshness,
  FACE_PAD_REQUIRED: settings.facePadRequired ?? USUAL_CARD_RULES.FACE_PAD_REQUIRED,
});

/** How well the engine of this server tells a person from a picture of one. In the sandbox nobody has to agree to what is asked. */
export function facePadOf({ settings, sandbox }: Foundation): { readonly facePad?: Pad } {
  const facePad = sandbox ? undefined : padOf(settings);
  return facePad ? { facePad } : {};
}

type Pad = CardRules['FACE_PAD_REQUIRED'];
const padOf = ({ faceMatcher, faceMatcherUrl, faceMatcherPad }: Partial<Settings>): Pad | undefined =>
  faceMatcher === 'embedded' ? 'none' : faceMatcherUrl ? faceMatcherPad : undefined;

/**
 * Why a server is not started whose engine has less than two people have agreed to ask: no face would pass. Without any engine it is
 * started, so that two people can agree on less. Where nobody has agreed to anything that is a warning (`face_beyond`).
 */
export async function padFaults(on: Queryable, settings: Partial<Settings>): Promise<string[]> {
  const has = padOf(settings);
  const asked = has && (await agreedBeyond(on, has));
  if (!asked) return [];
  const embedded = settings.faceMatcher === 'embedded';
  const engine = embedded ? 'FACE_MATCHER embedded detects no presentation attack' : `FACE_MATCHER_PAD is ${has}`;
  return [
    `${engine} and two people have agreed on FACE_PAD_REQUIRED=${asked}: name an engine that does it, or start without one until two people have agreed on less at /operator/trust`,
  ];
}

/** Over HTTPS where one is configured; simulated in the sandbox and nowhere else. */
function documentAuthority(base: Foundation): DocumentAuthority | undefined {
  const parts = partnerParts(base, 'documentAuthority');
  if (parts) return parts.watched(createHttpDocumentAuthority(parts));
  if (!base.sandbox) return undefined;
  const statuses = Object.fromEntries(withdrawnDocuments().map((number) => [number, 'withdrawn' as const]));
  return createSimulatedDocumentAuthority({ clock: base.clock, statuses });
}
