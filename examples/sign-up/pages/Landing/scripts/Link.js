      export default {
      continue: async () => {
        if(!appsmith.URL.fullPath.includes('#access_token')) return;
          appsmith.URL.fullPath.split('#')[1].split('&').forEach(i => {
          const [key, value] = i.split("=");
          storeValue(key,value);
        });
        navigateTo('Home')
      }
      }
