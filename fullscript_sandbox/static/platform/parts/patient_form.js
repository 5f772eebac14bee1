import { html, useEffect, useRef, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useAction } from "../hooks.js"
import { Busy, Failure } from "./feedback.js"
import { SelectField, TextField } from "./form.js"

const SEXES = [
  ["", "Not known"],
  ["female", "Female"],
  ["male", "Male"],
  ["x", "Prefer not to say"],
]
// What the browser library calls it (its types, PatientOptions), and what the patient's record calls it.
const SEX_OF = new Map([
  ["male", "male"],
  ["female", "female"],
  ["x", "x"],
  ["prefer not to say", "x"],
])

function startFrom(data) {
  return {
    "first_name": data.first_name ?? "",
    "last_name": data.last_name ?? "",
    email: data.email ?? "",
    "date_of_birth": data.date_of_birth ?? "",
    gender: SEX_OF.get(data.biological_sex ?? data.gender) ?? "",
    "mobile_number": data.mobile_number ?? "",
    discount: String(data.discount ?? ""),
  }
}

/** A ten-digit number as people write it, in the form that is stored: +12223334444. */
function storedNumber(text) {
  const digits = text.replace(/[\s().-]/gu, "")
  if (/^\d{10}$/u.test(digits)) {
    return `+1${digits}`
  }
  return /^1\d{10}$/u.test(digits) ? `+${digits}` : digits
}

/** The failure without what is said at the fields already. */
function elsewhere(failure) {
  const said = Object.values(failure.fields ?? {}).flat()
  return { message: failure.message, messages: (failure.messages ?? []).filter((one) => !said.includes(one)) }
}

function Fields({ values, set, wrong }) {
  const field = (name, label, rest = {}) =>
    html`<${TextField} id=${`patient-${name}`} label=${label} value=${values[name]} onValue=${set(name)} wrong=${wrong[name]} ...${rest} />`
  return html`<div class="form-grid">
    ${field("first_name", "First name", { autocomplete: "off", required: true })}
    ${field("last_name", "Last name", { autocomplete: "off", required: true })}
    <div class="whole">${field("email", "E-mail", { type: "email", autocomplete: "off", required: true })}</div>
    ${field("date_of_birth", "Date of birth", { type: "date", optional: true })}
    <${SelectField} id="patient-gender" label="Sex" value=${values.gender} onValue=${set("gender")} options=${SEXES} wrong=${wrong.gender} optional />
    ${field("mobile_number", "Mobile number", { type: "tel", optional: true, hint: "Ten digits. Plans are texted to it.", autocomplete: "off" })}
    ${field("discount", "Discount in %", { inputmode: "decimal", optional: true, hint: "On top of the clinic’s own.", autocomplete: "off" })}
  </div>`
}

/**
 * The form of a patient's details, filled from `data`; `onSubmit` gets them as they are stored, and its
 * failure is shown at the fields. `taken` is shown when somebody else has the e-mail address; it gets the address
 * and a way to submit again with something more.
 */
export function PatientForm({ data, label, busyLabel, onSubmit, taken, children }) {
  const [values, setValues] = useState(() => startFrom(data))
  const form = useRef(null)
  const set = (name) => (value) => setValues((before) => ({ ...before, [name]: value }))
  const [submit, { busy, failure }] = useAction((more = {}) =>
    onSubmit({ ...values, "mobile_number": storedNumber(values.mobile_number), ...more }),
  )
  useEffect(() => form.current?.querySelector("[aria-invalid]")?.focus(), [failure])
  const submitted = (event) => {
    event.preventDefault()
    submit()
  }
  const wrong = failure?.fields ?? {}
  return html`<form ref=${form} class="patient-form" onSubmit=${submitted} novalidate>
    ${failure && html`<${Failure} failure=${elsewhere(failure)} />`}
    ${wrong.email?.some((message) => message.includes("taken")) && taken?.(values.email, submit)}
    <${Fields} values=${values} set=${set} wrong=${wrong} />
    ${children}
    <button type="submit" class="btn btn-primary" disabled=${busy}>
      ${busy ? html`<${Busy} label=${busyLabel} />` : label}
    </button>
  </form>`
}
