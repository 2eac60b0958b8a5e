import { openCard, sandboxAuthority } from '../../src/sandbox/cards/cards.ts';
import { customCard, issuedCard } from '../support/virtual-card.ts';

/** Cards of the sandbox and what signs them: derived from labels, the same in every process. */
export const GENUINE = 'level-2-chip.genuine';
export const authority = sandboxAuthority;
export const NOW = new Date('2026-06-01T12:00:00Z');

export const issued = () => issuedCard(GENUINE)!;
export const files = () => issued().files;
export { customCard, openCard };
