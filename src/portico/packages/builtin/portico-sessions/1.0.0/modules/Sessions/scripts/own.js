export default {
  async load() {
    return auth.sessions.list();
  },
  async end(session) {
    await auth.sessions.end(session.id);
    if (session.current) return;
    showAlert(session.browser + " was signed out", "success");
    await this.load();
  },
  async endOthers() {
    const count = await auth.sessions.endOthers();
    showAlert(count === 1 ? "One other session was ended" : count + " other sessions were ended", "success");
    await this.load();
  },
};
