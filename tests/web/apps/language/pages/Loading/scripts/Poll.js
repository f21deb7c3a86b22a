export default {
  ticks: 0,
  start() {
    setInterval(() => { this.ticks += 1 }, 300)
  },
}
