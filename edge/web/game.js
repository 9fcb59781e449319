// A match: the server keeps it, the page shows it and counts down between two pictures.
const WORDS = { win: "You win the round", lose: "The computer wins the round", draw: "A draw", unseen: "I could not see your hand" };
const TICK = 50; // milliseconds
const GIVEN_UP = "No hand could be seen for several rounds, so the match was stopped. Press Play to begin another one.";

function hand(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#hand-${name ?? "none"}`);
  drawing.append(use);
  return drawing;
}

export class Game {
  #byId;
  #write;
  #until = 0;
  #phase = "waiting";
  #known = "";

  constructor(byId, write, post) {
    this.#byId = byId;
    this.#write = write;
    byId("start").addEventListener("click", () => post("/game/start").catch((error) => console.warn(error)));
    setInterval(() => this.#count(), TICK);
  }

  show(state) {
    this.#until = performance.now() + 1000 * state.left;
    this.#phase = state.phase;
    const last = state.rounds.at(-1);
    const round = this.#byId("round");
    round.dataset.phase = state.phase;
    this.#byId("duel").hidden = !last || !["result", "over"].includes(state.phase);
    this.#byId("answer").hidden = ["result", "over"].includes(state.phase);
    if (last) {
      this.#byId("person-hand").setAttribute("href", `#hand-${last.person ?? "none"}`);
      this.#byId("computer-hand").setAttribute("href", `#hand-${last.computer}`);
      this.#write(this.#byId("outcome"), this.#outcome(state, last));
    }
    this.#write(this.#byId("person-score"), String(state.person));
    this.#write(this.#byId("computer-score"), String(state.computer));
    this.#write(this.#byId("best-of"), `best of ${state.best_of}`);
    this.#write(this.#byId("start"), { waiting: "Play", over: "Rematch" }[state.phase] ?? "Start again");
    this.#write(this.#byId("given-up"), state.given_up ? GIVEN_UP : "");
    this.#history(state.rounds);
    this.#count();
  }

  #outcome(state, last) {
    if (state.phase === "over") return state.person > state.computer ? "You win the match" : "The computer wins the match";
    return WORDS[last.outcome];
  }

  #history(rounds) {
    const known = JSON.stringify(rounds);
    if (known === this.#known) return;
    this.#known = known;
    const items = rounds.map((played) => {
      const item = document.createElement("li");
      item.dataset.outcome = played.outcome;
      item.title = `${played.person ?? "no hand"} against ${played.computer}: ${played.outcome}`;
      item.append(hand(played.person), hand(played.computer));
      return item;
    });
    this.#byId("rounds").replaceChildren(...items);
  }

  #count() {
    const left = Math.max(0, this.#until - performance.now()) / 1000;
    const words = { countdown: String(Math.max(1, Math.ceil(left))), shoot: "Shoot!" };
    this.#write(this.#byId("count"), words[this.#phase] ?? "");
  }
}
