import { html, useCallback, useEffect, useState } from "../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "./context.js"
import { useDraft } from "./draft.js"
import { TopBar } from "./parts/top_bar.js"
import { EditPatient } from "./screens/edit_patient.js"
import { FindPatient } from "./screens/find_patient.js"
import { PickPractitioner } from "./screens/pick_practitioner.js"
import { PlanBuilder } from "./screens/plan_builder.js"
import { Review } from "./screens/review.js"
import { Sent } from "./screens/sent.js"

/** Who writes for whom, and which of the two is being chosen or changed (null when all is settled). */
function usePeople(desk) {
  const own = desk.picks_practitioner ? null : desk.practitioners[0]
  const [practitioner, setPractitioner] = useState(desk.practitioner ?? own)
  const [patient, setPatient] = useState(desk.patient)
  const [wanted, change] = useState(null) // "practitioner", "patient" or its "details"
  let choosing = wanted
  if (!practitioner) {
    choosing = "practitioner"
  } else if (!patient && wanted !== "practitioner") {
    choosing = "patient"
  }
  return { practitioner, patient, choosing, change, setPractitioner, setPatient }
}

/** The screen on which a practitioner or a patient is chosen, or the patient's details are put right. */
function Choice({ people, onPatient }) {
  const { practitioner, patient, choosing, change, setPractitioner, setPatient } = people
  const settle = (set) => (value) => {
    set(value)
    change(null)
  }
  const stay = () => change(null)
  const screens = {
    practitioner: () =>
      html`<${PickPractitioner} current=${practitioner} onPick=${settle(setPractitioner)} onCancel=${practitioner && stay} />`,
    patient: () => html`<${FindPatient} current=${patient} onPick=${settle(onPatient)} onCancel=${patient && stay} />`,
    details: () => html`<${EditPatient} patient=${patient} onDone=${settle(setPatient)} onCancel=${stay} />`,
  }
  return screens[choosing]()
}

/** True where a patient who is picked changes whom the plan is for, instead of beginning another plan. */
function takesPlanAlong({ draft, stage }) {
  return draft.isOfLink && stage !== "sent"
}

/**
 * Leads from practitioner to patient to plan to sent, and keeps what belongs to the whole visit. `around` may
 * have tell(message), for events, and guard(isNeeded), while there is unsaved work.
 */
export function Workbench({ around }) {
  const { desk } = useSurroundings()
  const people = usePeople(desk)
  const { practitioner, patient } = people
  const [stage, setStage] = useState("build")
  const draft = useDraft({ patient, practitioner })
  const startAnew = () => {
    draft.startAnew()
    setStage("build")
  }
  const picked = ({ patient: chosen, message }) => {
    around.tell?.(message)
    people.setPatient(chosen)
    if (stage === "sent" || (chosen.id !== patient?.id && !takesPlanAlong({ draft, stage }))) {
      startAnew()
    }
  }
  const sent = useCallback(
    (message) => {
      around.tell?.(message)
      setStage("sent")
    },
    [around],
  )
  const unsaved = stage !== "sent" && !draft.plan.isEmpty && !draft.isSaved
  useEffect(() => {
    around.guard?.(unsaved)
    return () => around.guard?.(false)
  }, [around, unsaved])
  if (people.choosing) {
    return html`<${Choice} people=${people} onPatient=${picked} />`
  }
  const both = { patient, practitioner, draft }
  const screens = {
    build: () => html`<${PlanBuilder} ...${both} onReview=${() => setStage("review")} onPractitioner=${people.setPractitioner} />`,
    review: () => html`<${Review} ...${both} onBack=${() => setStage("build")} onSent=${sent} />`,
    sent: () => html`<${Sent} ...${both} onAgain=${startAnew} />`,
  }
  return html`<${TopBar} ...${both} isSent=${stage === "sent"} onChange=${people.change} /> ${screens[stage]()}`
}
