import { z } from 'zod';

/** Files of a card that a reader may bring, in the order in which they are read. */
export const CARD_FILES = ['CardAccess', 'COM', 'SOD', 'DG1', 'DG2', 'DG13', 'DG14', 'DG15'] as const;
export type CardFile = (typeof CARD_FILES)[number];

const base64url = (most: number) =>
  z
    .string()
    .max(Math.ceil((most * 4) / 3))
    .regex(/^[A-Za-z0-9_-]*$/);

/** The largest file of each kind that is looked at, octets (chip-card checklist: size caps before parsing). */
export const FILE_LIMITS: Readonly<Record<CardFile, number>> = {
  CardAccess: 4096,
  COM: 200,
  SOD: 65_536,
  DG1: 200,
  DG2: 131_072,
  DG13: 16_384,
  DG14: 4096,
  DG15: 4096,
};

/**
 * What a reader session leaves behind: raw files as read, and what the chip answered. Everything that a verdict needs is
 * in here, so that it can be computed again; nothing in here is believed before.
 */
export const chipEvidence = z.strictObject({
  /** The reader session, and so the challenge, that it belongs to. */
  session: z.string().min(1).max(64),
  /** How the chip opened; printed on the card, so never a factor. */
  access: z.enum(['none', 'BAC', 'PACE-CAN', 'PACE-MRZ']),
  files: z
    .strictObject(
      Object.fromEntries(CARD_FILES.map((file) => [file, base64url(FILE_LIMITS[file])])) as Record<
        CardFile,
        z.ZodString
      >,
    )
    .partial(),
  /** SHA-256 of the machine readable zone's information that the person typed, where the server opened the chip with it. */
  typed: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** The chip's answer to INTERNAL AUTHENTICATE over our challenge (9303-11 §6.1). */
  active: z.strictObject({ response: base64url(1024) }).optional(),
  /** Our ephemeral private key and the first answer under the new keys (9303-11 §6.2). */
  chip: z.strictObject({ ephemeral: base64url(1024), response: base64url(1024) }).optional(),
});

export type ChipEvidence = z.infer<typeof chipEvidence>;

/** A file's octets, if it was read. */
export const fileOf = ({ files }: ChipEvidence, file: CardFile): Buffer | undefined => {
  const text = files[file];
  return text === undefined ? undefined : Buffer.from(text, 'base64url');
};
