// The page: it asks for the picture after the one it has, so that it never lags behind by more than one.
import { Collection } from "./collection.js";
import { Game } from "./game.js";

const RETRY = 1500; // milliseconds
const SILENCE = 15000; // milliseconds without an answer; a poll that finds nothing new is answered after ten seconds
const SPOKEN = 2000; // milliseconds between two labels that are read aloud
const UNKNOWN = "unknown";
const VEILS = {
  connecting: ["connecting", "Connecting …", ""],
  live: ["live", "", ""],
  silent: ["no frames", "No frames", "The camera gives nothing at the moment."],
  ended: ["ended", "The camera ended", "This page goes on when it is started again."],
  full: ["too many viewers", "Too many viewers", "This page goes on when one of them leaves."],
  lost: ["connection lost", "Connection lost", "Trying again …"],
};

const byId = (id) => document.getElementById(id);
const pause = (time) => new Promise((done) => setTimeout(done, time));
const percent = (value) => (value === null ? "–" : `${Math.round(100 * value)} %`);

function write(element, text) {
  if (element.textContent !== text) element.textContent = text; // and only as text, whatever a label holds
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
  if (!response.ok) throw new Error((await response.text()).trim());
  const state = await response.json();
  showBeside(state, true);
  return state;
}

const collection = new Collection(byId, write, post);
const game = new Game(byId, write, post);

function showState(state) {
  if (document.body.dataset.state === state) return;
  document.body.dataset.state = state;
  const [status, title, text] = VEILS[state];
  write(byId("status"), status);
  write(byId("veil-title"), title);
  write(byId("veil-text"), text);
}

// The state is whole, but beside a picture.
function showBeside(state, whole) {
  if (state.collect) collection.show(state.collect, whole);
  if (state.game) game.show(state.game);
}

function bar() {
  const row = document.createElement("li");
  const [name, value, track, fill] = ["span", "span", "div", "div"].map((tag) => document.createElement(tag));
  value.className = "value";
  track.className = "track";
  track.setAttribute("role", "meter");
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", "100");
  fill.className = "fill";
  track.append(fill);
  row.append(name, value, track);
  return row;
}

let order = new Map(); // the place of each label of the model

// A few in the model's order, of many the highest: an object forgets its order where labels are numbers.
function ranked(probabilities) {
  const classes = Object.entries(probabilities);
  const few = classes.length >= order.size;
  return classes.sort((a, b) => (few ? order.get(a[0]) - order.get(b[0]) : (b[1] ?? -1) - (a[1] ?? -1)));
}

function showBars(answer) {
  const bars = byId("bars");
  const classes = ranked(answer.probabilities);
  byId("classes").hidden = classes.length === 0;
  while (bars.children.length > classes.length) bars.lastChild.remove();
  while (bars.children.length < classes.length) bars.append(bar());
  classes.forEach(([label, probability], index) => {
    const row = bars.children[index];
    const [name, value, track] = row.children;
    write(name, label);
    write(value, percent(probability));
    row.className = label === answer.label ? "shown" : "";
    track.setAttribute("aria-label", label);
    track.setAttribute("aria-valuenow", String(Math.round(100 * (probability ?? 0))));
    track.firstChild.style.transform = `scaleX(${Math.min(1, Math.max(0, probability ?? 0))})`;
  });
}

function showModel(name) {
  if (byId("model").textContent === name) return;
  byId("model").textContent = name;
  document.title = `${name} · edgeproof`;
}

let spokenAt = 0;

function showAnswer(answer) {
  const regression = answer.label === null;
  const known = !regression && answer.label !== UNKNOWN;
  const number = answer.score === null ? "–" : String(Number(answer.score.toPrecision(4)));
  byId("answer").dataset.known = known || regression ? "yes" : "no";
  write(byId("label"), regression ? number : answer.label);
  write(byId("score"), regression ? "" : percent(answer.score));
  write(byId("latency"), `${answer.latency_ms.total.toFixed(1)} ms`);
  write(byId("age"), `${Math.round(answer.picture_age_ms)} ms`);
  write(byId("rate"), answer.rate === null ? "–" : `${answer.rate.toFixed(answer.rate < 10 ? 1 : 0)} /s`);
  write(byId("dropped"), String(answer.dropped));
  if (answer.model) showModel(answer.model.file); // where another file may take its place
  const now = performance.now();
  if (now - spokenAt > SPOKEN) {
    write(byId("spoken"), regression ? number : answer.label);
    spokenAt = now;
  }
}

function showPicture(image) {
  const canvas = byId("picture");
  if (canvas.width !== image.width || canvas.height !== image.height) {
    canvas.width = image.width;
    canvas.height = image.height;
  }
  canvas.getContext("2d").drawImage(image, 0, 0);
  image.close();
}

async function ask(path) {
  return fetch(path, { cache: "no-store", signal: AbortSignal.timeout(SILENCE) });
}

async function introduce() {
  const response = await ask("/about");
  if (response.status === 401) location.reload(); // another run with another token: ask for it
  if (!response.ok) throw new Error(response.statusText);
  const about = await response.json();
  showModel(about.model);
  byId("collect").hidden = !about.collect;
  byId("game").hidden = byId("round").hidden = !about.game;
  order = new Map(about.labels.map((label, index) => [label, index]));
  showBeside(about, true);
}

// The number of the picture that came; null where the run is to be met anew.
async function showNext(after) {
  const response = await ask(`/next?after=${after}`);
  if (response.status === 200) {
    const answer = JSON.parse(response.headers.get("X-Edgeproof-Answer"));
    showPicture(await createImageBitmap(await response.blob()));
    showBars(answer);
    showAnswer(answer);
    showBeside(answer, false);
    showState("live");
    return answer.number;
  }
  if (response.status === 204) {
    showState("silent");
    return after;
  }
  showState({ 410: "ended", 503: "full" }[response.status] ?? "lost");
  await pause(RETRY);
  return null;
}

// A page that nobody sees asks for nothing.
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
}

async function watch() {
  let number = null;
  for (;;) {
    if (document.hidden) number = null; // much may happen meanwhile
    await visible();
    try {
      if (number === null) {
        await introduce();
        number = 0;
      }
      number = await showNext(number);
    } catch (error) {
      console.warn(error);
      // The end was told before the server went, and is the better word for it.
      if (document.body.dataset.state !== "ended") showState("lost");
      number = null;
      await pause(RETRY);
    }
  }
}

// The token has become a cookie; in the address it would be seen, copied and kept.
if (location.search) history.replaceState(null, "", location.pathname);
watch();
