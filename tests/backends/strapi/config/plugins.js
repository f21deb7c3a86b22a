const { randomBytes } = require("node:crypto");
const { resolve } = require("node:path");

// Two settings are those of `create-strapi`, the limit is off; a test may set others, as JSON.
module.exports = () => ({
  "users-permissions": {
    config: {
      jwtSecret: randomBytes(32).toString("hex"),
      jwtManagement: "refresh",
      sessions: { httpOnly: true },
      ratelimit: { enabled: false },
      ...JSON.parse(process.env.USERS_PERMISSIONS ?? "{}"),
    },
  },
  email: { config: { provider: resolve("mailbox.js") } },
});
