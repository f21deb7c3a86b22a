// An OpenID provider that signs in whoever gives any name and password, on its own development pages.
// Clients register themselves at /reg, with the addresses of the app under test. Everything is in memory.
// Its pages ask for a font from elsewhere: a browser that is to stay here must be told so.
// Argument: the port. Setting: ACCESS_SECONDS, the life of an access token.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // It calls no address of this machine by itself; where clients hear of log-outs, it is to.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, name) => ({
    accountId: name,
    claims: () => ({ sub: name, name, email: `${name}@example.com`, email_verified: true }),
  }),
  jwks: { keys: [privateKey.export({ format: "jwk" })] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: Number(process.env.ACCESS_SECONDS) },
});

provider.listen(port, "127.0.0.1");
