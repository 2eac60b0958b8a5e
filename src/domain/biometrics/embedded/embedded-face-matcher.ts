import { randomUUID } from 'node:crypto';
import { EidError } from '../../../platform/errors.ts';
import type { PartnerOutcome, Silence } from '../../../platform/partner/partner.ts';
import type { Pixels } from '../../../platform/portrait-decoder/decode.ts';
import type { PortraitDecoder } from '../../../platform/portrait-decoder/portrait-decoder.ts';
import { Refused } from '../../../standards/icao9303/refusal.ts';
import { type FaceIssue, type FaceMatcher, type FaceResult, faceUnavailable } from '../face-matcher.ts';
import type { Compared } from './faces/compare.ts';
import { readPicture } from './picture.ts';
import { FACE_THRESHOLD } from './threshold.ts';
import { createWarmEngine, type WarmEngineParts } from './warm-engine.ts';
import { ENGINE, readWeights } from './weights.ts';

/** An engine in this process: uncertified, and without any detection of presentation attacks. */
export interface EmbeddedFaceMatcher extends FaceMatcher {
  /**
   * Compares the weights with their hashes.
   * @throws EidError face_matcher.weights
   */
  check(): Promise<void>;
  /** Settles when it is warm: until then whoever sends people here should send nobody. */
  warm(): Promise<void>;
  /** Whether it is warm at this moment; one that could not begin is begun again. */
  isWarm(): boolean;
  close(): Promise<void>;
}

export interface EmbeddedFaceMatcherParts extends Omit<WarmEngineParts, 'timeoutMs'> {
  /** Its own, with room for `PICTURES_WAITING`. */
  readonly decoder: Pick<PortraitDecoder, 'decode' | 'close'>;
  readonly threshold?: number;
  /** How long one pair may take, milliseconds: to end one costs those who wait a cold start. */
  readonly timeoutMs?: number;
  /** Told how each question ended, for counting. */
  readonly asked?: (outcome: PartnerOutcome) => void;
}

/** Pairs that may wait beside the one that is compared: with half a second each, nobody waits for longer than a pair may take. */
export const MAX_QUEUE = 8;
export const PICTURES_WAITING = 2 * (MAX_QUEUE + 1);

/** Compares faces with networks of its own in a thread of its own, one pair at a time. */
export function createEmbeddedFaceMatcher(parts: EmbeddedFaceMatcherParts): EmbeddedFaceMatcher {
  const { decoder, threshold = FACE_THRESHOLD.usual, timeoutMs = 10_000, asked } = parts;
  if (threshold < FACE_THRESHOLD.least) throw new RangeError(`below ${FACE_THRESHOLD.least} nobody is told apart`);
  const engine = createWarmEngine({ ...parts, timeoutMs });
  let pending = 0;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  const decode = async (bytes: Buffer): Promise<Pixels | undefined> => {
    try {
      const pixels = await decoder.decode(readPicture(bytes));
      if (!pixels) throw faceUnavailable('busy');
      return pixels;
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  };
  const compare: FaceMatcher['compare'] = async ({ probe, reference }) => {
    if (pending > MAX_QUEUE) throw faceUnavailable('busy');
    pending += 1;
    try {
      const [taken, kept] = await Promise.all([decode(probe), decode(reference)]);
      if (!taken) return undecidable('unreadable');
      if (!kept) return undecidable('reference_unreadable');
      const pictures = { probe: taken, reference: kept };
      return decide(await inTurn(async () => (await engine.take()).compare(pictures)), threshold);
    } finally {
      pending -= 1;
    }
  };

  return {
    pad: 'none',
    check: async () => void (await readWeights(parts.weights)),
    warm: engine.warm,
    isWarm() {
      if (!engine.isWarm) engine.warm().catch(() => {});
      return engine.isWarm;
    },
    async compare(question) {
      try {
        const result = await compare(question);
        asked?.('answered');
        return result;
      } catch (error) {
        const silence = asSilence(error);
        asked?.(silence.facts.reason as Silence);
        throw silence;
      }
    },
    close: async () => void (await Promise.all([engine.close(), decoder.close()])),
  };
}

/** A portrait too poor to tell people apart by refuses nobody. */
function decide(compared: Compared, threshold: number): FaceResult {
  if ('score' in compared && compared.score < threshold && compared.reference === 'poor')
    return undecidable('reference_unreadable');
  return {
    ...('issues' in compared
      ? { outcome: 'inconclusive', issues: compared.issues }
      : {
          ...{ outcome: compared.score >= threshold ? 'match' : 'no_match', issues: [], threshold },
          // The port's scale ends at 0: how far two strangers are from each other says nothing.
          score: Math.min(1, Math.max(0, compared.score)),
        }),
    pad: { level: 'none', result: 'not_performed' },
    engine: ENGINE,
    transactionId: randomUUID(),
  };
}

const undecidable = (issue: FaceIssue): FaceResult => decide({ issues: [issue] }, 1);

/** Whatever keeps it from answering is the port's one error. */
const asSilence = (error: unknown): EidError =>
  error instanceof EidError && error.code === 'face_matcher.unavailable'
    ? error
    : faceUnavailable('unreachable', error);
