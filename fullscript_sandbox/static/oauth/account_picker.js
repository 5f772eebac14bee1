// Fills the sign-in form with an account of the sandbox that was chosen from the list.
export class AccountPicker {
  constructor(element, form) {
    this.element = element
    this.form = form
  }

  start() {
    this.element.addEventListener("click", this.accountChosen)
  }

  stop() {
    this.element.removeEventListener("click", this.accountChosen)
  }

  accountChosen = ({ target }) => {
    const person = target.closest("[data-email]")
    if (!person) {
      return
    }
    this.form.elements.email.value = person.dataset.email
    this.form.elements.password.value = this.element.dataset.password
    this.form.querySelector("button.btn-primary").focus()
  }
}
