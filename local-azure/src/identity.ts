/** Who there is: the one tenant, the one application and its secret. All invented. */

export const TENANT_ID = '3f0e1c5a-9b7d-4c62-8e14-d2a6b05f7c91';
export const CLIENT_ID = 'b8d4f2a6-17c3-4e5f-a9d0-6c3b81e27f45';
/** Object ID of the application's service principal. */
export const OBJECT_ID = '7e25c9d1-64ab-4f38-b0c7-95d1e8a3f264';
/** What `client_secret` must be. */
export const CLIENT_SECRET = 'local-azure~not-a-secret';
/** A secret that the application once had. */
export const EXPIRED_CLIENT_SECRET = 'local-azure~expired-secret';

/** Issuer of GitHub's ID tokens. */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
