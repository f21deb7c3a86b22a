export default {
  steps: [],
  async begin() {
    this.steps.push('begin')
    if (appsmith.URL.queryParams.to) navigateTo(appsmith.URL.queryParams.to)
    if (appsmith.URL.queryParams.say) { showAlert('said at load'); storeValue('seen', true) }
    if (appsmith.URL.queryParams.slow) { await pause.run(); showAlert('slow is done') }
    this.steps.push('begun')
  },
  after() {
    this.steps.push('after ' + word.data?.word)
  },
}
