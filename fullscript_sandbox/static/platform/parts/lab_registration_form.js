import { html, useCallback, useEffect, useRef, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useAction } from "../hooks.js"
import { Busy, Failure } from "./feedback.js"
import { TextField } from "./form.js"

const EMPTY = {
  "first_name": "",
  "last_name": "",
  license: "",
  terms: false,
  signature: "",
  agreement: false,
  authorization: false,
}

function Agreement({ id, label, value, onValue }) {
  return html`<div class="form-check">
    <input
      type="checkbox"
      class="form-check-input"
      id=${id}
      checked=${value}
      onChange=${({ currentTarget }) => onValue(currentTarget.checked)}
    />
    <label class="form-check-label" for=${id}>${label}</label>
  </div>`
}

function Details({ npi, values, set, wrong }) {
  return html`<${TextField} id="labs-first" label="First name" value=${values.first_name} onValue=${set("first_name")} wrong=${wrong.first_name} autocomplete="off" />
    <${TextField} id="labs-last" label="Last name" value=${values.last_name} onValue=${set("last_name")} wrong=${wrong.last_name} autocomplete="off" />
    <${TextField} id="labs-npi" label="NPI number" value=${npi} onValue=${() => null} readonly />
    <${TextField} id="labs-license" label="State license" value=${values.license} onValue=${set("license")} optional />`
}

function Terms({ values, set }) {
  return html`<div class="legal" tabindex="0" role="region" aria-label="Terms of Service">
      <p>Fullscript Labs lets you recommend laboratory tests to patients in the United States.</p>
      <p>You recommend only what is within your license, and you read every result that comes.</p>
      <p>These terms are an example: in this sandbox nothing is ordered from a laboratory.</p>
    </div>
    <${Agreement} id="labs-terms" label="I agree to Fullscript Labs' Terms of Service" value=${values.terms} onValue=${set("terms")} />`
}

function Associate({ values, set, wrong }) {
  return html`<div class="legal" tabindex="0" role="region" aria-label="Business Associate Agreement">
      <p>Fullscript handles your patients' protected health information on your behalf, and for labs only.</p>
      <p>This agreement is an example too: everybody in this sandbox is invented.</p>
    </div>
    <${TextField} id="labs-signature" label="Your full name as signature" value=${values.signature} onValue=${set("signature")} wrong=${wrong.signature} autocomplete="off" />
    <${Agreement} id="labs-agreement" label="I sign the Business Associate Agreement" value=${values.agreement} onValue=${set("agreement")} />`
}

function Authorization({ values, set }) {
  return html`<p>Physicians of the authorization network look at each order before the laboratory gets it.</p>
    <${Agreement} id="labs-authorization" label="I agree to the authorization network" value=${values.authorization} onValue=${set("authorization")} />`
}

// Each with the fields that it has to have, and those of which the server may complain.
const STEPS = [
  { title: "Your details", Fields: Details, needs: ["first_name", "last_name"], next: "Next" },
  { title: "Terms of Service", Fields: Terms, needs: ["terms"], next: "Next" },
  { title: "Business Associate Agreement", Fields: Associate, needs: ["signature", "agreement"], next: "Submit" },
  { title: "Authorization network", Fields: Authorization, needs: ["authorization"], next: "Done" },
]

function isFilled(value) {
  return typeof value === "string" ? value.trim() !== "" : value
}

function stepOf(failure) {
  const found = STEPS.findIndex(({ needs }) => needs.some((name) => failure.fields?.[name]))
  return found === -1 ? STEPS.length - 1 : found
}

/** Sends the form once its last step is done; where something is wrong it goes back to the step of it. */
function useRegistration({ onRegistered, onWrong }) {
  const { api } = useSurroundings()
  const send = useCallback(
    async (values) => {
      try {
        onRegistered(await api.post("labs/registration", values))
      } catch (failure) {
        onWrong(failure)
        throw failure
      }
    },
    [api, onRegistered, onWrong],
  )
  return useAction(send)
}

/** The registration in four steps: details, terms, agreement, authorization. */
export function LabRegistrationForm({ registration, onRegistered, onCancel }) {
  const [values, setValues] = useState(EMPTY)
  const [number, setNumber] = useState(0)
  const heading = useRef(null)
  useEffect(() => heading.current.focus(), [number])
  const onWrong = useCallback((failure) => setNumber(stepOf(failure)), [])
  const [register, { busy, failure }] = useRegistration({ onRegistered, onWrong })
  const { title, Fields, needs, next } = STEPS[number]
  const set = (name) => (value) => setValues((current) => ({ ...current, [name]: value }))
  const wrong = failure?.fields ?? {}
  const submit = (event) => {
    event.preventDefault()
    if (number < STEPS.length - 1) {
      setNumber(number + 1)
    } else {
      register(values)
    }
  }
  return html`<form class="registration" onSubmit=${submit} novalidate>
    <p class="overline">Step ${number + 1} of ${STEPS.length}</p>
    <h1 tabindex="-1" ref=${heading}>${title}</h1>
    ${failure && html`<${Failure} failure=${failure} />`}
    <${Fields} ...${{ values, set, wrong, npi: registration.npi }} />
    <div class="registration-actions">
      <button type="submit" class="btn btn-primary" disabled=${busy || !needs.every((name) => isFilled(values[name]))}>
        ${busy ? html`<${Busy} label="Registering…" />` : next}
      </button>
      <button type="button" class="btn btn-quiet" onClick=${number === 0 ? onCancel : () => setNumber(number - 1)}>
        ${number === 0 ? "Cancel" : "Back"}
      </button>
    </div>
  </form>`
}
