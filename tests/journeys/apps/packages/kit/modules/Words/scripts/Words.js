export default {
  greet(name, greeting = "Hello") {
    return `${greeting} ${name}`;
  }
};
