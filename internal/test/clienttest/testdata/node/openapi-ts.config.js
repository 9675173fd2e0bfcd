// hey-api looks for tsconfig.json beside its own packages, which are not in this folder in the tests.
export default {
  input: "openapi.json",
  output: { path: "heyapi", module: { extension: ".js" } },
};
