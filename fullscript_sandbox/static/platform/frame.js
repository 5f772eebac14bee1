// Starts the platform inside an Embed frame: signed in by the key in the page, telling the page around.
import { html, render } from "../vendor/htm/preact/standalone.module.js"
import { App } from "./app.js"
import { ParentPage } from "./session/parent_page.js"
import { PlatformApi } from "./session/platform_api.js"

const page = JSON.parse(document.getElementById("page").textContent)
const api = new PlatformApi({ headers: { Authorization: `Frame ${page.frameKey}` }, credentials: "omit" })
const around = new ParentPage(page)
const root = document.getElementById("platform")

root.replaceChildren()
render(html`<${App} api=${api} around=${around} />`, root)
