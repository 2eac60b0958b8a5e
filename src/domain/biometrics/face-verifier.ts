import { EidError } from '../../platform/errors.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { EventDetail } from '../audit/index.ts';
import {
  type FaceIssue,
  type FaceMatcher,
  type FaceResult,
  journalled,
  PAD_LEVELS,
  type PadLevel,
} from './face-matcher.ts';
import type { Coming, UsedPictures } from './used-pictures.ts';

/** What is wrong with what somebody sent as a picture, before any face is looked for. */
export type PictureFault = 'unreadable' | 'too_large' | 'too_small';

/**
 * What came of looking at somebody: `detail` is for the journal alone, and never leaves with an answer. `attack`: it is the face, but
 * not in front of the camera. `silent`: nobody could look. `no_portrait`: there is nothing to compare with. `settling`: written with the
 * answer, so that the picture is one of before for whoever shows it next; until then it is asked about again as if for the first time.
 */
export type FaceVerdict =
  | { readonly came: 'same' | 'another' | 'attack'; readonly detail: EventDetail; readonly settling?: readonly Write[] }
  | { readonly came: 'no_portrait'; readonly detail: EventDetail }
  | { readonly came: 'unusable'; readonly issues: readonly (FaceIssue | PictureFault)[]; readonly detail: EventDetail }
  | { readonly came: 'silent' };

/** Whether it is the account's person who is in front of the camera. */
export interface FaceVerifier {
  /** Whether an engine is here that can see an attack as well as the policy demands: without one nobody is asked for a face. */
  readonly able: boolean;
  /** `occasion`: what it is shown for. Asked again there, because what was found could not be written, the answer is the same. */
  verify(subscriberId: string, picture: Buffer, occasion?: string): Promise<FaceVerdict>;
  /** The same without a register: whether an engine is here that sees an attack well enough. */
  readonly compares: boolean;
  /** Whether it is the person of a portrait that somebody has brought, on the chip of a card. */
  against(portrait: Buffer, picture: Buffer, occasion?: string): Promise<FaceVerdict>;
}

const SILENT = ['face_matcher.unavailable', 'population_registry.unavailable'];

/**
 * Compares a picture with the portrait that the population register has of the account's person, anew each time: no picture and no
 * template is kept. A match counts only with presentation attack detection of at least `pad`, performed and passed
 * (NIST SP 800-63B-4 §3.2.3, ISO/IEC 30107-3): `not_performed` never is.
 */
export function createFaceVerifier(parts: {
  readonly matcher: FaceMatcher | undefined;
  readonly portraits: { portrait(identityNumber: string): Promise<{ readonly image: Buffer } | undefined> } | undefined;
  readonly identityNumber: (subscriberId: string) => Promise<string | undefined>;
  readonly pictures: (
    bytes: Buffer,
  ) => Promise<
    { readonly taken: true; readonly image: Buffer } | { readonly taken: false; readonly reason: PictureFault | 'busy' }
  >;
  /** Which pictures have come before: a picture of before is no face in front of a camera, whatever it shows. */
  readonly used?: Pick<UsedPictures, 'isNew' | 'decided'>;
  /** What the authentication policy calls evaluated. */
  readonly pad: Exclude<PadLevel, 'none'>;
}): FaceVerifier {
  const { matcher, portraits } = parts;
  const sees = ({ level }: { readonly level: PadLevel }): boolean =>
    PAD_LEVELS.indexOf(level) >= PAD_LEVELS.indexOf(parts.pad);
  const compares = matcher !== undefined && sees({ level: matcher.pad });
  const able = compares && portraits !== undefined;

  /** `find`: the portrait, asked for only when the picture is one. */
  async function compared(
    find: () => Promise<Buffer | undefined>,
    picture: Buffer,
    coming: Omit<Coming, 'portraits'>,
  ): Promise<FaceVerdict> {
    if (!compares) return { came: 'silent' };
    const taken = await parts.pictures(picture);
    if (!taken.taken)
      return taken.reason === 'busy'
        ? { came: 'silent' }
        : { came: 'unusable', issues: [taken.reason], detail: { issues: [taken.reason] } };
    const reference = await find();
    if (!reference) return { came: 'no_portrait', detail: {} };
    const verdict = verdictOn(await matcher.compare({ probe: taken.image, reference }));
    return fresh(verdict, taken.image, { ...coming, portraits: [reference] });
  }

  async function registered(subscriberId: string): Promise<Buffer | undefined> {
    const number = await parts.identityNumber(subscriberId);
    return number === undefined ? undefined : (await portraits?.portrait(number))?.image;
  }

  /** Of a picture that was of no use nothing is remembered: it may be sent again. */
  async function fresh(verdict: FaceVerdict, image: Buffer, coming: Coming): Promise<FaceVerdict> {
    if (verdict.came === 'silent' || verdict.came === 'unusable' || verdict.came === 'no_portrait') return verdict;
    const { used } = parts;
    if (!used) return verdict;
    const isNew = await used.isNew(image, coming);
    const settling = coming.occasion === undefined ? [] : [used.decided(image, coming.occasion)];
    return isNew ? { ...verdict, settling } : { came: 'attack', detail: { ...verdict.detail, reused: true }, settling };
  }

  /** Who is silent is no fault of ours. */
  async function heard(verdict: Promise<FaceVerdict>): Promise<FaceVerdict> {
    try {
      return await verdict;
    } catch (error) {
      if (error instanceof EidError && SILENT.includes(error.code)) return { came: 'silent' };
      throw error;
    }
  }

  function verdictOn(result: FaceResult): FaceVerdict {
    const detail = journalled(result);
    const { outcome, pad, issues } = result;
    if (issues.some((issue) => issue.startsWith('reference_'))) return { came: 'no_portrait', detail };
    if (outcome === 'inconclusive') return { came: 'unusable', issues, detail };
    if (outcome === 'no_match') return { came: 'another', detail };
    return { came: pad.result === 'pass' && sees(pad) ? 'same' : 'attack', detail };
  }

  return {
    able,
    compares,
    verify: async (subscriberId, picture, occasion) =>
      able ? heard(compared(() => registered(subscriberId), picture, shownFor(occasion))) : { came: 'silent' },
    // Somebody who only shows a card is told that their picture is not kept: that it came is known for a day, against whoever shows it again.
    against: (portrait, picture, occasion) =>
      heard(compared(async () => portrait, picture, { ...shownFor(occasion), as: 'of_passer_by' })),
  };
}

const shownFor = (occasion: string | undefined): Pick<Coming, 'occasion'> =>
  occasion === undefined ? {} : { occasion };
