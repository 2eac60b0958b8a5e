import type { Target } from './target.ts';
import { CHIP_TARGETS } from './targets/chip.ts';
import { CONVERSATION_TARGETS } from './targets/conversations.ts';
import { FRAME_TARGETS } from './targets/frames.ts';
import { LDS_TARGETS } from './targets/lds.ts';
import { MESSAGING_TARGETS } from './targets/messaging.ts';
import { PKI_TARGETS } from './targets/pki.ts';

/** Everything that reads bytes from outside: cards, countries, readers, the document authority, pcscd. */
export const TARGETS: readonly Target[] = [
  ...PKI_TARGETS,
  ...LDS_TARGETS,
  ...CHIP_TARGETS,
  ...MESSAGING_TARGETS,
  ...CONVERSATION_TARGETS,
  ...FRAME_TARGETS,
];
