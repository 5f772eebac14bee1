import { announce } from "./announce.js"
import { Notice } from "./notice.js"
import { showRefusal } from "./refusal_notice.js"

const FRESH = 30 // s; opening a chart twice in a row asks Fullscript once
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" })

function said({ linked, checked_at: at, changed, complete }) {
  if (!linked) {
    return "Nobody has linked this patient to Fullscript yet, so there is nothing to check."
  }
  const news = changed ? ` ${changed} ${changed === 1 ? "was" : "were"} different.` : ""
  const rest = complete ? "" : " There is more to fetch: check again in a moment."
  return `Checked with Fullscript ${MOMENT.format(new Date(at))}.${news}${rest}`
}

/**
 * Compares what the page shows with Fullscript, after it has loaded (unless `data-on-demand` is there) and when
 * somebody asks for it, and says when that was. Announces `fullscript:checked` with { changed, linked }.
 */
export class PlanCheck {
  constructor(element, tools) {
    Object.assign(this, { element, tools })
    this.words = element.querySelector("[data-fullscript-check-words]")
    this.button = element.querySelector("[data-fullscript-check-now]")
    this.notice = new Notice(element.querySelector("[data-fullscript-status]"))
  }

  start() {
    this.button.addEventListener("click", this.checkNow)
    if (!("onDemand" in this.element.dataset)) {
      this.check(FRESH)
    }
  }

  stop() {
    this.button.removeEventListener("click", this.checkNow)
  }

  checkNow = () => this.check(0)

  async check(maxAge) {
    if (this.element.ariaBusy === "true") {
      return
    }
    this.isBusy(true)
    this.notice.clear()
    const { url, first } = this.element.dataset
    await this.tools.backend.post(url, { "max_age": maxAge, first: first ?? null }).then(this.done, this.failed)
    this.isBusy(false)
  }

  isBusy(busy) {
    this.element.ariaBusy = String(busy)
    this.button.setAttribute("aria-disabled", String(busy))
    this.button.textContent = busy ? "Checking with Fullscript…" : "Check now"
  }

  done = (check) => {
    this.element.dataset.state = "checked"
    this.words.textContent = said(check)
    announce(this.element, "checked", { changed: check.changed, linked: check.linked })
  }

  failed = (refusal) => {
    this.element.dataset.state = "failed"
    showRefusal(this.notice, refusal, { onward: this.tools.onward, retry: this.checkNow })
    announce(this.element, "check-failed", { code: refusal.code })
  }
}
