export default {
  async wipe(what) {
    return what
  },
}
