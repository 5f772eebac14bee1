import { announce } from "./announce.js"
import { FeatureSession } from "./feature_session.js"
import { Notice } from "./notice.js"

/**
 * The button that opens Fullscript for one patient.
 * `stage` holds the one session that a page may have: the library's own elements share their ids.
 */
export class RecommendButton {
  constructor(element, tools, stage) {
    Object.assign(this, { element, tools, stage })
    this.button = element.querySelector("[data-fullscript-open]")
    this.notice = new Notice(element.querySelector("[data-fullscript-status]"))
    this.session = null
  }

  start() {
    this.button?.addEventListener("click", this.open)
  }

  stop() {
    this.button?.removeEventListener("click", this.open)
    this.session?.stop()
  }

  /** Opens once however often it is pressed; what another button of the page opened is closed first. */
  open = () => {
    if (!this.button || this.session || !this.mayOpen()) {
      return
    }
    this.stage.session?.stop()
    const { grantUrl, patientId, entrypoint, layout } = this.element.dataset
    this.session = new FeatureSession(this.tools, {
      element: this.element, grantUrl, patientId, entrypoint, layout, whenOver: this.ended,
    })
    this.stage.session = this.session
    this.notice.clear()
    this.session.start()
  }

  mayOpen() {
    const { patientId, entrypoint } = this.element.dataset
    return announce(this.element, "grant-requested", { patientId, entrypoint })
  }

  ended = ({ plan }) => {
    this.session = null
    this.stage.session = null
    if (plan === "stored") {
      this.notice.show({ title: "Treatment plan sent.", text: "It is kept with this patient.", tone: "calm" })
    }
    this.button.focus()
  }
}
