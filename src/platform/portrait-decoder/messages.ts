import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { Picture } from './decode.ts';

/** To the thread: a portrait, its bytes a copy that is handed over. */
export interface Task {
  readonly image: Omit<Picture, 'bytes'> & { readonly bytes: Uint8Array };
}

/** From the thread. Before the first one it says `ready`. */
export type Answer =
  | { readonly width: number; readonly height: number; readonly channels: 3; readonly pixels: Uint8Array }
  | { readonly refused: RefusalCode };
