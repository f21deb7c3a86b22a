// What Node's JWT libraries say to a token and to its sealed form, printed as JSON.
// Argument: the folder whose node_modules has the packages. Standard input: {key, real, sealed}, the key in base64url.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.argv[2]}/`);
const jsonwebtoken = require("jsonwebtoken");
const jose = await import(pathToFileURL(require.resolve("jose")));
const { key, real, sealed } = JSON.parse(readFileSync(0, "utf8"));
const secret = Buffer.from(key, "base64url");
const algorithms = ["HS256"];

async function said(verify) {
  try {
    return await verify();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

function told(token) {
  return Promise.all([
    said(() => jsonwebtoken.decode(token)),
    said(() => jsonwebtoken.verify(token, secret, { algorithms })),
    said(() => jose.decodeJwt(token)),
    said(async () => (await jose.jwtVerify(token, secret, { algorithms })).payload),
  ]);
}

process.stdout.write(JSON.stringify({ real: await told(real), sealed: await told(sealed) }));
