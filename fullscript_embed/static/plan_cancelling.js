import { announce } from "./announce.js"
import { newsSlot } from "./news_slot.js"
import { Notice } from "./notice.js"
import { showRefusal } from "./refusal_notice.js"

/** Asks whether a plan is to be cancelled, and cancels it. Announces `fullscript:plan-cancelled`. */
export class PlanCancelling {
  constructor(element, tools) {
    Object.assign(this, { element, tools })
    this.opener = element.querySelector("[data-fullscript-open-dialog]")
    this.dialog = element.querySelector("dialog")
    this.button = element.querySelector("[data-fullscript-confirm]")
    this.notice = new Notice(newsSlot(element))
  }

  start() {
    this.opener.addEventListener("click", this.ask)
    this.button.addEventListener("click", this.cancel)
  }

  stop() {
    this.opener.removeEventListener("click", this.ask)
    this.button.removeEventListener("click", this.cancel)
  }

  ask = () => {
    this.notice.clear()
    this.dialog.showModal()
  }

  cancel = async () => {
    this.button.disabled = true
    const { url } = this.element.dataset
    await this.tools.backend.post(url, {}).then(this.done, this.failed)
    this.button.disabled = false
    this.dialog.close()
  }

  done = ({ was_before: wasBefore }) => {
    const text = wasBefore
      ? "Somebody had cancelled it already."
      : "The patient cannot order from it any more."
    this.notice.show({ title: "The plan is cancelled.", text, tone: "calm" })
    announce(this.element, "plan-cancelled", { planId: this.element.dataset.planId })
    announce(this.element, "checked", { changed: 1, linked: true })
  }

  failed = (refusal) => {
    showRefusal(this.notice, refusal, { onward: this.tools.onward, retry: this.ask })
    announce(this.element, "checked", { changed: 1, linked: true })
  }
}
