import { element } from "./element.js"
import { Notice } from "./notice.js"

let opened = 0

/**
 * Where a feature is shown: "modal" and "page" are native dialogs, "fixed" is a part of the page.
 * The feature fills the mount point, whose id no other element of the page has.
 * Delegate: surfaceDismissed() when somebody closes it, helpWanted() for "Not showing?".
 */
export class Surface {
  constructor(delegate, { layout, parent }) {
    Object.assign(this, { delegate, layout, parent })
    const id = ++opened
    this.mountPoint = element("div", { class: "fullscript-mount", id: `fullscript-mount-${id}` })
    this.help = element("button", { class: "fullscript-link", type: "button", hidden: true, onclick: this.helpPressed }, "Not showing?")
    const slot = element("div", { class: "fullscript-notice-slot", role: "alert" })
    this.notice = new Notice(slot)
    this.root = element(this.isDialog ? "dialog" : "section",
      { class: "fullscript-surface", "data-layout": layout, "aria-labelledby": `fullscript-title-${id}`, tabindex: "-1" },
      this.bar(`fullscript-title-${id}`), slot, this.mountPoint)
  }

  get isDialog() {
    return this.layout !== "fixed"
  }

  bar(titleId) {
    return element("div", { class: "fullscript-bar" },
      element("h2", { class: "fullscript-bar-title", id: titleId }, "Fullscript"),
      this.help,
      element("button", { class: "fullscript-button", "data-quiet": true, type: "button", onclick: this.dismissed }, "Close"))
  }

  open() {
    this.parent.append(this.root)
    this.root.addEventListener("cancel", this.cancelled)
    if (this.isDialog) {
      this.root.showModal()
    } else {
      this.root.focus()
    }
  }

  close() {
    this.root.removeEventListener("cancel", this.cancelled)
    if (this.isDialog) {
      this.root.close()
    }
    this.root.remove()
  }

  /** While it waits, the mount point is marked busy and shows a quiet movement. */
  wait(waiting) {
    this.mountPoint.setAttribute("aria-busy", String(waiting))
  }

  offerHelp(offered) {
    this.help.hidden = !offered
  }

  dismissed = () => this.delegate.surfaceDismissed()

  helpPressed = () => this.delegate.helpWanted()

  /** Escape is pressed by accident too, and what is open in the frame would be gone. So it asks. */
  cancelled = (event) => {
    event.preventDefault()
    this.notice.show({
      title: "Close Fullscript?",
      text: "What you have not saved or sent there is lost.",
      tone: "calm",
      actions: [
        { label: "Close Fullscript", run: this.dismissed },
        { label: "Keep working", run: () => this.notice.clear() },
      ],
    })
    this.notice.slot.querySelector("button").focus()
  }
}
