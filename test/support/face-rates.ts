import { type FaceMatcher, type FaceResult, type PadLevel, passes } from '../../src/domain/biometrics/index.ts';

/** A labelled pair: two pictures of one person, of two people, or of somebody's picture that is held before the camera. */
export interface Labelled {
  readonly pair: 'genuine' | 'impostor' | 'attack';
  readonly probe: Buffer;
  readonly reference: Buffer;
}

/** ISO/IEC 19795-1 and 30107-3: shares of what was decided, each beside its number; a pair that was not decided is counted apart. */
export interface Rates {
  readonly fmr: number;
  readonly fnmr: number;
  readonly iapar: number;
  /** Of the genuine pairs, those that count for nothing where the detection is demanded. */
  readonly refused: number;
  readonly pairs: Readonly<Record<Labelled['pair'], number>>;
  readonly undecided: number;
}

/** Asks an engine about every pair, and counts. `demanded`: the detection without which nobody passes where it matters. */
export async function ratesOf(
  matcher: Pick<FaceMatcher, 'compare'>,
  labelled: readonly Labelled[],
  demanded: PadLevel,
): Promise<Rates> {
  const results: [Labelled['pair'], FaceResult][] = [];
  for (const { pair, probe, reference } of labelled) results.push([pair, await matcher.compare({ probe, reference })]);
  const decided = (pair: Labelled['pair']) =>
    results.filter(([kind, { outcome }]) => kind === pair && outcome !== 'inconclusive').map(([, result]) => result);
  const share = (pair: Labelled['pair'], wrong: (result: FaceResult) => boolean): number => {
    const all = decided(pair);
    return all.length === 0 ? 0 : all.filter(wrong).length / all.length;
  };
  return {
    fmr: share('impostor', ({ outcome }) => outcome === 'match'),
    fnmr: share('genuine', ({ outcome }) => outcome !== 'match'),
    iapar: share('attack', (result) => passes(result, demanded)),
    refused: share('genuine', (result) => !passes(result, demanded)),
    pairs: {
      ...{ genuine: decided('genuine').length, impostor: decided('impostor').length, attack: decided('attack').length },
    },
    undecided: results.filter(([, { outcome }]) => outcome === 'inconclusive').length,
  };
}
