// The zones of moment-timezone are the server's. They are handed over one by one, when they are first named.
equipMoment = (moment) => {
  const own = moment.tz;
  const known = new Set();

  function hand(name) {
    const zone = typeof name === "string" && !known.has(name) ? zoneNamed(name) : undefined;
    if (zone === undefined) return;
    known.add(name);
    own.add(`${zone.name}|${zone.kinds[0].abbreviation}|0|0||`);
    const changes = zone.changesUntil(2037);
    const kinds = [zone.kinds[0], ...changes.map(([, kind]) => kind)];
    Object.assign(own.zone(zone.name), {
      abbrs: kinds.map(({ abbreviation }) => abbreviation),
      offsets: kinds.map(({ offset }) => -offset / MINUTE),
      untils: [...changes.map(([time]) => time), Infinity],
    });
  }

  const handing = (original) =>
    function (...args) {
      hand(args[0]);
      hand(args[args.length - 1]);
      return apply(original, this, args);
    };

  moment.fn.tz = handing(moment.fn.tz);
  moment.tz = Object.assign(handing(own), own, {
    zone: handing(own.zone),
    zoneExists: (name) => moment.tz.zone(name) !== null,
    setDefault: handing(own.setDefault),
    names: () => [...zoneLines.keys()].sort(),
    guess: () => hereZone().name,
  });
};
