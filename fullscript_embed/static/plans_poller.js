import { LiveFragment } from "./live_fragment.js"

const PACE = { pause: 1000, wakes: ["fullscript:event-stored"] } // ms; an event has to be seen within 2 s

/** Keeps the list of a patient's plans current, and what the page says of whether Fullscript knows the patient. */
export class PlansPoller extends LiveFragment {
  constructor(element) {
    super(element, { ...PACE, news: "The treatment plans of this patient have changed." })
  }

  show(html) {
    super.show(html)
    this.showLink()
  }

  showLink() {
    const { linked } = this.shown.dataset
    const patient = `[data-patient-id="${CSS.escape(this.element.dataset.patientId)}"]`
    for (const badge of document.querySelectorAll(`[data-fullscript-link]${patient} [data-linked]`)) {
      badge.hidden = badge.dataset.linked !== linked
    }
  }
}
