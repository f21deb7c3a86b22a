  // A value as JSON that also tells what JSON does not know; the same text here and in Node.
  told(value) {
    const tell = (each, depth) => {
      if (each === undefined) return { $: "undefined" };
      if (typeof each === "number" && !Number.isFinite(each)) return { $: String(each) };
      if (typeof each === "bigint") return { $: "bigint", v: String(each) };
      if (typeof each === "function") return { $: "function" };
      if (each === null || typeof each !== "object") return each;
      if (depth > 12) return { $: "deep" };
      if (each instanceof Date) return { $: "date", v: String(each.getTime()) };
      if (each._isAMomentObject) return { $: "moment", v: each.toISOString() };
      if (typeof each.then === "function") return { $: "promise" };
      if (Array.isArray(each)) return Array.from(each, (item) => tell(item, depth + 1));
      const found = {};
      for (const key of Object.keys(each).sort()) found[key] = tell(each[key], depth + 1);
      return found;
    };
    return JSON.stringify(tell(value, 0));
  },
  // What a snippet gives, or that it fails.
  tried(snippet) {
    try {
      return this.told(snippet());
    } catch (error) {
      return JSON.stringify({ $: "error" });
    }
  },
