/** What Fullscript says about a patient's fields, shown beside them wherever the page has a place for it. */
export class FieldProblems {
  constructor(patientId) {
    this.places = `[data-fullscript-field][data-patient-id="${CSS.escape(patientId ?? "")}"]`
  }

  /** fields: [{ field, message }]; those without a place on the page are said in the notice alone. */
  show(fields) {
    this.clear()
    for (const { field, message } of fields) {
      for (const place of document.querySelectorAll(this.places)) {
        if (place.dataset.fullscriptField === field) {
          place.textContent = [place.textContent, message].filter(Boolean).join(". ")
        }
      }
    }
  }

  clear() {
    for (const place of document.querySelectorAll(this.places)) {
      place.textContent = ""
    }
  }
}
