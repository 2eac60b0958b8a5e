import { refuse } from '../refusal.ts';

type Span = readonly [from: number, to: number];

/** Where each field stands when all lines are one string; a check digit stands behind its field. */
export interface Layout {
  readonly format: 'TD1' | 'TD2' | 'TD3';
  readonly lines: number;
  readonly width: number;
  readonly documentCode: Span;
  readonly issuingState: Span;
  readonly names: Span;
  readonly documentNumber: Span;
  readonly optionalData: Span;
  readonly optionalData2?: Span;
  readonly optionalCheck?: number;
  readonly birthDate: Span;
  readonly sex: number;
  readonly expiryDate: Span;
  readonly nationality: Span;
  readonly composite: number;
  /** What the composite check digit is made of. */
  readonly composed: readonly Span[];
}

/** 9303-5 §4.2.2 (TD1), 9303-6 §4.2.2 (TD2), 9303-4 §4.2.2 (TD3). */
export const LAYOUTS = {
  TD1: {
    format: 'TD1',
    lines: 3,
    width: 30,
    documentCode: [0, 2],
    issuingState: [2, 5],
    documentNumber: [5, 14],
    optionalData: [15, 30],
    birthDate: [30, 36],
    sex: 37,
    expiryDate: [38, 44],
    nationality: [45, 48],
    optionalData2: [48, 59],
    composite: 59,
    names: [60, 90],
    composed: [
      [5, 37],
      [38, 45],
      [48, 59],
    ],
  },
  TD2: {
    format: 'TD2',
    lines: 2,
    width: 36,
    documentCode: [0, 2],
    issuingState: [2, 5],
    names: [5, 36],
    documentNumber: [36, 45],
    nationality: [46, 49],
    birthDate: [49, 55],
    sex: 56,
    expiryDate: [57, 63],
    optionalData: [64, 71],
    composite: 71,
    composed: [
      [36, 46],
      [49, 56],
      [57, 71],
    ],
  },
  TD3: {
    format: 'TD3',
    lines: 2,
    width: 44,
    documentCode: [0, 2],
    issuingState: [2, 5],
    names: [5, 44],
    documentNumber: [44, 53],
    nationality: [54, 57],
    birthDate: [57, 63],
    sex: 64,
    expiryDate: [65, 71],
    optionalData: [72, 86],
    optionalCheck: 86,
    composite: 87,
    composed: [
      [44, 54],
      [57, 64],
      [65, 87],
    ],
  },
} as const satisfies Record<string, Layout>;

/** The layout of a zone, known by its length. */
export const layoutOf = (zone: string): Layout =>
  Object.values(LAYOUTS).find(({ lines, width }) => zone.length === lines * width) ?? refuse('mrz.malformed');
