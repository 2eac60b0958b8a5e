import { randomUUID } from 'node:crypto';
import type { Pixels } from '../../../platform/portrait-decoder/decode.ts';
import type { PortraitDecoder } from '../../../platform/portrait-decoder/portrait-decoder.ts';
import { Refused } from '../../../standards/icao9303/refusal.ts';
import type { FaceIssue, FaceMatcher, FaceResult } from '../face-matcher.ts';
import { faceUnavailable } from '../face-matcher.ts';
import type { Compared } from './compare.ts';
import { createEngineThread, type EngineThread } from './engine-thread.ts';
import { readPicture } from './picture.ts';
import { ENGINE, readWeights } from './weights.ts';

/**
 * Cosines from which two faces are called one person's. On LFW (26 million pairs of different people) the usual one lies between
 * a false match rate of 1e-4 and 1e-5 and misses 7.2 % of genuine pairs; the least is 1e-4, and 4.7 %. People who are alike in
 * sex, age and origin are taken for one another ten to a hundred times as often, so that it is never lowered further.
 */
export const FACE_THRESHOLD = { usual: 0.45, least: 0.41 } as const;

/** An engine in this process: uncertified, and without any detection of presentation attacks. */
export interface EmbeddedFaceMatcher extends FaceMatcher {
  /**
   * Compares the weights with their hashes and begins to warm up, without waiting for the end of it.
   * @throws EidError face_matcher.weights
   */
  start(): Promise<void>;
  /** Settles when it is warm: until then whoever sends people here should send nobody. */
  warm(): Promise<void>;
  /** Whether it is warm at this moment; one that could not begin is begun again. */
  isWarm(): boolean;
  close(): Promise<void>;
}

export interface EmbeddedFaceMatcherParts {
  /** Its own, with room for two pictures of everybody who may wait. */
  readonly decoder: PortraitDecoder;
  readonly threshold?: number;
  /** Pairs that may wait beside the one that is compared. Each takes about half a second. */
  readonly maxQueue?: number;
  /** How long one pair may take, milliseconds; ending a pair costs everybody a cold start. */
  readonly timeoutMs?: number;
  /** Where the weights lie, if not here. */
  readonly weights?: URL;
  /** Begins the thread. */
  readonly begin?: typeof createEngineThread;
}

/** How many pictures the decoder must be able to keep waiting. */
export const picturesWaiting = (maxQueue = MAX_QUEUE): number => 2 * (maxQueue + 1);

const MAX_QUEUE = 8;
/** Milliseconds before a thread that could not begin is begun again. */
const REST = 5_000;

/** Compares faces with networks of its own in a thread of its own, one pair at a time. */
export function createEmbeddedFaceMatcher(parts: EmbeddedFaceMatcherParts): EmbeddedFaceMatcher {
  const { decoder, threshold = FACE_THRESHOLD.usual, maxQueue = MAX_QUEUE, timeoutMs = 10_000 } = parts;
  if (threshold < FACE_THRESHOLD.least)
    throw new RangeError(`a threshold below ${FACE_THRESHOLD.least} tells nobody apart`);
  const begin = parts.begin ?? createEngineThread;
  let thread: EngineThread | undefined;
  let beginning: Promise<EngineThread> | undefined;
  let [warm, closed] = [false, false];
  let failedAt = Number.NEGATIVE_INFINITY;
  let pending = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** The thread there is, or a new one; it may not be warm yet. */
  const ensure = (): Promise<EngineThread> => {
    if (closed) return Promise.reject(faceUnavailable('unreachable'));
    beginning ??= beginOne();
    beginning.catch(() => {
      beginning = undefined;
    });
    return beginning;
  };
  const beginOne = async (): Promise<EngineThread> => {
    const weights = await readWeights(parts.weights);
    if (closed) throw faceUnavailable('unreachable');
    const begun = begin({ weights, timeoutMs });
    thread = begun;
    void begun.gone.then(() => {
      const wasWarm = warm;
      [warm, thread, beginning] = [false, undefined, undefined];
      if (closed) return;
      // One that died at its work is replaced at once; one that cannot begin would die again at once.
      if (wasWarm) ensure().catch(() => {});
      else failedAt = performance.now();
    });
    begun.warm.then(
      () => {
        warm = true;
      },
      () => {},
    );
    return begun;
  };
  const warmThread = async (): Promise<EngineThread> => {
    if (!thread && performance.now() - failedAt < REST) throw faceUnavailable('unreachable');
    const one = await ensure();
    await one.warm;
    return one;
  };
  /** Somebody waits in front of it: not for as long as a bad start may take. */
  const soon = async (): Promise<EngineThread> => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(faceUnavailable('too_slow')), timeoutMs);
    return Promise.race([warmThread(), late]).finally(() => clearTimeout(timer));
  };
  /** One after another. */
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
  const decide = (compared: Compared): FaceResult => ({
    ...('issues' in compared
      ? { outcome: 'inconclusive', issues: compared.issues }
      : {
          ...{ outcome: compared.score >= threshold ? 'match' : 'no_match', issues: [], threshold },
          score: Math.max(0, compared.score),
        }),
    pad: { level: 'none', result: 'not_performed' },
    engine: ENGINE,
    transactionId: randomUUID(),
  });
  const undecidable = (issue: FaceIssue): FaceResult => decide({ issues: [issue] });

  return {
    pad: 'none',
    start: async () => void (await ensure()),
    warm: async () => void (await warmThread()),
    isWarm() {
      if (!warm) warmThread().catch(() => {});
      return warm;
    },
    async compare({ probe, reference }) {
      if (pending > maxQueue) throw faceUnavailable('busy');
      pending += 1;
      try {
        const [taken, kept] = await Promise.all([decode(probe), decode(reference)]);
        if (!taken) return undecidable('unreadable');
        if (!kept) return undecidable('reference_unreadable');
        return decide(await inTurn(async () => (await soon()).compare({ probe: taken, reference: kept })));
      } finally {
        pending -= 1;
      }
    },
    async close() {
      closed = true;
      await beginning?.catch(() => {});
      await Promise.all([thread?.end(), decoder.close()]);
    },
  };
}
