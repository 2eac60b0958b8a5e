import type { KeyDescription } from '../domain/signing-keys/index.ts';
import type { Context } from './context.ts';

/** `senid keys list`: what signs, what will, what has signed, each with its dates and where its private half rests. */
export async function listKeysCommand({ terminal, withApp }: Context): Promise<number> {
  const keys = await withApp(async ({ parts }) => parts.signingKeys.list());
  terminal.answer(keys, keys.map(lineOf));
  return 0;
}

const day = (moment: Date | undefined): string => moment?.toISOString().slice(0, 16).replace('T', ' ') ?? '';

const SINCE = {
  current: ({ activatedAt }: KeyDescription) => `signs since ${day(activatedAt)}`,
  next: ({ createdAt, usableAt }: KeyDescription) => `published ${day(createdAt)}, may sign from ${day(usableAt)}`,
  retired: ({ retiredAt, forgottenAt }: KeyDescription) =>
    `retired ${day(retiredAt)}, published until ${day(forgottenAt)}`,
} satisfies Record<KeyDescription['state'], (key: KeyDescription) => string>;

const lineOf = (key: KeyDescription): string =>
  [key.algorithm.padEnd(5), key.state.padEnd(7), key.custody.padEnd(8), key.kid, SINCE[key.state](key)].join('  ');
