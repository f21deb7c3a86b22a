export default {
  double(n) {
    return n * 2
  },
}
