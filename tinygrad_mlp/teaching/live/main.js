// Everything follows from the numbers: the drawing at once, curves and plane with the next frame.

let waiting = false;
let detail = 1; // of curves and plane; less of it where they take long
const LONGEST = 50; // milliseconds

function drawLater() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const began = performance.now();
    drawCurves(everythingNow(), Math.round(161 * detail));
    if (dials.length > 1) drawPlane(Math.round(45 * detail));
    if (performance.now() - began > LONGEST) detail = Math.max(0.8 * detail, 0.3);
  });
}

function update() {
  const found = everythingNow();
  showGraph(found);
  showSteps(found);
  showNumbers(found);
  drawLater();
}

byId("title").textContent = data.title;
byId("program").textContent = data.program;
addControls();
addSteps();
options(byId("curve-by"), 0);
addPlane();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawLater);
update();
