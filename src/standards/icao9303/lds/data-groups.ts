/** Every file of the application and its outer tag (9303-10 §4.6, Table 36). Numbers are those of the data groups. */
export const DATA_GROUP_TAGS = {
  1: 0x61,
  2: 0x75,
  3: 0x63,
  4: 0x76,
  5: 0x65,
  6: 0x66,
  7: 0x67,
  8: 0x68,
  9: 0x69,
  10: 0x6a,
  11: 0x6b,
  12: 0x6c,
  13: 0x6d,
  14: 0x6e,
  15: 0x6f,
  16: 0x70,
} as const satisfies Record<number, number>;

export type DataGroupNumber = keyof typeof DATA_GROUP_TAGS;

/** EF.COM and EF.SOD (9303-10 §4.6.1, §4.6.2). */
export const COM_TAG = 0x60;
export const SOD_TAG = 0x77;

/** The data group that a tag names, if any. */
export const dataGroupOf = (tag: number): DataGroupNumber | undefined => {
  const found = Object.entries(DATA_GROUP_TAGS).find(([, known]) => known === tag);
  return found && (Number(found[0]) as DataGroupNumber);
};

/** The largest file of each kind that is read, octets: far above any honest one. */
export const FILE_LIMITS = { COM: 256, DG1: 200, DG2: 131_072, DG13: 16_384 } as const;
