// Sign-ins by links, codes and a provider through @supabase/auth-js, printed as JSON;
// gotrue_flows_client.py is the same in Python. Arguments: the folder whose node_modules has the package, the
// server's address, and that of its pages.

import { createRequire } from "node:module";

const [, , modules, url, here] = process.argv;
const { GoTrueClient } = createRequire(`${modules}/`)("@supabase/auth-js");
const back = "http://localhost:3000/back";
let clients = 0;

function memory() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

function newClient(flowType) {
  return new GoTrueClient({
    url,
    headers: { apikey: "anon", Authorization: "Bearer anon" },
    autoRefreshToken: false,
    persistSession: true,
    detectSessionInUrl: false,
    storage: memory(),
    storageKey: `client-${clients++}`,
    flowType,
  });
}

function seen({ data, error }) {
  const told = error && { name: error.name, status: error.status, code: error.code ?? null, message: error.message };
  return { email: data?.user?.email ?? null, signedIn: !!data?.session, error: told };
}

async function mail(to) {
  return (await (await fetch(`${here}/_mails.json?to=${encodeURIComponent(to)}`)).json())[0];
}

async function clicked(link) {
  return new URL((await fetch(link, { redirect: "manual" })).headers.get("location"));
}

async function consented(address) {
  const begun = await fetch(address, { redirect: "manual" });
  const cookie = begun.headers.get("set-cookie").split(";")[0];
  const page = new URL(begun.headers.get("location"), address);
  const person = { account: "nora", name: "Nora", email: "nora@example.com", verified: "yes", decision: "allow" };
  const body = new URLSearchParams([...page.searchParams, ...Object.entries(person)]);
  const decided = await fetch(page.origin + page.pathname, { method: "POST", body, redirect: "manual" });
  const callback = new URL(decided.headers.get("location"), address);
  const arrived = await fetch(callback, { headers: { cookie }, redirect: "manual" });
  return new URL(arrived.headers.get("location"));
}

const got = {};

const byProvider = newClient("pkce");
const begun = await byProvider.signInWithOAuth({
  provider: "github",
  options: { redirectTo: back, skipBrowserRedirect: true },
});
const arrived = await consented(begun.data.url);
const code = arrived.searchParams.get("code");
got.provider = seen(await byProvider.exchangeCodeForSession(code));
const replaying = newClient("pkce");
await replaying.signInWithOAuth({ provider: "github", options: { skipBrowserRedirect: true } });
got.providerReplay = seen(await replaying.exchangeCodeForSession(code));

const byCode = newClient("implicit");
got.otp = seen(await byCode.signInWithOtp({ email: "ben@example.com" }));
const { code: token } = await mail("ben@example.com");
const wrong = String((Number(token) + 1) % 1_000_000).padStart(6, "0");
got.otpWrong = seen(await byCode.verifyOtp({ email: "ben@example.com", token: wrong, type: "email" }));
got.otpRight = seen(await byCode.verifyOtp({ email: "ben@example.com", token, type: "email" }));
got.otpAgain = seen(await byCode.verifyOtp({ email: "ben@example.com", token, type: "email" }));
got.otpUser = seen(await byCode.getUser());

const byLink = newClient("pkce");
got.link = seen(
  await byLink.signInWithOtp({ email: "carla@example.com", options: { emailRedirectTo: back } }),
);
const linked = await clicked((await mail("carla@example.com")).link);
got.linkPlace = linked.origin + linked.pathname;
got.linkSession = seen(await byLink.exchangeCodeForSession(linked.searchParams.get("code")));

const byHash = newClient("implicit");
await byHash.signInWithOtp({ email: "dora@example.com" });
const hash = new URL((await mail("dora@example.com")).link).searchParams.get("token");
got.hash = seen(await byHash.verifyOtp({ token_hash: hash, type: "email" }));

const implicit = newClient("implicit");
await implicit.signInWithOtp({ email: "emil@example.com", options: { emailRedirectTo: back } });
const landed = await clicked((await mail("emil@example.com")).link);
const said = new URLSearchParams(landed.hash.slice(1));
got.implicit = seen(
  await implicit.setSession({
    access_token: said.get("access_token"),
    refresh_token: said.get("refresh_token"),
  }),
);

const recovering = newClient("pkce");
got.recover = seen(await recovering.resetPasswordForEmail("anna@example.com", { redirectTo: back }));
got.recoverUnknown = seen(await recovering.resetPasswordForEmail("nobody@example.com"));
const recovery = newClient("pkce");
await recovery.resetPasswordForEmail("anna@example.com", { redirectTo: back });
const recovered = await clicked((await mail("anna@example.com")).link);
got.recovered = seen(await recovery.exchangeCodeForSession(recovered.searchParams.get("code")));
got.changed = seen(await recovery.updateUser({ password: "a new password" }));
got.signIn = seen(
  await newClient("implicit").signInWithPassword({ email: "anna@example.com", password: "a new password" }),
);

console.log(JSON.stringify(got));
