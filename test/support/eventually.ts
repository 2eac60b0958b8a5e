import { expect } from 'vitest';

/** `expect.poll` with the patience that a busy machine needs. */
export const eventually = <T>(probe: () => T | Promise<T>) => expect.poll(probe, { timeout: 20_000, interval: 20 });
