// Swagger UI on the document beside this page. Every address is relative, so that the page works behind a stage or a
// base path, and none is anybody else's.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
