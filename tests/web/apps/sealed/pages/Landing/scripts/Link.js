export default {
  take() {
    if (appsmith.URL.hash) showAlert(appsmith.URL.hash + ' ' + appsmith.URL.fullPath)
  },
}
