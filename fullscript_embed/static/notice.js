import { element } from "./element.js"

const NEW_TAB = { target: "_blank", rel: "noopener noreferrer" }

function control({ label, run, href, newTab }) {
  if (href) {
    return element("a", { class: "fullscript-button", "data-quiet": true, href, ...(newTab ? NEW_TAB : {}) }, label)
  }
  return element("button", { class: "fullscript-button", "data-quiet": true, type: "button", onclick: run }, label)
}

/** One message at a time in a live region: what happened, what to do, and the buttons for it. */
export class Notice {
  constructor(slot) {
    this.slot = slot
  }

  /** actions: [{ label, run }] for buttons, or [{ label, href, newTab }] for links. tone: "problem" or "calm". */
  show({ title, text = "", detail = "", tone = "problem", actions = [] }) {
    this.slot.replaceChildren(element("div", { class: "fullscript-notice", "data-tone": tone },
      element("p", {}, element("strong", {}, title), text ? ` ${text}` : ""),
      detail ? element("p", {}, element("code", {}, detail)) : null,
      actions.length ? element("div", { class: "fullscript-actions" }, ...actions.map(control)) : null))
  }

  clear() {
    this.slot.replaceChildren()
  }
}
