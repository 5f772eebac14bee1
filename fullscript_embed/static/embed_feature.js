import { Refusal } from "./refusal.js"

const EVENT_TYPES = ["patient.selected", "treatmentPlan.activated"]

function refuse(error) {
  throw new Refusal("mount_point_missing", { detail: error.message })
}

/**
 * One `platform` feature of the vendor's library, from create() to unmount(). The library mounts
 * asynchronously, by an element's id, and cannot unmount what was never mounted; this can.
 */
export class EmbedFeature {
  constructor(client, { grant, mountPoint, whenReported }) {
    Object.assign(this, { client, grant, mountPoint, whenReported })
    this.feature = null
    this.mounted = false
  }

  /** Answers the iframe. Rejects with a Refusal when the mount point has left the page. */
  async mount() {
    this.feature = this.client.create("platform", this.options())
    for (const type of EVENT_TYPES) {
      this.feature.on(type, this.reported)
    }
    await this.feature.mount(this.mountPoint.id).catch(refuse)
    this.mounted = true
    const iframe = this.mountPoint.querySelector("iframe")
    iframe.title = "Fullscript"
    return iframe
  }

  /** Does nothing harmful before mount(), after a mount() that failed, and the second time. */
  unmount() {
    if (this.mounted) {
      this.feature.unmount()
    } else {
      EVENT_TYPES.forEach((type) => this.feature?.off(type, this.reported))
    }
    this.mounted = false
  }

  /** A patient without any field would make the library ask for a token for nothing, so none is passed. */
  options() {
    const { secret_token: secretToken, patient, entrypoint } = this.grant
    return { secretToken, entrypoint, ...(this.hasPatient ? { patient } : {}) }
  }

  get hasPatient() {
    return Object.keys(this.grant.patient ?? {}).length > 0
  }

  /** The library swallows it when the patient's details could not be handed over; the address tells. */
  get lostPatient() {
    const { src } = this.mountPoint.querySelector("iframe")
    return this.hasPatient && new URL(src).searchParams.get("data_token") === "null"
  }

  reported = (event) => this.whenReported(event)
}
