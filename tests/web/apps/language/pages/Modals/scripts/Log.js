export default {
  closed: 0,
  note() {
    this.closed += 1
  },
}
