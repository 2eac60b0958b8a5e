import { createHash } from 'node:crypto';
import { EidError } from '../../platform/errors.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { EventDetail } from '../audit/index.ts';
import { type FaceResult, journalled, PAD_LEVELS, type PadLevel, passes } from '../biometrics/index.ts';
import { chipPortrait } from '../proofing/index.ts';
import type { RegisteredPerson } from '../registry/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import type { ReadEnd, Refused, RemoteParts } from './parts.ts';

/** What the chip was asked. */
export interface CardQuestion {
  readonly session: string;
  /** Base64url of eight random bytes (9303-11 §6.1). */
  readonly challenge: string;
}

/** What is kept of a genuine card until the face has been looked at. */
export interface HeldCard {
  readonly issuingState: string;
  readonly documentNumber: string;
  readonly expiresOn: string;
  /** SHA-256 of the security object, hexadecimal. */
  readonly sod: string;
  readonly chip: 'active' | 'chip';
  /** On its issuer's word, without a chain to its country. */
  readonly vouched?: true;
  /** Base64 of the portrait that was signed with the rest. */
  readonly portrait: string;
}

type CardVerdict =
  | { readonly good: true; readonly card: HeldCard; readonly detail: EventDetail }
  | { readonly good: false; readonly refused: Extract<Refused, { reason: 'card' | 'card_reported' }> };

/** A genuine chip in force, of this account's own number and birth date, with a portrait in it. */
export async function judgeCard(
  parts: RemoteParts,
  of: { readonly subscriber: Subscriber; readonly read: ReadEnd; readonly asked: CardQuestion },
): Promise<CardVerdict> {
  const { subscriber, read, asked } = of;
  const no = (refusal: RefusalCode): CardVerdict => ({ good: false, refused: { reason: 'card', refusal } });
  if ('refused' in read) return no(read.refused);
  const against = {
    session: asked.session,
    challenge: Buffer.from(asked.challenge, 'base64url'),
    now: parts.clock.now(),
  };
  const examined = await parts.examineCard(read, against);
  if (!examined.genuine) return no(examined.refusal.code);
  const { document, chip, standing, vouched } = examined;
  const number = await parts.subscribers.identityNumber(subscriber.id);
  if (number === undefined || document.identityNumber !== number) return no('document.another');
  if (!agree(document.birthDate, subscriber.birthdate)) return no('document.another');
  if (await isReported(parts, subscriber, document)) return { good: false, refused: { reason: 'card_reported' } };
  // Where no authority is asked for cards nobody could have withdrawn this one: not enough from afar.
  if (standing.status !== 'valid') return no('document.status_unknown');
  const portrait = chipPortrait(read);
  if (!portrait) return no('dg.missing');
  const { issuingState, documentNumber, expiresOn, sod } = document;
  return {
    good: true,
    card: {
      issuingState,
      documentNumber,
      expiresOn,
      sod,
      chip,
      ...(vouched ? { vouched } : {}),
      portrait: Buffer.from(portrait.bytes).toString('base64'),
    },
    detail: { chip, status: standing.status, statusFrom: standing.from, sod },
  };
}

/**
 * Whether the register has reported something that takes this card away: held, revoked, or another in its place. It may have told us
 * what the card's authority does not know yet.
 */
export async function isReported(
  { subscribers, stands }: Pick<RemoteParts, 'subscribers' | 'stands'>,
  { id }: Pick<Subscriber, 'id'>,
  { documentNumber }: Pick<HeldCard, 'documentNumber'>,
): Promise<boolean> {
  const number = await subscribers.identityNumber(id);
  return number === undefined || !(await stands(number, documentNumber));
}

/** Of some people a card, or the register, knows the year alone: as far as both know it, it is the same. */
const agree = (onCard: string | undefined, ours: string): boolean =>
  onCard === undefined || ours.startsWith(onCard) || onCard.startsWith(ours);

/** `settling`: what is written of the picture with the answer; `barring`: of the chip's portrait, with a record that rests on it. */
type FaceVerdict =
  | {
      readonly came: 'same';
      readonly registerHash: string;
      readonly detail: EventDetail;
      readonly settling: readonly Write[];
      readonly barring: readonly Write[];
    }
  | { readonly came: 'silent' }
  | {
      readonly came: 'refused';
      readonly refused: Refused;
      readonly detail: EventDetail;
      readonly settling?: readonly Write[];
    };

const SILENT = ['face_matcher.unavailable', 'population_registry.unavailable'];

/**
 * The face just taken beside the chip's portrait and beside the register's, once the register has confirmed number, name and birth
 * date: both match, each with the presentation attack detection that is demanded, performed and passed (ISO/IEC 30107-3). Whoever is
 * silent decides nothing.
 */
export async function judgeFace(
  parts: RemoteParts,
  of: {
    readonly subscriber: Subscriber;
    readonly picture: Buffer;
    readonly card: HeldCard;
    /** The sitting: of a try of which nothing could be written the same picture may be sent again, and is answered alike. */
    readonly sitting: string;
  },
): Promise<FaceVerdict> {
  try {
    return await judged(parts, of);
  } catch (error) {
    if (error instanceof EidError && SILENT.includes(error.code)) return { came: 'silent' };
    throw error;
  }
}

async function judged(
  parts: RemoteParts,
  { subscriber, picture, card, sitting }: Parameters<typeof judgeFace>[1],
): Promise<FaceVerdict> {
  const refused = (one: Refused, detail: EventDetail = {}) => ({ came: 'refused', refused: one, detail }) as const;
  const { population, face } = parts;
  if (!population || !face) return { came: 'silent' };
  const taken = await parts.pictures(picture);
  if (!taken.taken)
    return taken.reason === 'busy'
      ? { came: 'silent' }
      : refused({ reason: 'picture', issues: [taken.reason] }, { issues: [taken.reason] });

  const identityNumber = (await parts.subscribers.identityNumber(subscriber.id)) ?? '';
  const { fullName, birthdate } = subscriber;
  const known = await population.match({ identityNumber, fullName, birthdate });
  if (!known.matched) return refused({ reason: 'register' }, { register: known.reason });
  const registered = await population.portrait(identityNumber);
  if (!registered) return refused({ reason: 'no_portrait' }, { portrait: 'register' });

  const required = await padDemanded(parts);
  const results: [string, FaceResult][] = [];
  const portraits = { chip: Buffer.from(card.portrait, 'base64'), register: registered.image };
  for (const [name, reference] of Object.entries(portraits)) {
    const result = await face.compare({ probe: taken.image, reference });
    results.push([name, result]);
    const said = refusalOf(result, required);
    if (said) return refused(said, toldOf(results));
  }
  // No camera makes the same picture twice: one that has matched before, wherever, was kept by somebody, or is the chip's own.
  const occasion = `remote ${sitting}`;
  const isNew = await parts.used.isNew(taken.image, { occasion, portraits: Object.values(portraits) });
  const settling = [parts.used.decided(taken.image, occasion)];
  if (!isNew) return { ...refused({ reason: 'face' }, { ...toldOf(results), reused: true }), settling };
  // Whoever reads this chip again has its portrait, which is nobody's face in front of a camera, at a sign-in neither.
  const barring = await parts.used.barring(portraits.chip, card.expiresOn);
  return { came: 'same', registerHash: hashOf(known.person), detail: toldOf(results), settling, barring };
}

/** The stricter of what this channel and what the installation asks. */
async function padDemanded({ pad, padRequired }: RemoteParts): Promise<PadLevel> {
  const asked = [pad, await padRequired()].map((one) => PAD_LEVELS.indexOf(one));
  return PAD_LEVELS[Math.max(...asked)]!;
}

function refusalOf(result: FaceResult, required: PadLevel): Refused | undefined {
  if (passes(result, required)) return undefined;
  const { outcome, issues } = result;
  if (issues.some((issue) => issue.startsWith('reference_'))) return { reason: 'no_portrait' };
  return outcome === 'inconclusive' ? { reason: 'picture', issues } : { reason: 'face' };
}

/** Each comparison beside the name of its portrait, flat as details of the journal are. */
const toldOf = (results: readonly (readonly [string, FaceResult])[]): EventDetail =>
  Object.fromEntries(
    results.flatMap(([name, result]) =>
      Object.entries(journalled(result)).map(([key, value]) => [`${name}_${key}`, value]),
    ),
  );

/** What the register's entry was, without what it said. */
const hashOf = (person: RegisteredPerson): string => createHash('sha256').update(JSON.stringify(person)).digest('hex');
