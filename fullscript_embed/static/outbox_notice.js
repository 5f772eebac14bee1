import { Notice } from "./notice.js"

const EVENTS = ["event-stored", "event-waiting", "error"]

/**
 * Says what became of what Fullscript reported, at the first button of the page. Nothing is said of an event
 * that is stored at the first try; on pages without a button the outbox works in silence.
 */
export class OutboxNotice {
  constructor(onward) {
    Object.assign(this, { onward, waited: false })
  }

  start() {
    for (const name of EVENTS) {
      document.addEventListener(`fullscript:${name}`, this.heard)
    }
  }

  stop() {
    for (const name of EVENTS) {
      document.removeEventListener(`fullscript:${name}`, this.heard)
    }
  }

  /** Errors of an open session start at its element and are shown there; the outbox speaks on the document. */
  heard = ({ target, type, detail, defaultPrevented }) => {
    const slot = document.querySelector("[data-fullscript-status]")
    if (target !== document || defaultPrevented || !slot) {
      return
    }
    const words = this.words(type, detail)
    if (words) {
      new Notice(slot).show(words)
    }
    this.waited = type === "fullscript:event-waiting"
  }

  words(type, { code, status, message }) {
    if (type === "fullscript:event-waiting") {
      return this.waiting(code, status === 401)
    }
    if (type === "fullscript:event-stored") {
      return this.waited && { title: "Stored.", text: "What Fullscript reported is kept now.", tone: "calm" }
    }
    return {
      title: "A report from Fullscript was not accepted.",
      text: message || "It cannot be stored here, and was dropped.",
      detail: code,
    }
  }

  waiting(code, signedOut) {
    const text = code === "another_user"
      ? "Somebody else is signed in in this browser now. Sign in as before to store what Fullscript reported."
      : `Fullscript has it; this page keeps trying${signedOut ? " once you have signed in again" : ""}.`
    const actions = signedOut ? [{ label: "Sign in again", href: this.onward("reload") }] : []
    return { title: "Not stored here yet.", text, actions }
  }
}
