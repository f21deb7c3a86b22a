// The browser's time zone, for the server: a page that was computed for another is brought up to date.

// Whether the server has to be asked for the page anew.
function tellZone() {
  const zone = zoneAs(undefined);
  const pair = "tz=" + zone;
  const told = () => document.cookie.split("; ").includes(pair);
  if (!zone || told()) return false;
  document.cookie = `${pair}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  return page.zone !== undefined && zoneAs(page.zone) !== zone && told();
}

// Zones have several names; a browser settles on one.
function zoneAs(timeZone) {
  try {
    return Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return timeZone;
  }
}
