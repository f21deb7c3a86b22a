// better-auth with e-mail and password, its session as a cookie or as a bearer token, and JWTs of it.
// Everything is in memory. Argument: the port.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { bearer, jwt } from "better-auth/plugins";

const port = Number(process.argv[2]);
const tables = { user: [], session: [], account: [], verification: [], jwks: [] };

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  database: memoryAdapter(tables),
  emailAndPassword: { enabled: true },
  plugins: [bearer(), jwt()],
  rateLimit: { enabled: false },
  secret: randomBytes(32).toString("hex"),
  telemetry: { enabled: false },
});

createServer(toNodeHandler(auth)).listen(port, "127.0.0.1");
