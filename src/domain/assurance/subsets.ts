/** Every choice among the items, the smallest first, else in the order given. For a handful: n items give 2^n choices. */
export function subsetsOf<T>(items: readonly T[]): T[][] {
  const all: T[][] = [[]];
  for (const item of items) all.push(...all.map((some) => [...some, item]));
  return all.sort((a, b) => a.length - b.length);
}

/** The choices that pass and have no smaller choice that passes, in the same order. */
export function smallestSubsets<T>(items: readonly T[], passes: (some: readonly T[]) => boolean): T[][] {
  const found: T[][] = [];
  for (const some of subsetsOf(items)) {
    const isMore = found.some((smaller) => smaller.every((item) => some.includes(item)));
    if (!isMore && passes(some)) found.push(some);
  }
  return found;
}
