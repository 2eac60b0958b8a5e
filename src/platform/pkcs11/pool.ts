import { Pkcs11Fault } from './fault.ts';
import { openToken, type TokenAddress, type TokenSession } from './token.ts';

export { Pkcs11Fault } from './fault.ts';
export type { Attributes } from './names.ts';
export { MECHANISM, OBJECT_CLASS } from './names.ts';
export type { Handle, TokenAddress, TokenSession } from './token.ts';

/** Some sessions with one token, opened when they are needed and opened anew when they have broken. */
export interface TokenPool {
  /** Lends a session to `work`, alone. One that failed is not lent again. Throws `Pkcs11Fault`, and whatever `work` throws. */
  use<T>(work: (session: TokenSession) => Promise<T>): Promise<T>;
  close(): void;
}

/** At most `size` sessions; who waits for one longer than the calls' own time is refused. */
export function createTokenPool(address: TokenAddress & { readonly size: number }): TokenPool {
  const idle: TokenSession[] = [];
  const queue: { take: () => void }[] = [];
  let lent = 0;
  let over = false;
  // What is known of the PIN. One try at a time until one was right, and none after one was wrong.
  let proven = false;
  let refused: Pkcs11Fault | undefined;
  let trying: Promise<unknown> = Promise.resolve();

  const login = async (): Promise<TokenSession> => {
    if (refused) throw refused;
    try {
      const session = await openToken(address, proven);
      proven = true;
      return session;
    } catch (error) {
      if (error instanceof Pkcs11Fault && (error.code === 'pin_refused' || error.code === 'pin_locked'))
        refused = error;
      throw error;
    }
  };
  const open = (): Promise<TokenSession> => {
    if (proven) return login();
    const next = trying.then(login, login);
    trying = next.catch(() => {});
    return next;
  };

  const turn = async (): Promise<void> => {
    if (lent < address.size) {
      lent += 1;
      return;
    }
    const place = { take: (): void => {} };
    queue.push(place);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(place), 1);
        reject(new Pkcs11Fault('busy'));
      }, address.timeout);
      place.take = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
  /** The place goes to who has waited longest, or is free. */
  const leave = (): void => {
    const next = queue.shift();
    if (next) next.take();
    else lent -= 1;
  };

  const kept = (): TokenSession | undefined => {
    for (let session = idle.pop(); session; session = idle.pop()) if (!session.closed()) return session;
    return undefined;
  };

  const tried = async <T>(session: TokenSession, work: (session: TokenSession) => Promise<T>): Promise<T> => {
    try {
      const done = await work(session);
      if (over) session.close();
      else idle.push(session);
      return done;
    } catch (error) {
      session.close();
      throw error;
    }
  };

  return {
    async use(work) {
      await turn();
      try {
        const session = kept();
        if (!session) return await tried(await open(), work);
        try {
          return await tried(session, work);
        } catch (error) {
          // The token may have been away while the session lay idle: a new one shows whether it is back.
          if (!(error instanceof Pkcs11Fault) || error.code === 'silent') throw error;
          return await tried(await open(), work);
        }
      } finally {
        leave();
      }
    },
    close() {
      over = true;
      for (const session of idle.splice(0)) session.close();
    },
  };
}
