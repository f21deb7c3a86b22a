export default {
  started: null,
  say() {
    this.started = new Map()
    console.log('said', NameInput.text, SecretInput.text)
    console.warn('a warning')
  },
  fail() {
    return this.missing.property
  },
}
