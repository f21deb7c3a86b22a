export default {
  all() {
    return `${words.greet()}, ${inputs.count} times`;
  }
};
