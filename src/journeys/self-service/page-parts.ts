import type { ParsedUrlQuery } from 'node:querystring';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Message } from '../../platform/messages.ts';
import { notesOf } from '../../platform/request.ts';
import type { Visitor } from './visitor.ts';

/** Where a form goes, with the token of its act. */
export interface PostForm {
  readonly action: string;
  readonly csrf: string;
}

/** A form for one act of this session. */
export const formOf = ({ parts, sessionUid }: Visitor, action: string, act: string): PostForm => ({
  action,
  csrf: parts.csrf.token(sessionUid, act),
});

/** Somewhere else by GET. */
export function goTo({ ctx }: Visitor, address: string): void {
  ctx.status = 303;
  ctx.redirect(address);
  ctx.status = 303;
}

/** What has just happened, as `?notice=` names it on this page; anything else is ignored (abuse case 29). */
export function noticeOf({ ctx }: Visitor, known: readonly string[]): Message | null {
  const asked = String(ctx.query.notice ?? '');
  return known.includes(asked) ? `account.notice.${asked}` : null;
}

/** A parameter of an address that came once. */
export const one = (query: ParsedUrlQuery, name: string): string | undefined => {
  const value = query[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The number after which a list goes on; nothing for what is no number of ours. */
export function numberIn(query: ParsedUrlQuery, name: string): number | undefined {
  const value = Number(one(query, name));
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

const CURSOR = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Where a page of a list by time ended; `cursorIn` reads it back from `before`, and nothing from what is none of ours. */
export const cursorOf = (at: Date, id: string): string => `${at.getTime()}.${id}`;
export function cursorIn(query: ParsedUrlQuery): { at: Date; id: string } | undefined {
  const [, at, id] = CURSOR.exec(one(query, 'before') ?? '') ?? [];
  return at !== undefined && id !== undefined ? { at: new Date(Number(at)), id } : undefined;
}

/** Names of relying parties in the language of the page, each client looked up once; one that is gone keeps its identifier. */
export function namesOf(visitor: Visitor): (clientId: string) => Promise<string> {
  const { locale } = notesOf(visitor.ctx.req);
  const known = new Map<string, Promise<Client | undefined>>();
  return async (clientId) => {
    const found = known.get(clientId) ?? visitor.parts.client(clientId);
    known.set(clientId, found);
    return (await found)?.relyingParty.name[locale] ?? clientId;
  };
}
