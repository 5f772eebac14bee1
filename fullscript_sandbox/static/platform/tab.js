// Starts the platform in the tab of a redirect link: signed in by the browser's session, for that link.
import { html, render } from "../vendor/htm/preact/standalone.module.js"
import { App } from "./app.js"
import { OwnTab } from "./session/own_tab.js"
import { PlatformApi } from "./session/platform_api.js"

const page = JSON.parse(document.getElementById("page").textContent)
const headers = { "X-Redirect-Link": page.link, "X-CSRFToken": page.csrfToken }
const api = new PlatformApi({ headers, credentials: "same-origin" })
const root = document.getElementById("platform")

root.replaceChildren()
render(html`<${App} api=${api} around=${new OwnTab()} />`, root)
