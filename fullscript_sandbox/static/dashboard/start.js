import { CopyableValue } from "./copyable_value.js"

// On a telephone the tabs are scrolled sideways, and the present one may be out of sight.
document.querySelector(".app-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })

for (const element of document.querySelectorAll("[data-copyable]")) {
  new CopyableValue(element).start()
}
