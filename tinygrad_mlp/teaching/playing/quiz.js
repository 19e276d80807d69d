// The quiz: a number is asked for before it is shown.

/** How far an answer may be from a number, as a part of it. */
const TOLERANCE = 0.01;

const quiz = { right: 0, asked: 0, tried: false };
const question = tag("label", "question");
const answer = tag("input", "answer");
Object.assign(answer, { type: "text", inputMode: "text", autocomplete: "off", id: "answer" });
question.htmlFor = "answer";
const check = tag("button", "", "Check");
check.type = "submit";
const give = playerButton("Show me", "Show the number", () => giveAway());
const verdict = tag("p", "verdict");
const score = tag("span", "score");
const form = tag("form", "quiz", question, answer, check, give, verdict);

/** The number that somebody wrote: also 1/3, a comma, or a longer minus; NaN if it is none. */
function numberOf(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  const [whole, part, ...rest] = plain.split("/");
  if (plain === "" || rest.length > 0 || part?.trim() === "") return NaN;
  return part === undefined ? Number(whole) : Number(whole) / Number(part);
}

function isRight(given, wanted) {
  return Math.abs(given - wanted) <= TOLERANCE * Math.abs(wanted) + 1e-12;
}

/** Says by how much an answer is not right. */
function judged(given, wanted) {
  const difference = Number(Math.abs(given - wanted).toPrecision(3));
  const size = given > wanted ? "too large" : "too small";
  return given !== 0 && isRight(-given, wanted)
    ? `Not right: the sign. It is ${difference} ${size}.`
    : `Not right: it is ${difference} ${size}.`;
}

function ask() {
  play.isAsking = true;
  quiz.tried = false;
  answer.value = "";
  verdict.textContent = "";
  update();
  announce(`${position.textContent}: ${question.textContent}`);
  answer.focus({ preventScroll: true });
}

/** Shows the number that was asked for. */
function giveAway(begin = "") {
  show(play.count + 1, { isFlowing: true });
  said.textContent = begin + said.textContent;
  announce(`${position.textContent}: ${said.textContent}`);
  toNext.focus({ preventScroll: true });
}

function submit(event) {
  event.preventDefault();
  const given = numberOf(answer.value);
  if (Number.isNaN(given)) {
    verdict.textContent = "Type a number, such as -1.5 or 1/3.";
    announce(verdict.textContent);
    return;
  }
  const wanted = steps[play.count].answer;
  const right = isRight(given, wanted);
  if (!quiz.tried) {
    quiz.asked += 1;
    if (right) quiz.right += 1;
    score.textContent = `${quiz.right} of ${quiz.asked} right at once`;
  }
  quiz.tried = true;
  if (right) giveAway("Right. ");
  else {
    verdict.textContent = judged(given, wanted);
    announce(verdict.textContent);
    answer.select();
  }
}

if (page.quiz) {
  words.append(form);
  controls.append(score);
  for (const made of [playing, toEnd]) made.hidden = true;
  slider.disabled = true; // it would show what is asked for
  form.addEventListener("submit", submit);
  answer.addEventListener("keydown", (event) => event.stopPropagation()); // a minus is no zoom
  PLAYER_KEYS[" "] = () => next();
  PLAYER_KEYS.End = () => undefined;
  next = () => {
    if (play.isAsking) return announce("Type the number, or press Show me.");
    return steps[play.count]?.question ? ask() : show(play.count + 1, { isFlowing: true });
  };
  afterUpdate = () => {
    form.hidden = !play.isAsking;
    toNext.disabled ||= play.isAsking;
    if (!play.isAsking) return;
    question.textContent = steps[play.count].question;
    said.textContent = "";
    formulaLine.textContent = "";
    terms.replaceChildren();
  };
  show(0);
}
