// Tells the page around an error page what went wrong; the browser library throws it there.
const page = JSON.parse(document.getElementById("page").textContent)

if (page.targetOrigin) {
  window.parent.postMessage({ type: "serverError", payload: page.payload }, page.targetOrigin)
}
