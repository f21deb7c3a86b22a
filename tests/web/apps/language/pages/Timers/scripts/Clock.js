export default {
  count: 0,
  id: '',
  start() {
    this.id = setInterval(() => { this.count += 1 }, 300)
  },
  stop() {
    clearInterval(this.id)
  },
}
