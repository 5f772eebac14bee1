import { isWebPage, openInNewTab } from "./new_tab.js"
import { newsSlot } from "./news_slot.js"
import { Notice } from "./notice.js"
import { Refusal } from "./refusal.js"
import { showRefusal } from "./refusal_notice.js"

/** Says that the patient's cart is emptied, then opens Fullscript's checkout in a new tab. */
export class OfficeCheckout {
  constructor(element, tools) {
    Object.assign(this, { element, tools })
    this.opener = element.querySelector("[data-fullscript-open-dialog]")
    this.dialog = element.querySelector("dialog")
    this.button = element.querySelector("[data-fullscript-confirm]")
    this.notice = new Notice(newsSlot(element))
  }

  start() {
    this.opener.addEventListener("click", this.ask)
    this.button.addEventListener("click", this.open)
  }

  stop() {
    this.opener.removeEventListener("click", this.ask)
    this.button.removeEventListener("click", this.open)
  }

  ask = () => {
    this.notice.clear()
    this.dialog.showModal()
  }

  open = async () => {
    this.button.disabled = true
    const { url } = this.element.dataset
    await this.tools.backend.post(url, {}).then(this.show, this.failed)
    this.button.disabled = false
    this.dialog.close()
  }

  show = ({ url }) => {
    if (!isWebPage(url)) {
      this.failed(new Refusal("unknown", { status: 502 }))
      return
    }
    const opened = openInNewTab(url)
    this.notice.show({
      title: "The checkout is ready at Fullscript.",
      text: opened ? "It opened in a new tab." : "The browser kept it from opening by itself.",
      tone: "calm",
      actions: opened ? [] : [{ label: "Open the checkout", href: url }],
    })
  }

  failed = (refusal) => {
    showRefusal(this.notice, refusal, { onward: this.tools.onward, retry: this.ask })
  }
}
