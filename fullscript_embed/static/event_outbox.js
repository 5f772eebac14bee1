import { announce } from "./announce.js"
import { OutboxStorage } from "./outbox_storage.js"
import { Refusal } from "./refusal.js"

const FIRST_PAUSE = 1000 // ms
const LONGEST_PAUSE = 60_000

function tell(name, { body }, detail) {
  announce(document, name, { ...detail, patientId: body.patient_id, type: body.event.type })
}

/**
 * Posts what Fullscript reported to the host's server, in order, and keeps it until the server has it:
 * a lost network, a deploy, an expired session or a server error only mean later. The server stores an
 * event once however often it arrives, by the event's id. It never posts for another user than the one
 * the event was reported to.
 * Announces on the document: event-stored, event-waiting, error (refused for good).
 */
export class EventOutbox {
  constructor(backend, { eventsUrl, visitor }) {
    Object.assign(this, { backend, eventsUrl, visitor, storage: new OutboxStorage(visitor) })
    this.outcomes = new Map()
    this.pause = FIRST_PAUSE
    this.timer = null
    this.flushing = null
  }

  start() {
    window.addEventListener("online", this.hurry)
    document.addEventListener("visibilitychange", this.shown)
    this.hurry()
  }

  stop() {
    window.removeEventListener("online", this.hurry)
    document.removeEventListener("visibilitychange", this.shown)
    clearTimeout(this.timer)
  }

  /** Keeps one event, then tries to post all that wait. Answers "stored", "waiting" or "refused". */
  async add({ patientId, environment, event }) {
    const key = event.id ?? String(Date.now())
    const dropped = this.storage.add({ key, body: { "patient_id": patientId, environment, event } })
    for (const entry of dropped) {
      tell("error", entry, { code: "outbox_full" })
    }
    await this.flush()
    return this.storage.has(key) ? "waiting" : this.outcomes.get(key)
  }

  hurry = () => {
    this.pause = FIRST_PAUSE
    this.flush()
  }

  shown = () => {
    if (document.visibilityState === "visible") {
      this.hurry()
    }
  }

  flush = async () => {
    clearTimeout(this.timer)
    this.flushing ??= this.sendAll().finally(() => { this.flushing = null })
    await this.flushing
  }

  async sendAll() {
    while (this.visitor && this.storage.first) {
      if (!await this.send(this.storage.first)) {
        return
      }
    }
  }

  /** Answers true when the entry is done with, stored or refused for good. */
  async send(entry) {
    try {
      const session = await this.backend.session()
      if (session.visitor !== this.visitor) {
        throw new Refusal("another_user", { status: 401 })
      }
      const answer = await this.backend.postAs(session, this.eventsUrl, entry.body)
      this.finish(entry, "event-stored", { id: answer.id, duplicate: answer.duplicate })
      return true
    } catch (refusal) {
      return this.refused(entry, refusal)
    }
  }

  refused(entry, refusal) {
    const { code, status, message, mayPass } = refusal
    if (mayPass !== false) {
      tell("event-waiting", entry, { code: code ?? "unknown", status })
      this.later()
      return false
    }
    this.finish(entry, "error", { code, status, message })
    return true
  }

  finish(entry, name, detail) {
    this.storage.remove(entry)
    this.outcomes.set(entry.key, name === "error" ? "refused" : "stored")
    this.pause = FIRST_PAUSE
    tell(name, entry, detail)
  }

  later() {
    this.timer = setTimeout(this.flush, this.pause * (0.5 + Math.random() / 2))
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE)
  }
}
