export default {
  async loginUser() {
    // Validate that both email and password fields are filled
    if (!emailInput.text || !passwordInput.text) {
      showAlert("Enter both email and password", "error");
      return { token: "", isLoggedIn: false };
    }

    try {
      // Call the login API query with the user-provided credentials
      const response = await login.run({
        email: emailInput.text,
        password: passwordInput.text
      });

      // If the API returns a token, store it and navigate to the Home page
      if (response.token) {
        await storeValue("access_token", response.token); // Store token for app-wide access
        navigateTo("Home"); // Redirect user after successful login
        return { token: response.token, isLoggedIn: true }; // Return token and status to be used as module outputs
      } else {
        showAlert("Login failed", "error");
        return { token: "", isLoggedIn: false };
      }
    } catch (e) {
      // Handle any API or network errors
      showAlert("Invalid credentials", "error");
      return { token: "", isLoggedIn: false };
    }
  }
};
