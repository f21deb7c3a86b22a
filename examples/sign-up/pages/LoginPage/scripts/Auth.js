// portico: ignore silent-sign-in, unawaited-store -- row S3-9 as the seed has it
export default {
    signin: () =>{
      return sign_in.run()
        .then(data => {
        delete data.user;
        Object.keys(data).forEach(i => {
          storeValue(i, data[i]);
        })
      })
        .then(() => navigateTo('Home'));
    },
}
