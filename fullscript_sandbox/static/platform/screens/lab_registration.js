import { html, useCallback, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { Empty, Icon } from "../parts/feedback.js"
import { LabRegistrationForm } from "../parts/lab_registration_form.js"
import { LicenseForm } from "../parts/license_form.js"

/** What stands before the labs: the button is there, and says what is missing before it can be pressed. */
function Invitation({ registration, onRegister, onLicense }) {
  const missing = registration.npi === null
  return html`<section class="registration" aria-labelledby="registration-title">
    <${Icon} name="droplet-half" class="bi bi-droplet-half registration-icon" />
    <h1 id="registration-title">Recommend labs</h1>
    <p>
      Register once with your NPI and agree to the terms of Fullscript Labs. It takes two minutes; after that the labs are
      here, beside the catalog.
    </p>
    <button
      type="button"
      class="btn btn-primary"
      aria-disabled=${missing ? "true" : null}
      aria-describedby=${missing ? "registration-missing" : null}
      onClick=${missing ? null : onRegister}
    >
      Register for labs
    </button>
    ${missing &&
    html`<p class="registration-missing" id="registration-missing">
      <${Icon} name="info-circle" /> Your NPI is missing.${" "}
      <button type="button" class="btn btn-link" onClick=${onLicense}>Edit license information</button>
    </p>`}
  </section>`
}

/** Leads a practitioner from the invitation to the labs; tells everybody else who has to do it. */
export function LabRegistration({ registration, onChange }) {
  const { announce } = useSurroundings()
  const [step, setStep] = useState("invitation") // then "license" or "form"
  const back = useCallback(() => setStep("invitation"), [])
  const { practitioner } = registration
  if (!registration.is_self) {
    return html`<h1 class="visually-hidden">Labs</h1>
      <${Empty} icon="droplet-half" title=${`${practitioner.name} has not registered for labs yet`}>
        <p>Only ${practitioner.name} can do that: signed in to Fullscript, under Labs.</p>
      <//>`
  }
  if (step === "license") {
    const saved = (changed) => {
      onChange(changed)
      announce("Your license information was saved.")
      back()
    }
    return html`<${LicenseForm} onSaved=${saved} onCancel=${back} />`
  }
  if (step === "form") {
    const registered = (changed) => {
      announce("You are registered for labs.")
      onChange(changed)
    }
    return html`<${LabRegistrationForm} registration=${registration} onRegistered=${registered} onCancel=${back} />`
  }
  return html`<${Invitation} registration=${registration} onRegister=${() => setStep("form")} onLicense=${() => setStep("license")} />`
}
