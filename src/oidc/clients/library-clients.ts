import type Provider from 'oidc-provider';
import type { ApiClients } from '../../domain/operators/index.ts';
import {
  type Client,
  type RelyingParties,
  secretMatches,
  toProviderMetadata,
} from '../../domain/relying-parties/index.ts';
import { SCOPE_CLAIMS } from '../claims.ts';
import { isOperatorClient, operatorClient } from './operator-clients.ts';
import { OWN_CLIENT_ID, ownClient } from './own-client.ts';

/** Where records of clients come from: relying parties', our own, and those of operators' programs. */
export interface ClientParts {
  readonly issuer: string;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly apiClients: Pick<ApiClients, 'usable'>;
}

/** The record behind a client id. */
export async function findClient(parts: ClientParts, id: string): Promise<Client | undefined> {
  if (id === OWN_CLIENT_ID) return ownClient(parts.issuer);
  if (!isOperatorClient(id)) return parts.relyingParties.find(id);
  const program = await parts.apiClients.usable(id);
  return program && operatorClient(program);
}

/** The scopes of this provider itself; those of resource servers are between them and their clients. */
export const PROVIDER_SCOPES: readonly string[] = [...Object.keys(SCOPE_CLAIMS), 'offline_access'];

/** Members of ours that the library's clients carry: they must be named in `extraClientMetadata`. */
export const OUR_METADATA = ['senid_fapi', 'senid_pkce'];

/** One object of the library for each version of a record, so that no request parses metadata again. */
export function findsClientsInMemory(provider: Provider, parts: ClientParts): void {
  const built = new WeakMap<Client, object>();
  const ClientModel = provider.Client as unknown as {
    new (metadata: object): object;
    find(id: string): Promise<object | undefined>;
    prototype: { compareClientSecret(this: { clientId: string }, actual: string): Promise<boolean> };
  };
  ClientModel.find = async (id) => {
    const record = typeof id === 'string' && id.length > 0 ? await findClient(parts, id) : undefined;
    if (!record || record.disabledAt) return undefined;
    let client = built.get(record);
    if (!client) {
      client = new ClientModel(libraryMetadata(record));
      dropExpiredKeys(client as KeyHolder, record.expiredKeys ?? []);
      built.set(record, client);
    }
    return client;
  };
  ClientModel.prototype.compareClientSecret = async function (actual) {
    const record = await findClient(parts, this.clientId);
    return record !== undefined && secretMatches(record, actual);
  };
}

/** The library's object for a client's keys, of which it verifies with what `selectForVerify` answers. */
interface KeyHolder {
  readonly asymmetricKeyStore: { selectForVerify(wanted: object): readonly { readonly kid?: string }[] };
}

/** Keys of a `jwks_uri` come when they are needed: those that have expired here are passed over then. */
function dropExpiredKeys(client: KeyHolder, expired: readonly string[]): void {
  if (expired.length === 0) return;
  const keys = client.asymmetricKeyStore;
  const select = keys.selectForVerify.bind(keys);
  keys.selectForVerify = (wanted) => select(wanted).filter(({ kid }) => kid === undefined || !expired.includes(kid));
}

const libraryMetadata = (record: Client): object => ({
  ...(record.clientId === OWN_CLIENT_ID ? record.metadata : toProviderMetadata(record)),
  // What this relying party may ask for at all: anything else is invalid_scope, before a person is asked (abuse case 21). To the
  // library an empty list is no limit, so that who may ask for nothing is held to `openid`, which without a person says nothing.
  scope: record.allowedScopes.filter((scope) => PROVIDER_SCOPES.includes(scope)).join(' ') || 'openid',
  senid_fapi: record.fapi,
  senid_pkce: { exempt: record.pkceExemption !== undefined, nonce: record.pkceExemption?.nonce ?? true },
});

/** The parts of the library's client that the rules of this folder read. */
export interface LibraryClient {
  readonly clientId: string;
  readonly clientAuthMethod?: string | undefined;
  readonly [more: string]: unknown;
}

/** Whether this request must use PKCE (RFC 9700 §2.1.1): all must, but for a confidential client with a recorded exemption. */
export function needsPkce(client: LibraryClient, nonce: unknown): boolean {
  const exemption = client.senid_pkce as { exempt?: boolean; nonce?: boolean } | undefined;
  if (!exemption?.exempt || client.senid_fapi || client.clientAuthMethod === 'none') return true;
  // A recorded exemption still wants the older protection: a nonce, unless the record waives that too.
  return exemption.nonce !== false && !nonce;
}
