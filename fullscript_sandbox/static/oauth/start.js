import { AccountPicker } from "./account_picker.js"

const list = document.querySelector("[data-account-picker]")
if (list) {
  new AccountPicker(list, document.querySelector("form")).start()
}
