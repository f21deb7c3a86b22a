// Strapi with its plugin users-permissions; the project is what lies beside this. Argument: the port.

process.env.STRAPI_TELEMETRY_DISABLED = "true";
require("@strapi/strapi").createStrapi().start();
