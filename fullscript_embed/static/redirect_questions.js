import { element } from "./element.js"

let asked = 0

function chooser(practitioners, id) {
  const options = practitioners.map(({ id: value, name }) => element("option", { value }, name))
  const nobody = practitioners.length > 1 ? [element("option", { value: "" }, "Choose a practitioner")] : []
  return element("p", {},
    element("label", { class: "fullscript-question-label", for: id }, "Whose plan is it?"),
    element("select", { class: "fullscript-question-field", id, name: "practitioner_id", required: true }, ...nobody, ...options))
}

function emailChoice(email, id) {
  return element("div", {},
    element("p", {}, "If Fullscript does not know this patient yet, it makes a new record with the address ",
      element("strong", {}, email), "."),
    element("p", { class: "fullscript-question-choice" },
      element("input", { type: "checkbox", id, name: "send_welcome_email", checked: true }),
      element("label", { for: id }, "Fullscript then sends a welcome e-mail to this address")))
}

/**
 * Asks what has to be known before a link can be made: whose plan it is, and whether a new patient is written
 * to. Delegate: questionsAnswered(answers) once, when the form is sent; closing it asks for nothing.
 */
export class RedirectQuestions {
  constructor(delegate, { practitioners, may_create: mayCreate, email }) {
    this.delegate = delegate
    const id = `fullscript-question-${++asked}`
    this.form = element("form", { method: "dialog" },
      practitioners.length ? chooser(practitioners, `${id}-practitioner`) : null,
      mayCreate ? emailChoice(email, `${id}-email`) : null,
      element("div", { class: "fullscript-actions" },
        element("button", { class: "fullscript-button", type: "submit" }, "Open in Fullscript"),
        element("button", { class: "fullscript-button", "data-quiet": true, type: "button", onclick: this.close }, "Cancel")))
    this.dialog = element("dialog", { class: "fullscript fullscript-question", "aria-labelledby": id },
      element("h2", { class: "fullscript-question-title", id }, "Before Fullscript opens"), this.form)
  }

  start(parent) {
    parent.append(this.dialog)
    this.form.addEventListener("submit", this.answered)
    this.dialog.addEventListener("close", this.stop)
    this.dialog.showModal()
  }

  stop = () => {
    this.form.removeEventListener("submit", this.answered)
    this.dialog.removeEventListener("close", this.stop)
    this.dialog.remove()
  }

  close = () => this.dialog.close()

  answered = () => {
    const { practitioner_id: practitioner, send_welcome_email: email } = this.form.elements
    this.delegate.questionsAnswered({
      ...(practitioner ? { "practitioner_id": practitioner.value } : {}),
      ...(email ? { "send_welcome_email": email.checked } : {}),
    })
  }
}
