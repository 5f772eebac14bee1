import { element } from "./element.js"
import { newsSlot } from "./news_slot.js"
import { Notice } from "./notice.js"
import { showRefusal } from "./refusal_notice.js"

function asText(promise) {
  return promise.then((text) => new Blob([text], { type: "text/plain" }))
}

/** Copies the patient's own link to a plan. It is fetched when it is asked for, and stands in no page. */
export class InvitationLink {
  constructor(root, tools) {
    Object.assign(this, { element: root, tools })
    this.button = root.querySelector("button")
    this.slot = newsSlot(root)
    this.notice = new Notice(this.slot)
  }

  start() {
    this.button.addEventListener("click", this.copy)
  }

  stop() {
    this.button.removeEventListener("click", this.copy)
  }

  copy = async () => {
    this.button.disabled = true
    const link = this.tools.backend.post(this.element.dataset.url, {}).then(({ url }) => url)
    try {
      await this.write(link).catch(async () => this.showToCopy(await link))
    } catch (refusal) {
      showRefusal(this.notice, refusal, { onward: this.tools.onward, retry: this.copy })
    }
    this.button.disabled = false
  }

  /** The clipboard takes a promise, so that the wait for it does not cost the click its right to copy. */
  async write(link) {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": asText(link) })])
    this.notice.show({
      title: "The invitation link is copied.",
      text: "Whoever opens it is taken for the patient, so give it to nobody else.",
      tone: "calm",
    })
  }

  showToCopy(link) {
    this.notice.show({ title: "The browser did not let us copy.", text: "Copy the link from the field:", tone: "calm" })
    const field = element("input", {
      class: "fullscript-field", readonly: true, value: link, "aria-label": "Invitation link",
    })
    this.slot.append(field)
    field.select()
  }
}
