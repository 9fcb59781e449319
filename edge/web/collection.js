// Pictures of a label, taken while a button or the space bar is held.
const REPEAT = 400; // milliseconds; the server forgets a button that nobody says is still held

export class Collection {
  #byId;
  #write;
  #post;
  #timer = null;
  #names = "";
  #label = null; // kept here, because a picture that was under way may not know a new label yet

  constructor(byId, write, post) {
    this.#byId = byId;
    this.#write = write;
    this.#post = post;
    const hold = byId("hold");
    hold.addEventListener("pointerdown", (event) => {
      hold.setPointerCapture(event.pointerId);
      this.#start();
    });
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
      hold.addEventListener(kind, () => this.#stop());
    }
    hold.addEventListener("contextmenu", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => this.#key(event, () => this.#start()));
    document.addEventListener("keyup", (event) => this.#key(event, () => this.#stop()));
    window.addEventListener("blur", () => this.#stop());
    byId("undo").addEventListener("click", () => this.#send("/collect/undo"));
    byId("new-label").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
  }

  show(state) {
    const names = JSON.stringify(Object.keys(state.counts));
    if (names !== this.#names) {
      this.#names = names;
      this.#list(Object.keys(state.counts));
    }
    for (const choice of this.#byId("labels").querySelectorAll("label")) {
      this.#write(choice.lastChild, String(state.counts[choice.firstChild.value]));
    }
    const taking = this.#byId("taking");
    taking.hidden = state.holding === null;
    this.#write(taking, state.holding ?? "");
    this.#byId("hold").disabled = this.#label === null;
    if (state.trouble !== null) this.#write(this.#byId("trouble"), state.trouble);
  }

  #list(labels) {
    this.#label ??= labels[0] ?? null;
    const choices = labels.map((label) => {
      const choice = document.createElement("label");
      const [button, name, count] = ["input", "span", "b"].map((tag) => document.createElement(tag));
      Object.assign(button, { type: "radio", name: "label", value: label });
      button.addEventListener("change", () => this.#choose(label));
      name.textContent = label;
      choice.append(button, name, count);
      return choice;
    });
    this.#byId("labels").querySelectorAll("label").forEach((choice) => choice.remove());
    this.#byId("labels").append(...choices);
    this.#choose(this.#label);
  }

  #choose(label) {
    this.#label = label;
    for (const button of this.#byId("labels").querySelectorAll("input")) button.checked = button.value === label;
  }

  // The space bar, but where it means something else: in a field, on another button.
  #key(event, act) {
    if (event.code !== "Space" || this.#byId("collect").hidden) return;
    const at = event.target;
    if (at.closest("button, input") && at !== this.#byId("hold") && at.type !== "radio") return;
    event.preventDefault();
    if (!event.repeat) act();
  }

  #start() {
    const label = this.#label;
    if (this.#timer !== null || label === null) return;
    this.#write(this.#byId("trouble"), "");
    this.#byId("hold").dataset.held = "yes";
    const say = () => this.#send("/collect/hold", { label });
    this.#timer = setInterval(say, REPEAT);
    say();
  }

  #stop() {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#byId("hold").dataset.held = "no";
    this.#send("/collect/release");
  }

  async #add() {
    const field = this.#byId("new-name");
    const label = field.value.trim();
    if (label === "" || !(await this.#send("/collect/label", { label }))) return;
    field.value = "";
    this.#choose(label);
  }

  async #send(path, body) {
    try {
      await this.#post(path, body);
      if (path === "/collect/label") this.#write(this.#byId("trouble"), "");
      return true;
    } catch (error) {
      this.#write(this.#byId("trouble"), error.message);
      return false;
    }
  }
}
