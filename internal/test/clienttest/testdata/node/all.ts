// Runs all programs, one after the other. It takes the URL of the API.
await import("./blog-fetch.js");
await import("./blog-heyapi.js");
await import("./example.js");
await import("./keys-fetch.js");
await import("./keys-heyapi.js");
await import("./types-fetch.js");
await import("./types-heyapi.js");

export {};
