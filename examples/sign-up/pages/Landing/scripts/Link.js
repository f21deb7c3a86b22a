// portico: ignore unawaited-store -- row S3-7 as the seed has it
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
