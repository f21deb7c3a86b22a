export default {
  async loginUser() {
    if (!emailInput.text || !passwordInput.text) {
      showAlert("Enter both email and password", "error");
      return { token: "", isLoggedIn: false };
    }

    try {
      // GoTrue answers {access_token, refresh_token, user, ...}; what is not needed is not kept.
      const { access_token: token } = await login.run();
      if (!token) throw new Error("The sign-in service answered without a token");
      await storeValue("access_token", token);
      navigateTo("Home");
      return { token, isLoggedIn: true };
    } catch (error) {
      // GoTrue's own words tell a wrong password from an address that is not confirmed yet.
      showAlert(error.message, "error");
      return { token: "", isLoggedIn: false };
    }
  }
};
