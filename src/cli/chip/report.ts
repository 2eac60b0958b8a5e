import type { DocumentFacts, HolderFacts } from './document.ts';
import type { CardFileName } from './dump.ts';
import type { SecurityObjectFacts } from './security-object.ts';
import type { Trust } from './trust.ts';

/** One thing that was looked at, in this order; the first that fails ends the examination. */
export interface Step {
  readonly step: string;
  readonly outcome: 'passed' | 'failed' | 'not reached';
  readonly about?: string;
}

/** What an examiner gets; with `--json` exactly this. Without `holder` nothing in it tells who the holder is. */
export interface ChipReport extends Partial<SecurityObjectFacts> {
  readonly verdict: 'genuine' | 'refused' | 'unreadable';
  /** The moment for which it holds, ISO 8601. */
  readonly at: string;
  readonly profile: string;
  readonly files: readonly { readonly file: CardFileName; readonly bytes: number; readonly sha256: string }[];
  readonly document?: DocumentFacts;
  readonly holder?: HolderFacts;
  readonly authority?: { readonly subject: string; readonly serial: string; readonly sha256: string } & Validity & {
      readonly national: boolean;
    };
  readonly revocation?: { readonly status: string; readonly number?: string; readonly nextUpdate?: string };
  readonly steps: readonly Step[];
  readonly refusal?: {
    readonly code: string;
    readonly clause: string;
    readonly says: string;
    /** What was missing or bad: a name, a number, an object identifier. */
    readonly about?: string;
    /** The name of the algorithm, where it is about one. */
    readonly algorithm?: string;
  };
  readonly chip: { readonly proven: boolean; readonly by?: 'active authentication'; readonly algorithm?: string };
  readonly trust: Omit<Trust, 'anchors' | 'notes'>;
  readonly notes: readonly string[];
}

export interface Validity {
  readonly notBefore: string;
  readonly notAfter: string;
}
