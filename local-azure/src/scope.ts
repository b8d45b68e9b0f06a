/** For which resource a client asks for a token. */

/** What Entra says to a request that names none, or several. */
interface ScopeProblem {
  readonly code: number;
  readonly message: string;
}

/** Scopes that belong to no resource; MSAL for Go and Java always add the first three. */
const OWN_SCOPES = ['openid', 'offline_access', 'profile', 'email'];

/**
 * The resource of a form's `scope`, a list with blanks between (RFC 6749, 3.3), or of the `resource`
 * of Entra's older endpoint; `usual` where there is neither.
 */
export function resourceAsked(form: URLSearchParams, usual: string): string | ScopeProblem {
  const scope = form.get('scope');
  if (scope === null) return form.get('resource') ?? usual;
  const scopes = scope.split(/\s+/).filter((each) => each !== '');
  const others = [...new Set(scopes)].filter((each) => !OWN_SCOPES.includes(each.toLowerCase()));
  const [first] = others;
  if (first === undefined || others.some((each) => !each.endsWith('/.default'))) {
    // (learn, "OAuth 2.0 client credentials flow"; the wording is Entra's.)
    const message =
      `AADSTS1002012: The provided value for scope ${scope} is not valid. Client credential flows ` +
      'must have a scope value with /.default suffixed to the resource identifier ' +
      '(application ID URI).';
    return { code: 1002012, message };
  }
  if (others.length > 1) {
    // (learn, "Microsoft Entra authentication and authorization error codes".)
    const message =
      'AADSTS28000: Provided value for the input parameter scope is not valid because it contains ' +
      `more than one resource. Scope ${scope} is not valid.`;
    return { code: 28000, message };
  }
  return first.slice(0, -'/.default'.length);
}
