// Shows while an editor changes the numbers what the crops will be, and lets the focal point be set on the
// picture itself. The numbers are the form: without this file they do the same.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const desk = document.querySelector(".crop-desk");
  const x = document.getElementById("id_focus_x");
  const y = document.getElementById("id_focus_y");
  if (!desk || !x || !y) return;

  const picture = desk.querySelector(".crop-focus img");
  const point = desk.querySelector(".crop-point");
  const proportion = desk.dataset.width / desk.dataset.height;
  const ratios = { wide: 16 / 9, card: 4 / 3, square: 1 };
  const between = (least, value, most) => Math.max(least, Math.min(value, most));
  const part = (field, empty) => (field.value === "" ? empty : between(0, Number(field.value), 100) / 100);

  // Left, top, width and height of a crop, in parts of the picture; as articles.renditions.region has it.
  function region(name) {
    const fields = ["left", "top", "width"].map((edge) => document.getElementById(`id_${name}_${edge}`));
    const tall = proportion / ratios[name]; // of a crop as wide as the picture
    if (fields.every((field) => field.value !== "") && Number(fields[2].value) > 0) {
      const width = between(0, part(fields[2]), Math.min(1, 1 / tall));
      const [left, top] = [part(fields[0]), part(fields[1])];
      return [between(0, left, 1 - width), between(0, top, 1 - width * tall), width, width * tall];
    }
    const [width, height] = tall <= 1 ? [1, tall] : [1 / tall, 1];
    return [
      between(0, part(x, 0.5) - width / 2, 1 - width),
      between(0, part(y, 0.5) - height / 2, 1 - height),
      width,
      height,
    ];
  }

  function show() {
    point.style.left = `${100 * part(x, 0.5)}%`;
    point.style.top = `${100 * part(y, 0.5)}%`;
    for (const crop of desk.querySelectorAll("[data-crop]")) {
      const [left, top, width, height] = region(crop.dataset.crop);
      const image = crop.querySelector("img");
      image.src = picture.src;
      crop.classList.add("crop-live");
      image.style.width = `${100 / width}%`;
      image.style.height = `${100 / height}%`;
      image.style.left = `${(-100 * left) / width}%`;
      image.style.top = `${(-100 * top) / height}%`;
    }
  }

  function focusOn(across, down) {
    x.value = between(0, across, 100).toFixed(1);
    y.value = between(0, down, 100).toFixed(1);
    show();
  }

  picture.addEventListener("click", (event) => {
    const { left, top, width, height } = picture.getBoundingClientRect();
    focusOn((100 * (event.clientX - left)) / width, (100 * (event.clientY - top)) / height);
  });

  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  point.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    focusOn(100 * part(x, 0.5) + far * step[0], 100 * part(y, 0.5) + far * step[1]);
  });

  for (const field of document.querySelectorAll("input.percent")) {
    field.addEventListener("input", show);
  }
  point.hidden = false;
  show();
});
