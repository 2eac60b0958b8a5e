/** A file of the chip that is read here. */
export interface CardFile {
  /** File identifier (9303-10 §4.6, Table 36; EF.CardAccess §3.11.3). */
  readonly identifier: number;
  /** Its short form, for chips that do not select by identifier. */
  readonly short: number;
  /** The outer tag. */
  readonly tag: number;
  /** The most octets that are read: far above any honest file of its kind. */
  readonly largest: number;
}

/** The files by the names that evidence and the reader protocol give them. */
export const CARD_FILES = {
  COM: { identifier: 0x011e, short: 0x1e, tag: 0x60, largest: 200 },
  SOD: { identifier: 0x011d, short: 0x1d, tag: 0x77, largest: 65_536 },
  DG1: { identifier: 0x0101, short: 0x01, tag: 0x61, largest: 200 },
  DG2: { identifier: 0x0102, short: 0x02, tag: 0x75, largest: 131_072 },
  DG13: { identifier: 0x010d, short: 0x0d, tag: 0x6d, largest: 16_384 },
  DG14: { identifier: 0x010e, short: 0x0e, tag: 0x6e, largest: 4096 },
  DG15: { identifier: 0x010f, short: 0x0f, tag: 0x6f, largest: 4096 },
  CardAccess: { identifier: 0x011c, short: 0x1c, tag: 0x31, largest: 4096 },
} as const satisfies Record<string, CardFile>;

export type CardFileName = keyof typeof CARD_FILES;

/** The eMRTD application, LDS1 (9303-10 §3.5.1). */
export const EMRTD_APPLICATION = Buffer.from('a0000002471001', 'hex');
