/** Secrets that have left the local Azure, so that tests can look for them where they must not be. */

import { forgetOldest } from './bounded.ts';

/** Headers that name an operation, with a signature in the query. */
const OPERATION_HEADERS = ['azure-asyncoperation', 'location'];
/** The members of a poll URL's query that are its signature (recorded). */
const SIGNATURE = ['c', 's', 'h'];
const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** The signature of a shared access signature. */
const SAS = /[?&]sig=([^&"\\\s]+)/g;

/** How many secrets are kept, each of 2 KB at most. */
export const MOST_SECRETS = 20_000;

/** The newest secrets. */
export class Issued {
  readonly #secrets = new Set<string>();

  /** Tokens, signatures of poll URLs and of SAS, once each. */
  all(): readonly string[] {
    return [...this.#secrets];
  }

  /** Reads an answer on its way out. */
  async note(response: Response): Promise<void> {
    const text = await response.clone().text();
    for (const [token] of text.matchAll(JWT)) this.#add(token);
    for (const [, signature = ''] of text.matchAll(SAS)) this.#add(signature);
    for (const header of OPERATION_HEADERS) {
      const url = response.headers.get(header);
      if (url === null || !URL.canParse(url)) continue;
      for (const name of SIGNATURE) {
        const value = new URL(url).searchParams.get(name);
        if (value) this.#add(value);
      }
    }
  }

  #add(secret: string): void {
    this.#secrets.add(secret);
    forgetOldest(this.#secrets, MOST_SECRETS);
  }
}
