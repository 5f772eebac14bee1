const RETRY = { kind: "retry", label: "Try again" }
const CONNECT = { kind: "connect", label: "Connect my Fullscript account" }
const SIGN_IN = { kind: "reload", label: "Sign in again" }

const ADVICE = {
  "not_connected": [
    "Connect Fullscript first.",
    "Your Fullscript account is not connected yet. You come back to this page.",
    CONNECT,
  ],
  "reconnect_required": [
    "Connect Fullscript again.",
    "Fullscript no longer accepts the connection of your account.",
    { ...CONNECT, label: "Connect again" },
  ],
  "upstream_unreachable": [
    "Fullscript cannot be reached.",
    "Nothing was lost. Try again in a moment.",
    RETRY,
  ],
  "upstream_slow": [
    "Fullscript took too long to answer.",
    "Nothing was lost. Try again in a moment.",
    RETRY,
  ],
  "rate_limited": [
    "Too many requests to Fullscript.",
    "Wait a little, then try again.",
    RETRY,
  ],
  "refused": [
    "Fullscript refused to open.",
    "If it keeps refusing, ask whoever looks after the integration to check its scopes and settings.",
    RETRY,
  ],
  "fullscript_user_unknown": [
    "It is not known who you are at Fullscript.",
    "The connection is your whole clinic's. Ask an administrator to enter your Fullscript user.",
    null,
  ],
  "patient_not_found": [
    "This patient is not available to you.",
    "The record may have been moved or removed. Go back to your list of patients.",
    null,
  ],
  "plan_not_found": [
    "The plan is not there.",
    "It is not one of this patient's in the clinic that you connected.",
    null,
  ],
  "plan_not_active": [
    "The plan cannot be used for this.",
    "It was cancelled meanwhile, or was not sent to the patient yet. Nothing was done.",
    null,
  ],
  "plan_not_open": [
    "The plan cannot be opened.",
    "Fullscript opens drafts and active plans only. This one was cancelled, or is not there any more.",
    null,
  ],
  "patient_incomplete": [
    "Fullscript does not take this patient's data yet.",
    "Complete the patient's details, or find the patient in Fullscript.",
    null,
  ],
  "practitioner_needed": [
    "Choose whose plan it is.",
    "Your clinic has no such practitioner at Fullscript.",
    RETRY,
  ],
  "switched_off": [
    "Fullscript is switched off for you.",
    "An administrator can switch it on.",
    null,
  ],
  "signed_out": [
    "You are signed out.",
    "Sign in again; you come back to this page.",
    SIGN_IN,
  ],
  "csrf": [
    "This page is too old to continue.",
    "Reload it, then open Fullscript again.",
    { kind: "reload", label: "Reload the page" },
  ],
  "network": [
    "The server cannot be reached.",
    "Check your connection, then try again.",
    RETRY,
  ],
  "library_not_loaded": [
    "The Fullscript library did not load.",
    "A network problem, a blocker in the browser or the page's Content-Security-Policy kept it away.",
    RETRY,
  ],
  "mount_point_missing": [
    "There was no place on the page to show Fullscript.",
    "The page changed while Fullscript was opening.",
    RETRY,
  ],
  "policy_blocked": [
    "This page's security policy blocks Fullscript.",
    "Its Content-Security-Policy has to allow the address below.",
    RETRY,
  ],
  "patient_lost": [
    "The patient's details did not reach Fullscript.",
    "You can search for the patient in Fullscript, or try again.",
    RETRY,
  ],
  "INVALID_SECRET_TOKEN": [
    "Fullscript did not accept the sign-in for this session.",
    "A fresh one was refused as well. If trying again does not help, the app's keys may belong to another Fullscript environment.",
    RETRY,
  ],
  "INVALID_PATIENT_ID": [
    "Fullscript does not know this patient's record.",
    "It may have been merged or removed there. Whoever looks after the integration can remove the patient's link; then open Fullscript again and match the patient.",
    RETRY,
  ],
  "not_showing": [
    "Not showing? This is what usually keeps Fullscript away.",
    "Its app settings have to list this page's address, port included, as an Origin URI, and the public key has to belong to the environment in use.",
    RETRY,
  ],
  "unknown": [
    "Fullscript could not be opened.",
    "Something unexpected happened. Try again; if it happens again, tell whoever looks after the integration.",
    RETRY,
  ],
}

// Codes with more than one cause, where the server's own words say which.
const SAID_BY_SERVER = new Set(["refused", "unknown", "plan_not_active"])

/**
 * What to say about a Refusal and what to offer: { title, text, detail, action }.
 * A code of Fullscript's own that is not in the table is shown as it came.
 */
export function adviceFor({ code, message = "", detail = "", retryAfter = null }) {
  const [title, usual, action] = ADVICE[code] ?? ADVICE.unknown
  const text = SAID_BY_SERVER.has(code) && message ? message : usual
  const wait = retryAfter ? ` Fullscript asks to wait ${retryAfter} s.` : ""
  return { title, text: text + wait, detail: code in ADVICE ? detail : detail || code, action }
}
