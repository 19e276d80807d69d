// Everything follows from the numbers: the drawing at once, curves and plane with the next frame.

let waiting = false;

function drawLater() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    drawCurves(everythingAt());
    if (dials.length > 1) drawPlane();
  });
}

function update() {
  const found = everythingAt();
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
