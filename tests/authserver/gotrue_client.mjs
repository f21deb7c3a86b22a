// Runs @supabase/auth-js through the life of an account and prints what it got, as JSON.
// Arguments: the folder whose node_modules has the package, and the server's address.

import { createRequire } from "node:module";

const [, , modules, url] = process.argv;
const { GoTrueClient } = createRequire(`${modules}/`)("@supabase/auth-js");

const wire = [];
const clients = [];

async function watched(input, init) {
  const answer = await fetch(input, init);
  wire.push({
    call: `${init.method} ${new URL(input).pathname}`,
    status: answer.status,
    code: answer.headers.get("x-sb-error-code"),
  });
  return answer;
}

function newClient() {
  const client = new GoTrueClient({
    url,
    headers: { apikey: "anon", Authorization: "Bearer anon" },
    autoRefreshToken: false,
    persistSession: false,
    detectSessionInUrl: false,
    storageKey: `client-${clients.length}`,
    fetch: watched,
  });
  clients.push(client);
  return client;
}

function told(error) {
  if (!error) return null;
  const { name, status, code, message, reasons } = error;
  return { name, status, code, message, reasons };
}

function seen({ data, error }) {
  return { user: data?.user ?? null, session: data?.session ?? null, error: told(error) };
}

async function signedIn(email, password) {
  const client = newClient();
  const answer = await client.signInWithPassword({ email, password });
  return { client, ...answer.data };
}

const account = { email: "ben@example.com", password: "open sesame" };
const first = newClient();
const got = {};

got.weak = seen(await first.signUp({ ...account, password: "12345" }));
got.signUp = seen(await first.signUp({ ...account, options: { data: { name: "Ben" } } }));
got.duplicate = seen(await newClient().signUp(account));
got.wrong = seen(await newClient().signInWithPassword({ ...account, password: "wrong" }));
got.unknown = seen(await newClient().signInWithPassword({ ...account, email: "x@example.com" }));
got.signIn = seen(await first.signInWithPassword(account));
got.user = seen(await first.getUser());
got.claims = (await first.getClaims()).data.claims;
got.update = seen(await first.updateUser({ data: { city: "Ulm" } }));
got.samePassword = seen(await first.updateUser({ password: account.password }));

const used = got.signIn.session.refresh_token;
got.refresh = seen(await first.refreshSession());
const atOnce = await Promise.all([1, 2, 3, 4, 5].map(() => first.refreshSession()));
got.atOnce = atOnce.map((answer) => answer.data.session.refresh_token);
got.reuse = seen(await newClient().refreshSession({ refresh_token: used }));
got.afterReuse = seen(await first.getUser(got.refresh.session.access_token));

for (const scope of ["local", "others", "global"]) {
  const here = await signedIn(account.email, account.password);
  const elsewhere = await signedIn(account.email, account.password);
  const { error } = await here.client.signOut({ scope });
  got[scope] = {
    error: told(error),
    here: seen(await here.client.getUser(here.session.access_token)),
    elsewhere: seen(await elsewhere.client.getUser(elsewhere.session.access_token)),
    refresh: seen(await newClient().refreshSession({ refresh_token: elsewhere.session.refresh_token })),
    kept: (await here.client.getSession()).data.session !== null,
  };
}

console.log(JSON.stringify({ ...got, wire }));
