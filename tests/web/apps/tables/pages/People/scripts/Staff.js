const names = ['Ada', 'Grace', 'Alan', 'Linus', 'Margaret', 'Barbara', 'Edsger', 'Donald', 'Ken', 'Dennis', 'Radia', 'Tim']

export default {
  rows: names.map((name, at) => ({ id: at + 1, name, age: 30 + at, active: at % 2 === 0, role: at === 0 ? 'admin' : 'viewer', since: `2024-0${1 + (at % 9)}-15` })),
  log: '',
  say(text) {
    this.log = text
    showAlert(text)
  },
  save(row) {
    if (row.name === 'fail') throw new Error('no')
    this.rows = this.rows.map((one) => (one.id === row.id ? row : one))
    this.say('saved ' + JSON.stringify(row))
  },
  add(row) {
    this.rows = [...this.rows, { id: 100, ...row }]
    this.say('added ' + JSON.stringify(row))
  },
  remove(row, index) {
    this.rows = this.rows.filter(({ id }) => id !== row.id)
    this.say(`removed ${row.name} at ${index}`)
  },
}
