// The icons of the later half, on the same 24 grid.

import { icon } from "./first.js";

const shapes = {
  star: "m12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9 1.1-6.2L3 9.6l6.2-.9Z",
  check: "m5 12 5 5 9-10",
};

export const shape = (name) => icon(name, shapes[name]);
