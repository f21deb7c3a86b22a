const { randomBytes } = require("node:crypto");

module.exports = () => ({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  app: { keys: [randomBytes(32).toString("hex")] },
  // It would ask the package registry for a newer Strapi.
  logger: { updates: { enabled: false } },
});
