import { adviceFor } from "./advice.js"
import { announce } from "./announce.js"
import { EmbedFeature } from "./embed_feature.js"
import { FrameObserver } from "./frame_observer.js"
import { PolicyObserver } from "./policy_observer.js"
import { Refusal } from "./refusal.js"
import { Surface } from "./surface.js"

const MOST_RENEWALS = 2
const HELP_AFTER = 8000 // ms; the frame says nothing of its own accord, so silence alone is no alarm
const ANNOUNCED = {
  "patient.selected": "patient-selected",
  "treatmentPlan.activated": "treatment-plan-activated",
}

/**
 * One opening of Fullscript for one patient: grant, feature, what it reports, what goes wrong, the end.
 * tools: { backend, library, outbox, onward(kind) -> url }. Calls whenOver(result) once, with
 * { plan: "stored" | "waiting" | "refused" | null }.
 */
export class FeatureSession {
  constructor(tools, { element, grantUrl, patientId, entrypoint, layout, whenOver }) {
    Object.assign(this, { tools, element, grantUrl, patientId, entrypoint, whenOver })
    this.surface = new Surface(this, { layout, parent: element })
    this.policy = new PolicyObserver(this, [new URL(tools.library.url, location.href).origin])
    this.renewals = 0
    this.turn = 0 // of opening; what an earlier turn still waits for no longer counts
    this.over = false
  }

  async start() {
    this.policy.start()
    this.surface.open()
    await this.open()
  }

  stop(result = { plan: null }) {
    if (this.over) {
      return
    }
    this.over = true
    this.policy.stop()
    this.clear()
    this.surface.close()
    announce(this.element, "closed")
    this.whenOver(result)
  }

  /** Asks for the grant as late as can be: it lasts 120 s and opens one frame (the guide: session grants). */
  open = async () => {
    const turn = ++this.turn
    this.clear()
    this.blocked = null
    this.surface.notice.clear()
    this.surface.wait(true)
    try {
      await this.tools.library.load()
      const grant = await this.tools.backend.post(this.grantUrl, { entrypoint: this.entrypoint })
      if (this.isCurrent(turn)) {
        await this.mount(grant, turn)
      }
    } catch (problem) {
      this.failed(problem)
    }
    this.surface.wait(!this.isCurrent(turn))
  }

  isCurrent(turn) {
    return !this.over && turn === this.turn
  }

  async mount(grant, turn) {
    if (grant.client.domain) {
      this.policy.origins.add(new URL(grant.client.domain).origin)
    }
    this.environment = grant.environment
    const feature = new EmbedFeature(this.tools.library.client(grant.client), {
      grant, mountPoint: this.surface.mountPoint, whenReported: this.reported,
    })
    this.feature = feature
    const iframe = await feature.mount()
    if (!this.isCurrent(turn)) {
      return feature.unmount()
    }
    this.frame = new FrameObserver(this, iframe)
    this.frame.start()
    this.helpTimer = setTimeout(() => this.surface.offerHelp(true), HELP_AFTER)
    if (this.feature.lostPatient) {
      this.failed(new Refusal("patient_lost"))
    }
    return announce(this.element, "mounted", { patientId: this.patientId })
  }

  clear() {
    clearTimeout(this.helpTimer)
    this.surface.offerHelp(false)
    this.frame?.stop()
    this.feature?.unmount()
    Object.assign(this, { frame: null, feature: null })
  }

  reported = async (event) => {
    this.renewals = 0
    const goesOn = announce(this.element, ANNOUNCED[event.type] ?? "reported", { event, patientId: this.patientId })
    const outcome = await this.tools.outbox.add({ patientId: this.patientId, environment: this.environment, event })
    if (goesOn && event.type === "treatmentPlan.activated") {
      this.stop({ plan: outcome })
    }
  }

  frameSpoke() {
    clearTimeout(this.helpTimer)
    this.surface.offerHelp(false)
  }

  /** A grant that was too old or used already is replaced quietly; what fails again is said in words. */
  frameFailed(messages) {
    this.frameSpoke()
    const [code] = (messages[0] ?? "").split(":")
    if (code === "INVALID_SECRET_TOKEN" && this.renewals < MOST_RENEWALS) {
      this.renewals++
      announce(this.element, "grant-renewed", { attempt: this.renewals })
      this.open()
      return
    }
    this.failed(new Refusal(code || "unknown", { detail: messages.join("\n") }))
  }

  /** It is the cause of whatever fails next, so it stays what is said. */
  policyBlocked(directive, origin) {
    this.blocked = new Refusal("policy_blocked", { detail: `${directive} ${origin}` })
    this.failed(this.blocked)
  }

  surfaceDismissed() {
    this.stop()
  }

  helpWanted() {
    this.advise(new Refusal("not_showing", { detail: location.origin }), "calm")
  }

  failed(problem) {
    const refusal = this.blocked ??
      (problem instanceof Refusal ? problem : new Refusal("unknown", { detail: problem.message }))
    const { code, status } = refusal
    if (!this.over && announce(this.element, "error", { code, status, patientId: this.patientId })) {
      this.advise(refusal)
    }
  }

  advise(refusal, tone = "problem") {
    const { action, ...words } = adviceFor(refusal)
    this.surface.notice.show({ ...words, tone, actions: action ? [this.control(action, refusal)] : [] })
  }

  control({ kind, label }, { connectUrl }) {
    if (kind === "retry") {
      return { label, run: this.retry }
    }
    return { label, href: this.tools.onward(kind, { connectUrl, entrypoint: this.entrypoint }) }
  }

  retry = () => {
    this.renewals = 0
    this.open()
  }
}
