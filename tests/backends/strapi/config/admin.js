const { randomBytes } = require("node:crypto");

const secret = () => randomBytes(32).toString("hex");

// The panel would have to be built. Its API, by which an administrator blocks users, is there without it.
module.exports = () => ({
  auth: { secret: secret() },
  apiToken: { salt: secret() },
  transfer: { token: { salt: secret() } },
  serveAdminPanel: false,
});
