// The symbol straightened to a small square, by which the gate measures its colour (kiosk/devices/swatch.py).

const SIDE = 48;
const LEAST_AREA = 21 * 21; // pixels: one for each module of the smallest symbol

// Red, green and blue of each place of the square, in Base64; "" for a symbol too small to tell its colour.
export function swatch({ data, width, height }, corners) {
  if (area(corners) < LEAST_AREA) return "";
  const bytes = new Uint8Array(SIDE * SIDE * 3);
  for (let place = 0; place < SIDE * SIDE; place += 1) {
    const across = ((place % SIDE) + 0.5) / SIDE;
    const down = (Math.floor(place / SIDE) + 0.5) / SIDE;
    const x = within(between(corners, "x", across, down), width);
    const y = within(between(corners, "y", across, down), height);
    const pixel = 4 * (y * width + x);
    bytes.set(data.subarray(pixel, pixel + 3), 3 * place);
  }
  return btoa(String.fromCharCode(...bytes));
}

function between({ topLeft, topRight, bottomRight, bottomLeft }, axis, across, down) {
  const above = topLeft[axis] + (topRight[axis] - topLeft[axis]) * across;
  const below = bottomLeft[axis] + (bottomRight[axis] - bottomLeft[axis]) * across;
  return above + (below - above) * down;
}

function within(value, size) {
  return Math.min(Math.max(Math.floor(value), 0), size - 1);
}

// Half the cross product of the diagonals.
function area({ topLeft, topRight, bottomRight, bottomLeft }) {
  const [dx, dy] = [bottomRight.x - topLeft.x, bottomRight.y - topLeft.y];
  const [ex, ey] = [bottomLeft.x - topRight.x, bottomLeft.y - topRight.y];
  return Math.abs(dx * ey - dy * ex) / 2;
}
