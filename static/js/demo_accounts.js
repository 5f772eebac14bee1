// Fills the sign-in form with a demo account at one click. On the page in demo mode only.
export class DemoAccounts {
  static startOn(root) {
    const list = root.querySelector("[data-demo-accounts]")
    if (list) {
      new DemoAccounts(list).start()
    }
  }

  constructor(list) {
    this.list = list
    this.form = list.ownerDocument.querySelector("[data-sign-in]")
  }

  start() {
    this.list.addEventListener("click", this.chosen)
  }

  stop() {
    this.list.removeEventListener("click", this.chosen)
  }

  chosen = ({ target }) => {
    const account = target.closest("[data-email]")
    if (account) {
      this.form.elements.email.value = account.dataset.email
      this.form.elements.password.value = this.list.dataset.demoAccounts
      this.form.querySelector("[type=submit]").focus()
    }
  }
}
