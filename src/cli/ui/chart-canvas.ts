/**
 * Dots on a grid of character cells. Braille has 2 × 4 dots a cell; the marks canvas has one, and a
 * mark a series, for terminals without UTF-8 or without colour.
 */
export interface Canvas {
  /** Dots across and down. */
  readonly width: number;
  readonly height: number;
  /** Sets a dot; (0, 0) is top left. Dots outside are dropped. */
  dot(x: number, y: number, series: number): void;
  /** Rows of cells: each a character and the series that painted it last, or undefined where nothing is. */
  cells(): readonly (readonly CanvasCell[])[];
}

export interface CanvasCell {
  readonly character: string;
  readonly series: number | undefined;
}

/** A canvas of `columns × rows` cells. */
export function brailleCanvas(columns: number, rows: number): Canvas {
  const bits = new Uint8Array(columns * rows);
  const owners = new Int16Array(columns * rows).fill(-1);
  return {
    width: columns * 2,
    height: rows * 4,
    dot(x, y, series) {
      if (x < 0 || y < 0 || x >= columns * 2 || y >= rows * 4) return;
      const cell = Math.floor(y / 4) * columns + Math.floor(x / 2);
      bits[cell] = (bits[cell] ?? 0) | (brailleDots[y % 4]?.[x % 2] ?? 0);
      owners[cell] = series;
    },
    cells: () =>
      rowsOf(columns, rows, (cell) => ({
        character: bits[cell] === 0 ? " " : String.fromCharCode(0x2800 + (bits[cell] ?? 0)),
        series: (owners[cell] ?? -1) < 0 ? undefined : owners[cell],
      })),
  };
}

/** A canvas where series `i` draws with `marks[i]`. */
export function marksCanvas(columns: number, rows: number): Canvas {
  const owners = new Int16Array(columns * rows).fill(-1);
  return {
    width: columns,
    height: rows,
    dot(x, y, series) {
      if (x >= 0 && y >= 0 && x < columns && y < rows) owners[y * columns + x] = series;
    },
    cells: () =>
      rowsOf(columns, rows, (cell) => {
        const series = owners[cell] ?? -1;
        return series < 0 ? { character: " ", series: undefined } : { character: markOf(series), series };
      }),
  };
}

/** The mark of a series on the marks canvas. */
export function markOf(series: number): string {
  return marks[series % marks.length] ?? "*";
}

const marks = ["*", "o", "+", "x", "#", "@", "%", "&"];

/** A straight run of dots from one point to another (Bresenham 1965). */
export function drawLine(
  canvas: Canvas,
  from: { x: number; y: number },
  to: { x: number; y: number },
  series: number,
): void {
  const stepX = Math.sign(to.x - from.x);
  const stepY = Math.sign(to.y - from.y);
  const spanX = Math.abs(to.x - from.x);
  const spanY = Math.abs(to.y - from.y);
  let { x, y } = from;
  let error = spanX - spanY;
  for (;;) {
    canvas.dot(x, y, series);
    if (x === to.x && y === to.y) return;
    const doubled = 2 * error;
    if (doubled > -spanY) {
      error -= spanY;
      x += stepX;
    }
    if (doubled < spanX) {
      error += spanX;
      y += stepY;
    }
  }
}

/** Unicode's numbering of the dots: U+2800 plus these bits. */
const brailleDots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

function rowsOf(columns: number, rows: number, cellAt: (cell: number) => CanvasCell): CanvasCell[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cellAt(row * columns + column)),
  );
}
