// Start

const moved = tellZone();
root.classList.add("js");
for (const form of document.forms) form.noValidate = true;
for (const element of all(".alert")) hold(element, LIFE);
refresh();
for (const ms of [200, 1000, 3000]) setTimeout(holdButtons, ms); // browsers fill in passwords late
adoptQuestion();
lookAfter();
focused(document.activeElement); // by autofocus, before we listened
if (page.load !== undefined || fragment || moved) post(null, "load", null, fragment ? { fragment } : {});
