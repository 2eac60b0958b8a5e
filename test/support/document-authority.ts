import type { DocumentAuthority } from '../../src/domain/proofing/document-authority/authority.ts';
import { createHttpDocumentAuthority } from '../../src/domain/proofing/document-authority/http-document-authority.ts';
import { type ClientChanges, type LoopbackPartner, type Script, startPartner } from './partner.ts';

export type { Script } from './partner.ts';
export { say } from './partner.ts';

/** An authority on a loopback port, with its token endpoint, as `openapi.json` describes it. */
export interface LoopbackAuthority extends LoopbackPartner {
  client(changes?: ClientChanges): DocumentAuthority;
}

export async function startAuthority(script: Script): Promise<LoopbackAuthority> {
  const partner = await startPartner(script);
  return Object.assign(partner, {
    client: (changes?: ClientChanges) => createHttpDocumentAuthority(partner.parts(changes)),
  });
}
