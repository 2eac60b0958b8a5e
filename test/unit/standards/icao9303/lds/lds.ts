import { asRefusal, type RefusalCode } from '../../../../../src/standards/icao9303/refusal.ts';

/** Cases of a property: a short run by default, as many as FUZZ_RUNS says otherwise. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

/** The code that something is refused with, `undefined` when it is not; anything else thrown passes through. */
export const refusalOf = (work: () => unknown): RefusalCode | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return asRefusal(error).code;
  }
};
