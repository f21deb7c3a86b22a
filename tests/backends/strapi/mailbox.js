// Keeps mails, one line of JSON each, in the file `mails` instead of sending them.

const { appendFile } = require("node:fs/promises");

module.exports = { init: () => ({ send: (mail) => appendFile("mails", `${JSON.stringify(mail)}\n`) }) };
