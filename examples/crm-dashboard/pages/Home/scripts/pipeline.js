export default {
  deals() {
    const rows = Array.isArray(customers.data) ? customers.data : [];
    return rows.filter((one) => !["won", "lost"].includes(one.stage));
  },
  total() {
    const sum = this.deals().reduce((total, one) => total + one.value, 0);
    return sum.toLocaleString(undefined, { style: "currency", currency: "EUR", maximumFractionDigits: 0 });
  }
};
