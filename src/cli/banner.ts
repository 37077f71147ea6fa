import type { AddressInfo } from 'node:net';

const isEverywhere = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** Where a server that listens can be reached from this machine. */
export const addressOf = ({ address, port }: AddressInfo, isSecure: boolean): string => {
  const host = isEverywhere(address) ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  return `${isSecure ? 'https' : 'http'}://${host}:${port}`;
};

const JSON_HEADER = `-H 'content-type: application/json'`;

/** What somebody who started the server needs next; the requests work as they are. */
export const banner = (address: string, data: string): string => `
LeadZen is ready.

  address  ${address}
  data     ${data}
  docs     ${address}/docs

Sign up, which makes a workspace with you as its admin:

  curl -s ${address}/api/auth/sign-up ${JSON_HEADER} \\
    -d '{"workspaceName":"Acme","name":"Ada","email":"ada@acme.example","password":"a long pass phrase"}'

Then sign in and sync for the first time:

  TOKEN=$(curl -s ${address}/api/auth/sign-in ${JSON_HEADER} \\
    -d '{"email":"ada@acme.example","password":"a long pass phrase"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
  curl -s ${address}/api/sync ${JSON_HEADER} -H "authorization: Bearer $TOKEN" \\
    -d '{"protocol":1,"cursor":null}'

Ctrl-C stops it.
`;
