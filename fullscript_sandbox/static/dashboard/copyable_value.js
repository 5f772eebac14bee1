const REVEAL_FAILED = "That did not work. Reload the page and try again."

// A value with buttons to copy it and, when it is a secret, to fetch and show or hide it.
export class CopyableValue {
  constructor(element) {
    this.element = element
    this.input = element.querySelector("input")
    this.mask = this.input.value
    this.url = element.dataset.revealUrl
    this.revealButton = element.querySelector("[data-reveal]")
  }

  start() {
    this.element.addEventListener("click", this.buttonPressed)
  }

  stop() {
    this.element.removeEventListener("click", this.buttonPressed)
  }

  buttonPressed = ({ target }) => {
    if (target.matches("[data-copy]")) {
      return this.copy()
    }
    return target.matches("[data-reveal]") && this.toggle()
  }

  async copy() {
    const value = await this.value()
    if (!value) {
      return
    }
    try {
      await navigator.clipboard.writeText(value)
      this.say("Copied.")
    } catch {
      this.show(value)
      this.input.select()
      this.say("Press Ctrl+C or ⌘C to copy.")
    }
  }

  async toggle() {
    if (this.revealButton.textContent === "Hide") {
      this.show(null)
      return
    }
    this.show(await this.value())
  }

  show(value) {
    this.input.value = value ?? this.mask
    if (this.revealButton) {
      this.revealButton.textContent = value ? "Hide" : "Reveal"
      const label = this.revealButton.getAttribute("aria-label")
      this.revealButton.setAttribute("aria-label", label.replace(/^\w+/u, this.revealButton.textContent))
    }
  }

  async value() {
    if (!this.url) {
      return this.input.value
    }
    const form = this.element.querySelector("form")
    const answer = await fetch(this.url, { method: "POST", body: new FormData(form) }).catch(() => null)
    if (!answer?.ok) {
      this.say(REVEAL_FAILED)
      return null
    }
    const { value } = await answer.json()
    return value
  }

  say(words) {
    this.element.querySelector("[data-status]").textContent = words
  }
}
