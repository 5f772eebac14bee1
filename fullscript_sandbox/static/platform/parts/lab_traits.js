import { html } from "../../vendor/htm/preact/standalone.module.js"
import { capitalized, counted } from "../words.js"
import { Icon } from "./feedback.js"

/** What a patient has to do for a lab, at a glance. */
export function LabTraits({ lab }) {
  const traits = [
    ["list-check", counted(lab.tests.length, "test", "tests")],
    ["droplet", capitalized(lab.sample_type)],
    lab.requires_fasting ? ["cup-hot", "Fasting"] : null,
    lab.requires_appointment ? ["calendar-event", "Appointment"] : ["house", "At home"],
    ["hourglass-split", `Results in ${counted(lab.turnaround_days, "day", "days")}`],
  ]
  return html`<ul class="traits">
    ${traits.filter(Boolean).map(([icon, text]) => html`<li key=${text}><${Icon} name=${icon} /> ${text}</li>`)}
  </ul>`
}
