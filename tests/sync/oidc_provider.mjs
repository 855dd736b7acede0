// The npm package oidc-provider as an identity provider on loopback: `node oidc_provider.mjs NODE_MODULES`.
// It prints one line of JSON once it listens, and stops when its standard input closes.
import { createServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

console.warn = console.info = () => {};
const entry = path.join(process.argv[2], 'oidc-provider', 'lib', 'index.js');
const { default: Provider } = await import(pathToFileURL(entry));

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const api = 'https://holdall.example.org/api';
const roles = { nia: ['Holdall.Officer'], lee: ['Payroll'] };

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'holdall-laptops',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
    scope: 'openid profile sync.readwrite',
  }],
  scopes: ['openid', 'profile', 'sync.readwrite'],
  claims: { openid: ['sub'], profile: ['name'] },
  cookies: { keys: ['only for tests'] },
  features: {
    deviceFlow: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource) => ({
        scope: 'sync.readwrite',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (ctx, token) => ({
    roles: roles[token.accountId] ?? [],
    name: `Person ${token.accountId}`,
  }),
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Person ${id}` }) }),
});
server.on('request', provider.callback());
process.stdin.on('end', () => process.exit(0)).resume();
console.log(JSON.stringify({ issuer, api }));
