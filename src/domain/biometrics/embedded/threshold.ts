/**
 * Cosines from which two faces are called one person's. On LFW (26 million pairs of different people) the usual one lies between
 * a false match rate of 1e-4 and 1e-5 and misses 7.2 % of genuine pairs; the least is 1e-4, and 4.7 %. People who are alike in
 * sex, age and origin are taken for one another ten to a hundred times as often, so that it is never lowered further.
 */
export const FACE_THRESHOLD = { usual: 0.45, least: 0.41 } as const;

/**
 * What a labelled set may come to at the usual threshold (ISO/IEC 19795-1), whoever's faces they are: no false match in a set of less
 * than thousands of pairs, and of genuine pairs no more missed than twice what LFW did. `attacksTaken` is no bound but a fact: of
 * attacks (ISO/IEC 30107-3 IAPAR) where no detection is asked, and this engine runs nowhere else, each one of the set passes for the
 * person. It detects none, and says so.
 */
export const FACE_RATES = { falseMatch: 0, falseNonMatch: 0.144, attacksTaken: 1 } as const;
