// The life of an account through @supabase/auth-js, printed as JSON; gotrue_client.py is the same in Python.
// Arguments: the folder whose node_modules has the package, and the server's address.

import { createRequire } from "node:module";

const [, , modules, url] = process.argv;
const { GoTrueClient } = createRequire(`${modules}/`)("@supabase/auth-js");

const account = { email: "ben@example.com", password: "open sesame" };
const changed = { ...account, password: "another password" };
const wire = [];
let clients = 0;

async function watched(input, init) {
  const answer = await fetch(input, init);
  wire.push([`${init.method} ${new URL(input).pathname}`, answer.status, answer.headers.get("x-sb-error-code")]);
  return answer;
}

function newClient() {
  return new GoTrueClient({
    url,
    headers: { apikey: "anon", Authorization: "Bearer anon" },
    autoRefreshToken: false,
    persistSession: false,
    detectSessionInUrl: false,
    storageKey: `client-${clients++}`,
    fetch: watched,
  });
}

function told(error) {
  if (!error) return null;
  const { name, status, code = null, message, reasons = [] } = error;
  return { name, status, code, message, reasons };
}

function seen({ data, error }) {
  return { user: data?.user ?? null, session: data?.session ?? null, error: told(error) };
}

async function signedIn(credentials) {
  const client = newClient();
  const { data } = await client.signInWithPassword(credentials);
  return { client, ...data.session };
}

async function keeps(client) {
  return (await client.getSession()).data.session !== null;
}

async function userOf(token) {
  return seen(await newClient().getUser(token));
}

async function refreshed(token) {
  return seen(await newClient().refreshSession({ refresh_token: token }));
}

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
got.address = seen(await first.updateUser({ email: "new@example.com" }));
got.samePassword = seen(await first.updateUser({ password: account.password }));

const used = got.signIn.session.refresh_token;
got.refresh = seen(await first.refreshSession());
got.replay = await refreshed(used);
got.again = seen(await first.refreshSession());
got.reuse = await refreshed(used);
got.deadUser = await userOf(got.again.session.access_token);
got.deadRefresh = await refreshed(got.again.session.refresh_token);
got.deadSignOut = { error: told((await first.signOut()).error), kept: await keeps(first) };

const [changing, forgotten] = [await signedIn(account), await signedIn(account)];
got.newPassword = seen(await changing.client.updateUser({ password: changed.password }));
got.stays = await userOf(changing.access_token);
got.forgotten = await userOf(forgotten.access_token);
got.oldPassword = seen(await newClient().signInWithPassword(account));

for (const scope of ["local", "others", "global"]) {
  const [here, elsewhere] = [await signedIn(changed), await signedIn(changed)];
  const { error } = await here.client.signOut({ scope });
  got[scope] = {
    error: told(error),
    kept: await keeps(here.client),
    here: await userOf(here.access_token),
    hereRefresh: await refreshed(here.refresh_token),
    elsewhere: await userOf(elsewhere.access_token),
    elsewhereRefresh: await refreshed(elsewhere.refresh_token),
  };
}

const { client } = await signedIn(changed);
const atOnce = await Promise.all([1, 2, 3, 4, 5].map(() => client.refreshSession()));
got.atOnce = atOnce.map((answer) => answer.data.session.refresh_token);

console.log(JSON.stringify({ ...got, wire }));
