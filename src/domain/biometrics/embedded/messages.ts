import type { Pixels } from '../../../platform/portrait-decoder/decode.ts';
import type { Compared } from './faces/compare.ts';

/** Pixels whose memory is handed over. */
export type HandedOver = Omit<Pixels, 'pixels'> & { readonly pixels: Uint8Array<ArrayBuffer> };

/** To the thread: two decoded pictures. It never sees a stranger's bytes. */
export interface Task {
  readonly probe: HandedOver;
  readonly reference: HandedOver;
}

/** From the thread: `ready` once it is warm, then an answer to each task. */
export type Said = 'ready' | Compared;
