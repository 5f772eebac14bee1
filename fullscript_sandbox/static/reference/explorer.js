/* Draws the API's description with Swagger UI, which the page has loaded before this module. */

/* global SwaggerUIBundle */

const place = document.getElementById("explorer")
const draw = SwaggerUIBundle

draw({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
})
