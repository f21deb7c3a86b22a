// A script object: its functions are called by the name of the file, as in {{ Account.since() }}.
export default {
  since() {
    const created = getProfile.data?.createdAt
    return created ? new Date(created).toDateString() : ''
  },
}
