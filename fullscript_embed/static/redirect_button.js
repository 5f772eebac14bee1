import { adviceFor } from "./advice.js"
import { announce } from "./announce.js"
import { FieldProblems } from "./field_problems.js"
import { isWebPage, openInNewTab } from "./new_tab.js"
import { newsSlot } from "./news_slot.js"
import { Notice } from "./notice.js"
import { RedirectQuestions } from "./redirect_questions.js"
import { Refusal } from "./refusal.js"

/**
 * The button that opens Fullscript itself in a tab: asks for a fresh link each time it is pressed, and for
 * what has to be known first. Announces `fullscript:link-requested`, which may be prevented, and
 * `fullscript:link-opened`.
 */
export class RedirectButton {
  constructor(root, tools) {
    Object.assign(this, { element: root, tools })
    this.button = root.querySelector("[data-fullscript-open-tab]")
    this.notice = new Notice(newsSlot(root))
    this.problems = new FieldProblems(root.dataset.patientId)
    this.label = this.button?.textContent
    this.waits = false
  }

  start() {
    this.button?.addEventListener("click", this.pressed)
  }

  stop() {
    this.button?.removeEventListener("click", this.pressed)
    this.questions?.stop()
  }

  pressed = () => {
    const { patientId, entrypoint } = this.element.dataset
    if (announce(this.element, "link-requested", { patientId, entrypoint })) {
      this.open({})
    }
  }

  /** Asks for the link. *answers* are those that were given so far; what is still open is asked in a dialog. */
  async open(answers) {
    if (this.waits) {
      return
    }
    const { url, entrypoint, kind } = this.element.dataset
    this.notice.clear()
    this.problems.clear()
    this.wait(true)
    await this.tools.backend.post(url, { entrypoint, ...(kind ? { kind } : {}), ...answers })
      .then((answer) => this.understood(answer, answers))
      .catch((problem) => this.failed(problem, answers))
    this.wait(false)
  }

  wait(waits) {
    this.waits = waits
    this.button.setAttribute("aria-disabled", String(waits))
    this.button.textContent = waits ? "Asking Fullscript…" : this.label
  }

  understood({ link, questions }, answers) {
    if (questions) {
      this.given = answers
      this.questions = new RedirectQuestions(this, questions)
      this.questions.start(this.element)
    } else {
      this.opened(link)
    }
  }

  questionsAnswered(answers) {
    this.open({ ...this.given, ...answers })
  }

  opened({ url, kind }) {
    if (!isWebPage(url)) {
      throw new Refusal("unknown", { status: 502 })
    }
    const opened = openInNewTab(url)
    this.notice.show({
      title: opened ? "Fullscript is open in a new tab." : "Fullscript is ready.",
      text: opened ? "Come back here when you are done." : "Open it with the button below.",
      tone: "calm",
      actions: [{ label: opened ? "Not there? Open it" : "Open Fullscript", href: url, newTab: true }],
    })
    const { patientId } = this.element.dataset
    announce(this.element, "link-opened", { patientId, kind })
  }

  failed(problem, answers) {
    const refusal = problem instanceof Refusal ? problem : new Refusal("unknown", { detail: problem.message })
    const { patientId } = this.element.dataset
    if (announce(this.element, "error", { code: refusal.code, status: refusal.status, patientId })) {
      this.problems.show(refusal.fields)
      this.advise(refusal, answers)
    }
  }

  advise(refusal, answers) {
    const { action, ...words } = adviceFor(refusal)
    if (refusal.code === "patient_incomplete") {
      const said = refusal.fields.map(({ message }) => message).join(". ")
      this.notice.show({ ...words, text: `${said}.`, actions: this.waysToMend(answers) })
      return
    }
    this.notice.show({ ...words, actions: action ? [this.control(action, refusal)] : [] })
  }

  waysToMend(answers) {
    const { editUrl } = this.element.dataset
    const match = { label: "Find the patient in Fullscript", run: () => this.open({ ...answers, kind: "matching" }) }
    return editUrl ? [{ label: "Complete the patient's details", href: editUrl }, match] : [match]
  }

  control({ kind, label }, { connectUrl }) {
    if (kind === "retry") {
      return { label, run: () => this.open({}) }
    }
    return { label, href: this.tools.onward(kind, { connectUrl, opens: false }) }
  }
}
