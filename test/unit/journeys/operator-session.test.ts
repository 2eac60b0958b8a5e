import type { Context } from 'koa';
import { expect, test } from 'vitest';
import { keepSession, sentSession, visitKey } from '../../../src/journeys/operator/session.ts';

const browser = (sent: Record<string, string> = {}) => {
  const kept: string[] = [];
  const cookies = { get: (name: string) => sent[name] };
  return { kept, ctx: { append: (_name: string, value: string) => kept.push(value), cookies } as unknown as Context };
};

test('over https the session is bound to this host, and no part of it leaves by another way', () => {
  const { ctx, kept } = browser();
  keepSession(ctx, 'a'.repeat(43), true);
  const cookie = `__Host-senid-operator=${'a'.repeat(43)}`;
  expect(kept).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure`]);
});

test('a session that ended is taken out of the browser', () => {
  const { ctx, kept } = browser();
  keepSession(ctx, undefined, true);
  expect(kept).toEqual(['__Host-senid-operator=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure']);
});

test('over https a cookie without the prefix is nobody’s, and so is what cannot be a session', () => {
  expect(sentSession(browser({ 'senid-operator': 'a'.repeat(43) }).ctx, true)).toBeUndefined();
  expect(sentSession(browser({ '__Host-senid-operator': "' OR 1=1" }).ctx, true)).toBeUndefined();
  expect(sentSession(browser({ '__Host-senid-operator': 'a'.repeat(43) }).ctx, true)).toBe('a'.repeat(43));
});

test('a browser that comes for the first time is given a name of its own, and keeps it', () => {
  const { ctx, kept } = browser();
  const key = visitKey(ctx, true);
  expect(kept[0]).toBe(`__Host-senid-operator-visit=${key}; Path=/; HttpOnly; SameSite=Strict; Secure`);
  const again = browser({ '__Host-senid-operator-visit': key });
  expect(visitKey(again.ctx, true)).toBe(key);
  expect(again.kept).toEqual([]);
});
