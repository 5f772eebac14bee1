// Brings back the last search when somebody returns to the list of patients in the same tab. The words
// stay in the tab: in an address they would reach histories and logs. Signing out forgets them.
const KEY = "patient-search"

export class SearchMemory {
  static startOn(root) {
    const form = root.querySelector("[data-search-memory]")
    if (form) {
      new SearchMemory(form).start()
    } else if (root.querySelector("[data-sign-in]")) {
      sessionStorage.removeItem(KEY)
    }
  }

  constructor(form) {
    this.form = form
    this.field = form.elements.query
  }

  start() {
    this.field.addEventListener("input", this.typed)
    document.addEventListener("DOMContentLoaded", this.recall)
  }

  stop() {
    this.field.removeEventListener("input", this.typed)
    document.removeEventListener("DOMContentLoaded", this.recall)
  }

  // After htmx, which begins to listen to the field at the same event.
  recall = () => {
    const words = sessionStorage.getItem(KEY)
    if (words && !this.field.value) {
      this.field.value = words
      this.field.dispatchEvent(new Event("input", { bubbles: true }))
    }
  }

  typed = () => sessionStorage.setItem(KEY, this.field.value)
}
