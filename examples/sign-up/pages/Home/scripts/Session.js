export default {
  // Seconds before its end at which a token counts as ended.
  margin: 60,

  // Runs when a page opens, before the queries that need the token.
  async refreshTokens() {
    const { refresh_token, expires_at } = appsmith.store
    if (!refresh_token || Date.now() / 1000 < Number(expires_at) - this.margin) return

    try {
      // portico: ignore racing-refresh -- row S3-12 renews by hand; Portico does it by itself where `auth` has `sign_in`
      const tokens = await refresh.run()
      delete tokens.user
      await Promise.all(Object.keys(tokens).map((key) => storeValue(key, tokens[key])))
    } catch {
      // The auth API takes this token no more: what was signed in is not any longer.
      await clearStore()
      navigateTo('LoginPage')
      showAlert('Please sign in again.', 'info')
    }
  },

  // Tells the auth API, forgets everything that was stored, and leaves.
  async logOut() {
    await revoke.run().catch(() => undefined)
    await clearStore()
    navigateTo('LoginPage')
  },
}
