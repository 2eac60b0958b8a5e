/** Under which name a relying party knows somebody: with its own number in it, so that it knows a name that is another's. */
export const subjectAt = (index: number, person: string): string => `at-${index}-${person}`;
