import type { Context } from 'koa';
import { expect, test } from 'vitest';
import { atMost } from '../../../src/platform/gate.ts';

/** Somebody who comes with a key and stays until told to leave. */
function aVisit(gate: ReturnType<typeof atMost>, key: string) {
  let leave = (): void => {};
  const staying = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const done = Promise.resolve(gate({ key } as unknown as Context as never, () => staying)).then(
    () => 'served',
    (error: { code?: string }) => error.code,
  );
  return {
    leave: () => {
      leave();
      return done;
    },
    done,
  };
}
const aGate = (keys: number, requests: number) =>
  atMost({ keys, requests }, (ctx) => (ctx as unknown as { key: string }).key);

test('one key more than there is room for is turned away, until somebody has left', async () => {
  const gate = aGate(2, 10);
  const first = aVisit(gate, 'a');
  const second = aVisit(gate, 'b');
  expect(await aVisit(gate, 'c').done).toBe('http.busy');
  expect(await first.leave()).toBe('served');
  const third = aVisit(gate, 'c');
  expect(await third.leave()).toBe('served');
  expect(await second.leave()).toBe('served');
});

test('whoever comes under a key that is inside is let in with it, and leaving once does not free the key', async () => {
  const gate = aGate(1, 3);
  const visits = [aVisit(gate, 'a'), aVisit(gate, 'a')];
  await visits[0]?.leave();
  expect(await aVisit(gate, 'b').done).toBe('http.busy');
  await visits[1]?.leave();
  expect(await aVisit(gate, 'b').leave()).toBe('served');
});

test('of one key no more come in than there is room for in all', async () => {
  const gate = aGate(5, 3);
  const visits = ['a', 'a', 'a'].map((key) => aVisit(gate, key));
  expect(await aVisit(gate, 'a').done).toBe('http.busy');
  expect(await Promise.all(visits.map(({ leave }) => leave()))).toEqual(['served', 'served', 'served']);
});

test('a request that fails leaves its place', async () => {
  const gate = aGate(1, 1);
  const failing = gate({ key: 'a' } as never, () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  expect(await aVisit(gate, 'b').leave()).toBe('served');
});
