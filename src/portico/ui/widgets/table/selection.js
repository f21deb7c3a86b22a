// Selection: of one row or several, kept by key, told by place among the rows that are there.

// Places in the order, in the order in which they were selected.
function selectedPlaces(self) {
  if (!self.isSelectable) return [];
  const places = self.chosenRows === null ? defaultPlaces(self) : placesOfKeys(self, self.chosenRows.keys);
  return self.multiRowSelection ? places : places.slice(-1);
}

function defaultPlaces(self) {
  const given = self.multiRowSelection ? self.defaultSelectedRowIndices : [self.defaultSelectedRowIndex];
  const list = Array.isArray(given) ? given : [given];
  return placesAmong(self, list.map((place) => (isNothing(place) ? -1 : Number(place))));
}

const placesAmong = (self, places) => [...new Set(places)].filter((place) => Number.isInteger(place) && place in self.order);

function placesOfKeys(self, keys) {
  const { order } = self;
  const placeOf = new Map();
  for (const key of keys) placeOf.set(indexOf(self, key), -1);
  order.forEach((index, place) => {
    if (placeOf.has(index)) placeOf.set(index, place);
  });
  return [...placeOf.values()].filter((place) => place >= 0);
}

function select(self, places) {
  const list = Array.isArray(places) ? places : isNothing(places) ? [] : [places];
  self.chosenRows = { keys: placesAmong(self, list).map((place) => keyOf(self, self.order[place])), added: false };
}

function selectedRowOf(self, kit) {
  const place = self.selectedPlaces.at(-1);
  return place === undefined ? blankRow(self) : wholeRow(self, self.order[place], kit);
}

function selectedRowsOf(self, kit) {
  return self.multiRowSelection ? self.selectedPlaces.map((place) => wholeRow(self, self.order[place], kit)) : [];
}
