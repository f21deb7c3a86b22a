// Pages: of the rows that are there, or of the server's making.

const LONGEST = 1000; // rows of a page, whoever asks for more
const SIZES = [10, 25, 50, 100, 200];

function authorsSize(self, kit) {
  const size = Math.trunc(Number(kit.given(self, "pageSize")));
  return size >= 1 ? Math.min(size, LONGEST) : SIZES[0];
}

// Without a way to turn them there is one page.
function pageSizeOf(self, kit) {
  return self.isVisiblePagination ? self.chosenSize ?? authorsSize(self, kit) : LONGEST;
}

const sizesOf = (self, kit) => [...new Set([...SIZES, authorsSize(self, kit)])].sort((one, other) => one - other);

// What a page was chosen of: with another search, filter, order or size the first page is shown again.
function stampOf(self) {
  return fingerprint([self.searchText, self.filters, self.sortOrder, self.pageSize]);
}

// How many rows there are in all; null where only the server knows.
function totalOf(self) {
  if (!self.serverSidePaginationEnabled) return self.order.length;
  const total = Math.trunc(Number(self.totalRecordsCount));
  return total > 0 ? total : null;
}

function pagesOf(self) {
  return self.total === null ? null : Math.max(Math.ceil(self.total / self.pageSize), 1);
}

function pageNoOf(self) {
  const { page, stamp } = self.chosenPage ?? {};
  const chosen = stamp === self.stamp ? page : 1;
  return self.pages === null ? chosen : Math.min(chosen, self.pages);
}

// The indices of the rows that are shown.
function onPage(self) {
  const start = self.serverSidePaginationEnabled ? 0 : (self.pageNo - 1) * self.pageSize;
  return self.order.slice(start, start + self.pageSize);
}
